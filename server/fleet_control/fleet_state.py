"""The whole fleet at one moment: takes reports and visitors' wishes, decides, and says what each car is to be told.

Pure: no network, no store, time is handed in. The dispatcher stores what changed before it tells anyone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from city.city import City, Place
from fleet.messages import DriveMode, HandLimit, Hello, Report
from fleet.views import CarStatus
from server.fleet_control.car_records import CarRecords
from server.fleet_control.car_state import CarState, search_distance_m
from server.fleet_control.clearance import Clearance
from server.fleet_control.grant_desk import GrantDesk
from server.fleet_control.guidance import Guidance, braked, guidance
from server.fleet_control.order_desk import OrderDesk
from server.fleet_control.place_turns import CARS_AT_A_TIME, rides_in_turn
from server.fleet_control.ride_watch import RideWatch
from server.fleet_control.road_now import road_now
from server.fleet_control.room import too_small
from server.rides.under_way import FreeCar, Rides, UnknownError
from server.store.base import CarRecord, Snapshot
from server.traffic.open_road import OpenRoad, open_road
from server.traffic.operator_acts import OperatorActs
from server.traffic.planning import SERVICE, Goal, cost_to_serve, stop_at
from server.traffic.right_of_way import RightOfWay
from server.traffic.road import Road

RESTART_GRACE_S = 3.0  # for cars to connect again, beyond the usual silence, before their visitors are told


class NotWelcomeError(Exception):
    """A car that cannot join; the message says why."""


class FleetState:
    """Cars, rides and road of one city, and what operators have ordered.

    Attributes:
        acts: replaced as a whole by `server.fleet_control.operations`.
        clearance: who stands for a car that is driven by hand outside its lane.
    """

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
        self.acts = OperatorActs()
        self.clearance = Clearance()
        self._orders = OrderDesk(city, self.right_of_way, seed=seed, series=order_series)
        self._grants = GrantDesk(self.right_of_way)
        self._watch = RideWatch(self.right_of_way)
        self._costs_to_serve: dict[int, float] = {}
        self._records = CarRecords()

    def restore(self, snapshot: Snapshot, now_s: float) -> None:
        """Go on from what is stored: every car holds its road and counts as lost until it reports."""
        self.recover(snapshot, now_s)
        for versioned in snapshot.cars:
            car = self._records.restored(versioned.record, self.city)
            car.last_seen_s = now_s + RESTART_GRACE_S
            self.cars[car.car_id] = car
            holding = self._records.holding(car.car_id)
            if holding is not None and car.position is not None:
                self.right_of_way.restore(car.car_id, holding, car.position.s_m)

    def recover(self, snapshot: Snapshot, now_s: float) -> None:
        """Go on after trouble with the store: with the rides and acts in it, and whatever makes cars stand besides.

        Nobody's time runs out for the time in which the rides were not at hand.
        """
        rides = [replace(versioned.record, changed_s=now_s) for versioned in snapshot.rides]
        self.rides = Rides(rides, snapshot.rides_created)
        stored = OperatorActs() if snapshot.acts is None else snapshot.acts.record.in_city(self.city)
        self.acts = stored.braking_as(self.acts)

    def join(self, hello: Hello, now_s: float) -> CarState:
        """A car connects, for the first time or again.

        Raises:
            NotWelcomeError: if its id is in use by another device, or the city is full.
        """
        car = self.cars.get(hello.car_id)
        if car is None:
            self._check_room_for_one_more()
            car = self.cars[hello.car_id] = CarState(hello.car_id, hello.device_id, last_seen_s=now_s)
        elif car.device_id != hello.device_id and car.status is not CarStatus.LOST:
            raise NotWelcomeError(f"{hello.car_id} is driven by device {car.device_id}; give this car another --id")
        car.device_id = hello.device_id
        car.stream_url = hello.stream_url
        return car

    def _check_room_for_one_more(self) -> None:
        left = too_small(self.road, self.acts, len(self.cars) + 1)
        if left is not None:
            closed = f" while edges {sorted(left.closed)} are closed" if left.closed else ""
            raise NotWelcomeError(
                f"city {self.city.name} has room for {left.fleet_limit} cars{closed}, and they are all there"
            )

    @property
    def open_road(self) -> OpenRoad:
        """What operators have left of the roads."""
        return open_road(self.road, self.acts.taken_edges)

    def report(self, car_id: str, report: Report, now_s: float) -> None:
        """Take a car's report.

        Raises:
            UnknownError: if it names an edge that is not in the city.
        """
        car = self.cars[car_id]
        self._check_position(car_id, report)
        if car.report is None or car.report.mode is not report.mode:
            car.mode_since_s = now_s
        car.report = report
        car.battery_low = report.battery_low
        car.last_seen_s = now_s
        has_left_lane = report.limited_by is HandLimit.OFF_LANE
        is_lost = report.position is None or report.mode is DriveMode.LOCALISING
        car.is_out_of_lane = has_left_lane or (car.is_out_of_lane and is_lost)
        if report.position is None or is_lost:
            if car.is_out_of_lane:
                car.position = None  # where it was last would mislead it, and a restarted server
            self._search(car, now_s, anew=has_left_lane)
            return
        self.right_of_way.move(car_id, report.position)
        car.position, car.position_is_stored = report.position, False
        car.status = CarStatus.ONLINE
        car.search_m = car.localising_since_s = car.long_search_since_s = None
        car.may_cross = False
        self._follow_order(car)

    def _check_position(self, car_id: str, report: Report) -> None:
        position = report.position
        if position is None:
            return
        for edge in (position.edge, position.next_edge):
            if edge is not None and edge not in self.city.edges:
                raise UnknownError(f"{car_id} reports edge {edge}, which is not in city {self.city.name}")
        if position.next_edge is not None and (position.edge, position.next_edge) not in self.city.movements:
            raise UnknownError(f"{car_id} reports to cross from edge {position.edge} to {position.next_edge}")

    def _search(self, car: CarState, now_s: float, *, anew: bool) -> None:
        if anew or car.status is not CarStatus.LOCALISING or car.localising_since_s is None:
            car.status = CarStatus.LOCALISING
            car.localising_since_s = now_s
            car.may_cross, car.long_search_since_s = False, None
            car.order, car.released, car.waiting_since_s, car.wait = None, None, None, None
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
            if car.hand is not None and car.hand.way == ahead:
                car.hand.way = None  # the wish has come true

    def lift(self, car_id: str) -> None:
        """A silent car was taken off the road; wherever it is put next, it looks for its place as a new one does."""
        self.right_of_way.lift(car_id)
        car = self.cars[car_id]
        car.position, car.position_is_stored, car.is_out_of_lane = None, False, False
        car.order, car.released, car.waiting_since_s, car.wait = None, None, None, None

    def step(self, now_s: float) -> None:
        """Decide everything that is to be decided now."""
        for car in self.cars.values():
            if car.status is not CarStatus.LOST and car.is_silent(now_s):
                car.status = CarStatus.LOST
                car.localising_since_s = None
            self._note_hold(car, now_s)
        self.clearance.look(self.cars, now_s)
        self.rides.apply_to_all(
            lambda ride: self._watch.next_state(ride, self.cars.get(ride.car_id or ""), self.acts, now_s)
        )
        self.pair(now_s)
        in_turn = rides_in_turn(self.rides.all.values(), CARS_AT_A_TIME)
        road = road_now(self.right_of_way, self.cars, self.acts, now_s)
        for car in self.cars.values():
            if car.status is CarStatus.ONLINE:
                self._orders.plan(car, self._goal(car, in_turn), road)
        for car in self._grants.grant(self.cars, road, now_s):
            car.order = None
            self._orders.plan(car, self._goal(car, in_turn), road)

    def _note_hold(self, car: CarState, now_s: float) -> None:
        if not self.acts.holds(car.car_id):
            car.held_since_s = None
        elif car.held_since_s is None:
            car.held_since_s = now_s
        if car.has_to_stand:
            car.waiting_since_s = None  # it does not wait for road; when it may go on, it begins to

    def is_open(self, place_id: str) -> bool:
        """Whether operators leave a way to a place of the city, and one on from there."""
        return self._watch.is_open(self.city.places[place_id], self.acts)

    def pair(self, now_s: float) -> None:
        """Give waiting visitors the free cars."""
        self.rides.pair(self._free_cars(), now_s)

    def _free_cars(self) -> list[FreeCar]:
        if not self.rides.queue():
            return []
        return [
            FreeCar(car.car_id, car.device_id, self._cost_to_serve(car), car.report.battery_percent)
            for car in self.cars.values()
            if car.report is not None and self._takes_visitors(car)
        ]

    def _takes_visitors(self, car: CarState) -> bool:
        ordered = self.acts.holds(car.car_id) or self.acts.errand_of(car.car_id) is not None
        return car.is_fit and not car.battery_low and not ordered and self.rides.of_car(car.car_id) is None

    def _cost_to_serve(self, car: CarState) -> float:
        edge = self.right_of_way.holdings[car.car_id].last_edge
        if edge not in self._costs_to_serve:
            self._costs_to_serve[edge] = cost_to_serve(self.city, edge)
        return self._costs_to_serve[edge]

    def closed_edges(self, now_s: float) -> frozenset[int]:
        """Edges that nobody may enter: closed ones, and those on which a car stands, or may stand, for long."""
        return road_now(self.right_of_way, self.cars, self.acts, now_s).closed

    def _goal(self, car: CarState, in_turn: Collection[str]) -> Goal | None:
        """A ride's place when it is its turn, an operator's errand while there is a way, or nowhere in particular."""
        if car.is_in_hand:
            return None
        ride = self.rides.of_car(car.car_id)
        if ride is not None:
            place = self.city.places.get(ride.place_id or "")
            if place is None or not (ride.ride_id in in_turn or self._has_road_at(car, place)):
                return None
            return Goal(ride.ride_id, stop_at(place))
        errand = self.acts.errand_of(car.car_id)
        if errand is None:
            return None
        is_there = errand.stop.edge in self.right_of_way.holdings[car.car_id].edges
        left = open_road(self.road, frozenset(self.acts.closed_edges))
        return Goal(SERVICE, errand.stop) if is_there or left.serves(errand.stop.edge) else None

    def _has_road_at(self, car: CarState, place: Place) -> bool:
        """Whether a car holds road at a place: then it stops there, whoever's turn it is."""
        holding = self.right_of_way.holdings.get(car.car_id)
        return holding is not None and place.edge in holding.edges

    def guidance(self, car: CarState) -> Guidance:
        """What the car is to be told now; repeated until it has done it."""
        return self.braked(car.car_id, guidance(car, self.right_of_way))

    def braked(self, car_id: str, told: Guidance) -> Guidance:
        """What a car is told, with the brakes that operators have put on meanwhile."""
        if self.acts.holds(car_id):
            return braked(told, "all cars are stopped" if self.acts.stopped else "held by an operator")
        return braked(told, "another car is outside its lane") if self.clearance.halts(car_id) else told

    def records(self) -> dict[str, CarRecord]:
        """What is to be stored of each car."""
        return self._records.renewed(self.cars, self.right_of_way)
