"""A whole fleet in steps of a tenth of a second: the real decisions, doubles of cars, visitors by chance."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import partial
from itertools import pairwise

from city.city import City
from fleet.views import RideState
from pixelopolis.bench.served.car_double import CarDouble
from server.fleet_control.fleet_state import FleetState
from server.rides import booking

STEP_S = 0.1
SPEED_MPS = 0.25
MIN_GAP_M = 0.24  # axle to axle, bumpers 6 cm apart


class FleetWorld:
    """Cars at chance places of a city, and the invariants that hold at each moment."""

    def __init__(self, city: City, cars: int, seed: int, *, visitors: bool = True) -> None:
        self.city = city
        self.fleet = FleetState(city, seed=seed)
        self.rng = random.Random(seed)
        self.now_s = 0.0
        self.arrived = 0
        self.booked = 0
        self.longest_stay_s = 0.0
        self.silent: set[str] = set()
        self._arrived_rides: set[str] = set()
        self._visitors = visitors
        road = self.fleet.road
        spots = [(edge, k) for edge in city.edges for k in range(road.slots[edge])]
        self.rng.shuffle(spots)
        count = min(cars, road.fleet_limit or cars)
        self.cars = [
            CarDouble(city, f"car-{n}", edge, max(road.clear_m, road.stop_line_m(edge) - 0.32 * k))
            for n, (edge, k) in enumerate(spots[:count])
        ]
        self._moved_s = {car.car_id: (0, 0.0) for car in self.cars}
        for car in self.cars:
            self.fleet.join(car.hello, self.now_s)

    def run(self, duration_s: float) -> None:
        for _ in range(round(duration_s / STEP_S)):
            self.step()

    def step(self) -> None:
        self.now_s += STEP_S
        for car in self.talking():
            self.fleet.report(car.car_id, car.report(), self.now_s)
        if self._visitors:
            self._visit()
        self.fleet.step(self.now_s)
        self._check_arrivals()
        self.check()
        for car in self.talking():
            for message in self.fleet.guidance(self.fleet.cars[car.car_id]):
                # Some messages come late: the same is said again the next time.
                if message is not None and self.rng.random() < 0.7:
                    car.hear(message)
            car.drive(SPEED_MPS * STEP_S * self.rng.choice([0.5, 1.0, 1.0]))
            entered, since_s = self._moved_s[car.car_id]
            if entered != car.edges_entered:
                self._moved_s[car.car_id] = (car.edges_entered, self.now_s)
            self.longest_stay_s = max(self.longest_stay_s, self.now_s - since_s)

    def talking(self) -> Iterable[CarDouble]:
        return (car for car in self.cars if car.car_id not in self.silent)

    def book(self) -> str:
        self.booked += 1
        return self.fleet.rides.book(f"ride{self.booked}", f"r{self.booked}", "s1", "d1", self.now_s).ride_id

    def _visit(self) -> None:
        rides = self.fleet.rides
        if self.rng.random() < 0.05 and len(rides.queue()) < 2:
            self.book()
        for ride in list(rides.all.values()):
            if ride.state is RideState.CHOOSING and self.rng.random() < 0.05:
                place = self.rng.choice(sorted(self.city.places))
                rides.apply(ride.ride_id, partial(booking.choose, place_id=place, now_s=self.now_s))
            elif ride.state is RideState.ARRIVED and self.rng.random() < 0.05:
                rides.apply(ride.ride_id, partial(booking.end, now_s=self.now_s))
                self.arrived += 1
            elif ride.is_final:
                rides.forget([ride.ride_id])

    def _check_arrivals(self) -> None:
        """A car stands at the place of its ride in the step in which it arrives; by hand it may be driven on."""
        arrived = {ride_id for ride_id, ride in self.fleet.rides.all.items() if ride.state is RideState.ARRIVED}
        for ride_id in arrived - self._arrived_rides:
            ride = self.fleet.rides.all[ride_id]
            car = next(car for car in self.cars if car.car_id == ride.car_id)
            place = self.city.places[ride.place_id or ""]
            assert car.edge == place.edge
            assert abs(car.s_m - place.stop_s_m) < 0.11
        self._arrived_rides = arrived

    def check(self) -> None:
        """Nobody shares a node, no edge is overfull, nobody drives into anybody."""
        way = self.fleet.right_of_way
        for node in self.city.nodes:
            assert len(way.node_holders(node)) <= 1, f"node {node} at {self.now_s:.1f} s"
        for edge in self.city.edges:
            held = {car_id for car_id, holding in way.holdings.items() if edge in holding.edges}
            assert set(way.occupants(edge)) == held, f"edge {edge} at {self.now_s:.1f} s"
            assert len(held) == way.occupancy(edge) <= self.fleet.road.slots[edge], f"edge {edge} at {self.now_s:.1f} s"
        for car in self.cars:
            if car.is_on_node:
                assert way.node_holders(self.city.edges[car.edge].end) == [car.car_id]
        for edge in self.city.edges:
            stations_m = sorted(car.s_m for car in self.cars if car.edge == edge and not car.is_on_node)
            gaps_m = [after - before for before, after in pairwise(stations_m)]
            assert all(gap_m > MIN_GAP_M for gap_m in gaps_m), f"edge {edge} at {self.now_s:.1f} s: {stations_m}"
