"""What stations and their visitors ask for: to be known, a car, a place to go to, an end; and what has been."""

from __future__ import annotations

import uuid

from fleet.clock import Clock
from fleet.views import HistoryEntryView, RideState, RideView, StationView
from server.dispatch import views
from server.dispatch.ride_follower import RideFollower
from server.dispatch.transactions import Transactions
from server.rides import booking
from server.rides.booking import PlaceClosedError, Ride
from server.rides.under_way import Step, UnknownError
from server.store.base import Station


class VisitorDesk:
    """Takes visitors' wishes. Each may be repeated: the second one changes nothing."""

    def __init__(self, transactions: Transactions, clock: Clock, follower: RideFollower | None = None) -> None:
        """`follower` gives rides their ids; without one they are random."""
        self._transactions = transactions
        self._fleet = transactions.fleet
        self._ledger = transactions.ledger
        self._store = transactions.ledger.store
        self._clock = clock
        self._follower = follower

    async def register_station(self, device_id: str, name: str) -> StationView:
        """A station introduces itself; the same device is the same station.

        Raises:
            StoreError: if that cannot be stored.
        """
        self._ledger.check()
        async with self._transactions.lock:
            self._ledger.check()
            known = self._ledger.station_of_device(device_id)
            station = Station(known.station_id if known else uuid.uuid4().hex, device_id, name)
            await self._ledger.put_station(station)
        return StationView(station_id=station.station_id, device_id=device_id, name=name)

    def station(self, station_id: str) -> Station:
        """A station that has registered.

        Raises:
            UnknownError: if there is none with this id.
        """
        station = self._ledger.station(station_id)
        if station is None:
            raise UnknownError(f"there is no station {station_id}; register it with POST /api/stations")
        return station

    async def book(self, station_id: str, request_id: str) -> RideView:
        """Ask for a car; paired at once if one is free.

        Raises:
            UnknownError: if the station is not known.
            StoreError: if that cannot be stored.
        """
        station = self.station(station_id)
        now_s = self._clock.now_s()
        async with self._transactions.change() as fleet:
            ride = await self._store.ride_by_request(station_id, request_id)
            if ride is None:
                ride_id = uuid.uuid4().hex if self._follower is None else self._follower.new_ride_id()
                ride = fleet.rides.book(ride_id, request_id, station_id, station.device_id, now_s)
                fleet.pair(now_s)
        return await self.ride_view(ride.ride_id)

    async def choose(self, ride_id: str, place_id: str) -> RideView:
        """Choose where to go.

        Raises:
            UnknownError: if there is no such ride or place.
            IllegalStepError: if the ride cannot take the choice now.
            PlaceClosedError: if operators have closed the way there.
            StoreError: if that cannot be stored.
        """
        if place_id not in self._fleet.city.places:
            known = ", ".join(sorted(self._fleet.city.places))
            raise UnknownError(f"there is no place {place_id} in city {self._fleet.city.name}; there are {known}")
        return await self._take_step(ride_id, lambda ride: self._choose(ride, place_id))

    def _choose(self, ride: Ride, place_id: str) -> Ride:
        chosen = booking.choose(ride, place_id, self._clock.now_s())
        if chosen is not ride and not self._fleet.is_open(place_id):
            raise PlaceClosedError(f"no car can go to {place_id} now, as roads are closed: choose another place")
        return chosen

    async def cancel(self, ride_id: str) -> RideView:
        """Give up a ride; see `booking.cancel`."""
        return await self._take_step(ride_id, lambda ride: booking.cancel(ride, self._clock.now_s()))

    async def end(self, ride_id: str) -> RideView:
        """Let the car go; see `booking.end`."""
        return await self._take_step(ride_id, lambda ride: booking.end(ride, self._clock.now_s()))

    async def _take_step(self, ride_id: str, step: Step) -> RideView:
        async with self._transactions.change() as fleet:
            over = await self._finished(ride_id)
            ride = fleet.rides.apply(ride_id, step) if over is None else step(over)
        return views.ride_view(self._fleet, ride, self._clock.now_s())

    async def _finished(self, ride_id: str) -> Ride | None:
        if ride_id in self._fleet.rides.all:
            return None
        ride = await self._store.ride(ride_id)
        if ride is None:
            raise UnknownError(f"there is no ride {ride_id}")
        return ride if ride.is_final else None

    async def ride_view(self, ride_id: str) -> RideView:
        """One ride as its visitor sees it, however old: as it is stored, for what is decided may yet fail.

        Raises:
            UnknownError: if there is none with this id.
            StoreError: if an old one cannot be read.
        """
        ride = self._ledger.ride(ride_id) or await self._store.ride(ride_id)
        if ride is None:
            raise UnknownError(f"there is no ride {ride_id}")
        return views.ride_view(self._fleet, ride, self._clock.now_s())

    def ride_step(self, ride_id: str) -> tuple[RideState, int | None] | None:
        """State and place in the queue of a ride that is not over, as it is stored; cheaper than a view."""
        ride = self._ledger.ride(ride_id)
        return None if ride is None else (ride.state, self._fleet.rides.queue_position(ride))

    def ride_views(self) -> list[RideView]:
        """All rides that are not over."""
        now_s = self._clock.now_s()
        return [views.ride_view(self._fleet, ride, now_s) for ride in self._ledger.rides()]

    async def history(self, limit: int, before: int | None) -> list[HistoryEntryView]:
        """The newest `limit` events, or the newest with numbers lower than `before`; newest first.

        Raises:
            StoreError: if the store cannot be read.
        """
        return [views.history_entry_view(entry) for entry in await self._store.events(limit, before)]
