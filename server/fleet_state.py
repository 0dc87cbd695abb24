"""The whole fleet at one moment: takes reports and visitors' wishes, decides, and says what each car is to be told.

Pure: no network, no store, time is handed in. The dispatcher stores what changed before it tells anyone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from city.city import City, Command
from fleet.messages import DriveMode, Hello, Order, Position, Release, Report, Search
from fleet.views import CarStatus, RideState
from server import booking
from server.booking import Ride
from server.car_state import LONG_SEARCH_M, CarState, search_distance_m
from server.order_desk import Goal, OrderDesk, is_order_of_ride
from server.planning import STOPPING_M, cost_to_serve, traps
from server.rides import FreeCar, Rides, UnknownError
from server.right_of_way import Limit, Refusal, Request, RightOfWay
from server.road import APPROACH_M, Road
from server.store.base import CarRecord, Snapshot

ESCAPE_AFTER_S = 6.0
CROSS_AFTER_S = 5.0  # a car that has looked for its place in vain for so long may creep on through a node
UNPLACED_HOLD_S = 60.0  # how long all wait at nodes for a car of which nobody knows where it stands
LONG_SEARCH_AFTER_S = 5.0
LONG_SEARCH_TURN_S = 15.0  # how long one car searches far before another one may
RESTART_GRACE_S = 3.0  # for cars to connect again, beyond the usual silence, before their visitors are told
MOVING_MODES = frozenset({DriveMode.DRIVING, DriveMode.BLOCKED})


class NotWelcomeError(Exception):
    """A car that cannot join; the message says why."""


class Guidance(NamedTuple):
    """What a car is to be told now."""

    order: Order | None
    release: Release | None
    search: Search | None


class FleetState:
    """Cars, rides and road of one city."""

    def __init__(self, city: City, *, seed: int = 0, order_series: str = "0") -> None:
        """Start with no cars.

        Args:
            city: where the fleet drives.
            seed: of the choices of roaming cars.
            order_series: makes order ids of this server process differ from those of earlier ones.

        Raises:
            CityTooTightError: if the city has edges too short for a car.
        """
        self.city = city
        self.road = Road(city)
        self.right_of_way = RightOfWay(self.road)
        self.cars: dict[str, CarState] = {}
        self.rides = Rides()
        self._orders = OrderDesk(city, self.right_of_way, seed=seed, series=order_series)
        self._costs_to_serve: dict[int, float] = {}
        self._records: dict[str, CarRecord] = {}

    def restore(self, snapshot: Snapshot, now_s: float) -> None:
        """Go on from what is stored: every car holds its road and counts as lost until it reports."""
        self.restore_rides(snapshot, now_s)
        for versioned in snapshot.cars:
            record = versioned.record
            if record.holding is not None and not self._fits_city(record):
                record = replace(record, holding=None, position=None)  # stored for another city
            car = CarState(record.car_id, record.device_id, record.stream_url, record.position, True)
            car.last_seen_s = now_s + RESTART_GRACE_S
            car.battery_low = record.battery_low
            self.cars[record.car_id] = car
            self._records[record.car_id] = record
            if record.holding is not None and record.position is not None:
                self.right_of_way.restore(record.car_id, record.holding, record.position.s_m)

    def restore_rides(self, snapshot: Snapshot, now_s: float) -> None:
        """Go on with the rides that are stored; nobody's time runs out for the time in which they were not at hand."""
        rides = [replace(versioned.record, changed_s=now_s) for versioned in snapshot.rides]
        self.rides = Rides(rides, snapshot.rides_created)

    def _fits_city(self, record: CarRecord) -> bool:
        held = record.holding
        if held is None or held.edge not in self.city.edges:
            return held is None
        return held.passage is None or (held.edge, held.passage.edge) in self.city.movements

    def join(self, hello: Hello, now_s: float) -> CarState:
        """A car connects, for the first time or again.

        Raises:
            NotWelcomeError: if its id is in use by another device, or the city is full.
        """
        car = self.cars.get(hello.car_id)
        if car is None:
            limit = self.road.fleet_limit
            if limit is not None and len(self.cars) >= limit:
                raise NotWelcomeError(f"city {self.city.name} has room for {limit} cars, and they are all there")
            car = self.cars[hello.car_id] = CarState(hello.car_id, hello.device_id, last_seen_s=now_s)
        elif car.device_id != hello.device_id and car.status is not CarStatus.LOST:
            raise NotWelcomeError(f"{hello.car_id} is driven by device {car.device_id}; give this car another --id")
        car.device_id = hello.device_id
        car.stream_url = hello.stream_url
        return car

    def report(self, car_id: str, report: Report, now_s: float) -> None:
        """Take a car's report.

        Raises:
            UnknownError: if it names an edge that is not in the city.
        """
        car = self.cars[car_id]
        position = report.position
        if position is not None:
            for edge in (position.edge, position.next_edge):
                if edge is not None and edge not in self.city.edges:
                    raise UnknownError(f"{car_id} reports edge {edge}, which is not in city {self.city.name}")
            if position.next_edge is not None and (position.edge, position.next_edge) not in self.city.movements:
                raise UnknownError(f"{car_id} reports to cross from edge {position.edge} to {position.next_edge}")
        car.report = report
        car.battery_low = report.battery_low
        car.last_seen_s = now_s
        if position is None or report.mode is DriveMode.LOCALISING:
            self._search(car, now_s)
            return
        self.right_of_way.move(car_id, position)
        car.position, car.position_is_stored = position, False
        car.status = CarStatus.ONLINE
        car.search_m = car.localising_since_s = car.long_search_since_s = None
        car.may_cross = False
        self._follow_order(car)

    def _search(self, car: CarState, now_s: float) -> None:
        if car.status is not CarStatus.LOCALISING or car.localising_since_s is None:
            car.status = CarStatus.LOCALISING
            car.localising_since_s = now_s
            car.may_cross, car.long_search_since_s = False, None
            car.order, car.released, car.waiting_since_s, car.wait_reason = None, None, None, None
            car.search_m = search_distance_m(car, self.right_of_way)

    def _follow_order(self, car: CarState) -> None:
        """Find the car's step in its order; an order that does not pass here is dropped."""
        edge = self.right_of_way.holdings[car.car_id].edge
        ahead = car.step_edges[:2]
        if edge not in ahead:
            car.order, car.released, car.waiting_since_s = None, None, None
        elif ahead[0] != edge:
            car.offset += 1
            car.waiting_since_s = None

    def step(self, now_s: float) -> None:
        """Decide everything that is to be decided now."""
        for car in self.cars.values():
            if car.status is not CarStatus.LOST and car.is_silent(now_s):
                car.status = CarStatus.LOST
                car.localising_since_s = None
        self.rides.apply_to_all(lambda ride: self._next_state(ride, now_s))
        self.pair(now_s)
        closed = self.closed_edges()
        avoided = traps(self.city, closed)
        for car in self.cars.values():
            if car.status is CarStatus.ONLINE:
                self._orders.plan(car, self._goal(car), avoided)
        self._grant(closed, now_s)

    def _next_state(self, ride: Ride, now_s: float) -> Ride:
        car = self.cars.get(ride.car_id or "")
        if car is None:
            return booking.time_out(ride, now_s)
        if car.status is CarStatus.LOST and not car.is_silent(now_s):
            return ride  # the server has just been restarted
        if car.status is not CarStatus.ONLINE:
            ride = booking.lose_car(ride, now_s)
        else:
            ride = booking.find_car(ride, now_s)
            if ride.state is RideState.RIDING and self._has_arrived(car, ride):
                ride = booking.arrive(ride, now_s)
        return booking.time_out(ride, now_s)

    def _has_arrived(self, car: CarState, ride: Ride) -> bool:
        """Whether the car says so, of an order of this ride, and stands on the place's edge."""
        report, place = car.report, self.city.places.get(ride.place_id or "")
        if report is None or place is None or report.mode is not DriveMode.ARRIVED:
            return False
        is_there = report.position is not None and report.position.edge == place.edge
        return is_there and is_order_of_ride(report.order_id, ride.ride_id)

    def pair(self, now_s: float) -> None:
        """Give waiting visitors the free cars."""
        self.rides.pair(self._free_cars(), now_s)

    def _free_cars(self) -> list[FreeCar]:
        if not self.rides.queue():
            return []
        return [
            FreeCar(car.car_id, car.device_id, self._cost_to_serve(car), car.report.battery_percent)
            for car in self.cars.values()
            if car.is_fit and car.report is not None and not car.battery_low and self.rides.of_car(car.car_id) is None
        ]

    def _cost_to_serve(self, car: CarState) -> float:
        edge = self.right_of_way.holdings[car.car_id].last_edge
        if edge not in self._costs_to_serve:
            self._costs_to_serve[edge] = cost_to_serve(self.city, edge)
        return self._costs_to_serve[edge]

    def closed_edges(self) -> frozenset[int]:
        """Edges on which a car stands, or may stand, that cannot be told to move."""
        return frozenset(
            edge
            for car_id, holding in self.right_of_way.holdings.items()
            if self.cars[car_id].status is not CarStatus.ONLINE
            for edge in holding.edges
        )

    def _goal(self, car: CarState) -> Goal | None:
        ride = self.rides.of_car(car.car_id)
        if ride is None or ride.place_id is None or ride.place_id not in self.city.places:
            return None
        return ride.ride_id, ride.place_id

    def _grant(self, closed: frozenset[int], now_s: float) -> None:
        unplaced = [car for car in self.cars.values() if self._is_unplaced(car, now_s)]
        if unplaced:
            self._let_search_far(unplaced, now_s)
            return
        requests = [request for car in self.cars.values() if (request := self._request(car, now_s)) is not None]
        for car_id, answer in self.right_of_way.grant(requests, closed).items():
            car = self.cars[car_id]
            if isinstance(answer, Refusal):
                car.wait_reason = answer.value
                continue
            car.waiting_since_s = car.wait_reason = None
            if car.status is CarStatus.LOCALISING:
                car.may_cross = True
                car.search_m = max(car.search_m or 0.0, search_distance_m(car, self.right_of_way))
            elif car.step_edges[1:2] != (answer,):
                car.order = None
                self._orders.plan(car, self._goal(car), traps(self.city, closed))

    def _is_unplaced(self, car: CarState, now_s: float) -> bool:
        """Whether a car has only just begun to look for its place and may stand anywhere."""
        if car.localising_since_s is None or car.car_id in self.right_of_way.holdings:
            return False
        return now_s - car.localising_since_s < UNPLACED_HOLD_S

    def _let_search_far(self, unplaced: Sequence[CarState], now_s: float) -> None:
        """Let one car at a time creep on to the next sign, once no other car is on its way through a node."""
        for car in self.cars.values():
            since_s = car.long_search_since_s
            if since_s is not None and car in unplaced and now_s - since_s < LONG_SEARCH_TURN_S:
                return
            holding = self.right_of_way.holdings.get(car.car_id)
            if car.is_fit and holding is not None and (holding.passage is not None or holding.behind is not None):
                return
        for car in unplaced:
            looked_s = now_s - (now_s if car.localising_since_s is None else car.localising_since_s)
            if car.long_search_since_s is None and looked_s >= LONG_SEARCH_AFTER_S:
                car.long_search_since_s = now_s
                car.search_m = LONG_SEARCH_M
                return

    def _request(self, car: CarState, now_s: float) -> Request | None:
        """What a car asks for: nothing, while the node is far, it stands at its goal, or it cannot move."""
        holding = self.right_of_way.holdings.get(car.car_id)
        if holding is None or holding.passage is not None:
            return None
        if car.status is CarStatus.LOCALISING:
            return self._search_request(car, holding.edge, now_s)
        edges = car.step_edges
        if not car.is_fit or len(edges) < 2:
            return None
        distance_m = self.road.stop_line_m(holding.edge) - self.right_of_way.station_m(car.car_id)
        if distance_m > APPROACH_M:
            return None
        if car.waiting_since_s is None:
            car.waiting_since_s = now_s
        waiting_s = now_s - car.waiting_since_s
        options = [edges[1]]
        if car.goal is None:
            others = [movement.to_edge for movement in self.city.successors(holding.edge)]
            options += [edge for edge in others if edge != edges[1]]
        escape = self.road.escape.get(holding.edge)
        escaping = waiting_s >= ESCAPE_AFTER_S and escape is not None
        if escaping and escape is not None and escape not in options:
            options.append(escape)
        return Request(car.car_id, tuple(options), waiting_s, escaping)

    def _search_request(self, car: CarState, edge: int, now_s: float) -> Request | None:
        since_s = now_s if car.localising_since_s is None else car.localising_since_s
        if now_s - since_s < CROSS_AFTER_S or car.may_cross:
            return None
        onward = self.city.successors(edge)
        straight = [movement.to_edge for movement in onward if movement.command is Command.FORWARD]
        options = straight or [movement.to_edge for movement in onward]
        return Request(car.car_id, tuple(options[:1]), now_s - since_s) if options else None

    def guidance(self, car: CarState) -> Guidance:
        """What the car is to be told now; repeated until it has done it."""
        if car.status is CarStatus.LOCALISING and car.search_m is not None:
            return Guidance(None, None, Search(distance_m=car.search_m))
        if car.status is not CarStatus.ONLINE or car.order is None:
            return Guidance(None, None, None)
        knows_order = car.report is not None and car.report.order_id == car.order.order_id
        return Guidance(None if knows_order else car.order, self._release(car, car.order), None)

    def _release(self, car: CarState, order: Order) -> Release:
        limit = self.right_of_way.limit(car.car_id)
        holding = self.right_of_way.holdings[car.car_id]
        before = car.released
        if before is not None and before.edge == limit.edge == holding.edge and before.s_m > limit.s_m:
            # Road on which the car cannot stop any more is not taken back.
            kept_m = min(before.s_m, self.right_of_way.station_m(car.car_id) + STOPPING_M)
            limit = Limit(limit.edge, max(limit.s_m, kept_m))
        car.released = limit
        index = car.offset if limit.edge == holding.edge else car.offset + 1
        return Release(order_id=order.order_id, index=index, s_m=limit.s_m, reason=car.wait_reason)

    def records(self) -> dict[str, CarRecord]:
        """What is to be stored of each car: its road always, its position when its road changes or it stands."""
        for car in self.cars.values():
            holding = self.right_of_way.holdings.get(car.car_id)
            stored = self._records.get(car.car_id)
            position = stored.position if stored else None
            stands = car.report is not None and car.report.mode not in MOVING_MODES
            if holding is not None and (stored is None or stored.holding != holding or stands):
                position = self._held_position(
                    car, position, stands and stored is not None and stored.holding == holding
                )
            self._records[car.car_id] = CarRecord(
                car.car_id, car.device_id, car.stream_url, holding, position, car.battery_low
            )
        return self._records

    def _held_position(self, car: CarState, stored: Position | None, is_update: bool) -> Position | None:
        """The car's position, unless it only trembles where it stands."""
        if is_update and stored is not None and car.position is not None:
            same_edge = stored.edge == car.position.edge
            if same_edge and abs(stored.s_m - car.position.s_m) < STOPPING_M / 2:
                return stored
        return car.position
