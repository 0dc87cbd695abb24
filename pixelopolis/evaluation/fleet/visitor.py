"""A visitor at a station: books, chooses, rides, lets the car go; some change their minds, some do not show up."""

from __future__ import annotations

import random
from collections.abc import Callable

from city.city import City
from fleet.clock import Clock
from fleet.views import RideState, RideView
from pixelopolis.evaluation.fleet.server_host import ServerHost
from pixelopolis.evaluation.fleet.trips import Trip, Wish
from server.dispatch.visitor_desk import VisitorDesk
from server.rides.booking import IllegalStepError, PlaceClosedError
from server.store.base import StoreError

POLL_S = 0.5
BETWEEN_VISITS_S = (1.0, 20.0)
DELIBERATION_S = (1.0, 6.0)
VISIT_S = (1.0, 8.0)
SECOND_THOUGHTS_S = (2.0, 15.0)  # after which a ride is given up
ASKED_TWICE = 0.2  # share of bookings that are sent again, as if the answer had been lost
WISHES = (
    (Wish.RIDE, 0.82),
    (Wish.LEAVE, 0.04),
    (Wish.CANCEL_WAITING, 0.03),
    (Wish.CANCEL_CHOOSING, 0.03),
    (Wish.CANCEL_RIDING, 0.05),
    (Wish.NEVER_CHOOSE, 0.03),
)


class Visitor:
    """One station and whoever stands before it. `is_right` tells by the truth whether a car stands at a place."""

    def __init__(
        self,
        name: str,
        city: City,
        server: ServerHost,
        clock: Clock,
        rng: random.Random,
        is_right: Callable[[str, str], bool],
    ) -> None:
        self._name = name
        self._places = sorted(city.places)
        self._server = server
        self._clock = clock
        self._rng = rng
        self._is_right = is_right
        self._station_id: str | None = None
        self._trip: Trip | None = None
        self._act_s = rng.uniform(*BETWEEN_VISITS_S)  # when to do next what there is to do
        self._poll_s = rng.uniform(0.0, POLL_S)
        self.trips: list[Trip] = []
        self.is_leaving = False  # books no more

    @property
    def is_idle(self) -> bool:
        """Whether no ride is under way."""
        return self._trip is None

    async def step(self) -> None:
        """Look at the ride and do what is to be done. What the server does not take is tried again later."""
        now_s, dispatcher = self._clock.now_s(), self._server.dispatcher
        if now_s < self._poll_s or dispatcher is None:
            return
        desk = dispatcher.visitors
        self._poll_s = now_s + POLL_S
        try:
            if self._trip is not None:
                await self._go_on(desk, self._trip, now_s)
            elif now_s >= self._act_s and not self.is_leaving:
                await self._come(desk, now_s)
        except StoreError:
            return

    async def _come(self, desk: VisitorDesk, now_s: float) -> None:
        wishes, weights = zip(*WISHES, strict=True)
        trip = Trip(f"{self._name}.{len(self.trips)}", self._rng.choices(wishes, weights)[0], now_s)
        self._trip = trip
        self.trips.append(trip)
        self._act_s = now_s + self._rng.uniform(*SECOND_THOUGHTS_S)
        await self._book(desk, trip)

    async def _book(self, desk: VisitorDesk, trip: Trip) -> None:
        station = await desk.register_station(f"device-{self._name}", self._name)
        ride = await desk.book(station.station_id, trip.request_id)
        if self._rng.random() < ASKED_TWICE:
            again = await desk.book(station.station_id, trip.request_id)
            trip.doubled = trip.doubled or again.ride_id != ride.ride_id
        trip.doubled = trip.doubled or trip.ride_id not in ("", ride.ride_id)
        trip.ride_id = ride.ride_id

    async def _go_on(self, desk: VisitorDesk, trip: Trip, now_s: float) -> None:
        if not trip.ride_id:
            await self._book(desk, trip)
        ride = await desk.ride_view(trip.ride_id)
        if ride.state is not trip.state:
            self._notice(trip, ride, now_s)
        if trip.is_over:
            self._trip = None
            self._act_s = now_s + self._rng.uniform(*BETWEEN_VISITS_S)
        elif now_s >= self._act_s:
            await self._act(desk, trip, ride, now_s)

    def _notice(self, trip: Trip, ride: RideView, now_s: float) -> None:
        """The ride is in another state; think about it for a while."""
        trip.state = ride.state
        trip.car_id = ride.car_id or trip.car_id
        if ride.state is RideState.CHOOSING:
            self._act_s = now_s + self._rng.uniform(*DELIBERATION_S)
        elif ride.state is RideState.RIDING:
            self._act_s = now_s + self._rng.uniform(*SECOND_THOUGHTS_S)
        elif ride.state is RideState.ARRIVED:
            self._act_s = now_s + self._rng.uniform(*VISIT_S)
            trip.arrived_s = now_s
            trip.right_place = self._is_right(ride.car_id or "", trip.place)

    async def _act(self, desk: VisitorDesk, trip: Trip, ride: RideView, now_s: float) -> None:
        gives_up = {
            RideState.WAITING: Wish.CANCEL_WAITING,
            RideState.CHOOSING: Wish.CANCEL_CHOOSING,
            RideState.RIDING: Wish.CANCEL_RIDING,
            RideState.INTERRUPTED: Wish.CANCEL_RIDING,
        }
        try:
            if gives_up.get(ride.state) is trip.wish:
                trip.cancelled = True
                await desk.cancel(trip.ride_id)
            elif ride.state is RideState.CHOOSING and trip.wish is not Wish.NEVER_CHOOSE:
                await self._choose(desk, trip, ride, now_s)
            elif ride.state is RideState.ARRIVED and trip.wish is not Wish.LEAVE:
                await desk.end(trip.ride_id)
        except (IllegalStepError, PlaceClosedError):
            return  # the ride has gone on, or a road was closed meanwhile; the next look shows how

    async def _choose(self, desk: VisitorDesk, trip: Trip, ride: RideView, now_s: float) -> None:
        """A place to which cars can go; another one if the way to the first was closed."""
        open_places = [place for place in self._places if place not in ride.closed_places]
        if trip.place not in open_places:
            trip.place = self._rng.choice(open_places) if open_places else ""
        if trip.place:
            trip.chosen_s = now_s
            await desk.choose(trip.ride_id, trip.place)
