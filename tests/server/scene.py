"""One fleet and its time, for tests of its decisions in situations that matter."""

from __future__ import annotations

from functools import partial

from city.city import City
from fleet.messages import DriveMode
from fleet.views import RideState
from pixelopolis.bench.served.car_double import CarDouble
from server.fleet_control.fleet_state import FleetState
from server.rides import booking
from server.store.base import Snapshot, Versioned


class Scene:
    """One fleet and its time."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.fleet = FleetState(city, seed=1)
        self.now_s = 100.0
        self.cars: list[CarDouble] = []

    def car(self, edge: int, s_m: float, mode: DriveMode = DriveMode.IDLE) -> CarDouble:
        car = CarDouble(self.city, f"car-{len(self.cars)}", edge, s_m)
        car.mode = mode
        self.fleet.join(car.hello, self.now_s)
        self.cars.append(car)
        return car

    def hear(self, car: CarDouble) -> None:
        """One report, and nothing decided yet."""
        self.fleet.report(car.car_id, car.report(), self.now_s)

    def go(self, duration_s: float = 0.1, *, silent: tuple[CarDouble, ...] = ()) -> None:
        for _ in range(round(duration_s / 0.1)):
            self.now_s += 0.1
            talking = [car for car in self.cars if car not in silent]
            for car in talking:
                self.fleet.report(car.car_id, car.report(), self.now_s)
            self.fleet.step(self.now_s)
            for car in talking:
                for message in self.fleet.guidance(self.fleet.cars[car.car_id]):
                    if message is not None and car.mode is not DriveMode.STOPPED:
                        car.hear(message)

    def book(self, place: str | None = None) -> str:
        ride_id = f"ride-{len(self.fleet.rides.all)}"
        self.fleet.rides.book(ride_id, ride_id, "station", "tablet", self.now_s)
        self.fleet.pair(self.now_s)
        if place is not None:
            self.fleet.rides.apply(ride_id, partial(booking.choose, place_id=place, now_s=self.now_s))
        return ride_id

    def drive(self, duration_s: float) -> None:
        """Steps in which the cars drive as well."""
        for _ in range(round(duration_s / 0.1)):
            self.go()
            for car in self.cars:
                car.drive(0.03)

    def state(self, ride_id: str) -> RideState:
        return self.fleet.rides.get(ride_id).state

    def restarted(self) -> FleetState:
        """A fleet that knows only what was stored."""
        records = tuple(Versioned(record, 1) for record in self.fleet.records().values())
        rides = tuple(Versioned(ride, 1) for ride in self.fleet.rides.all.values())
        acts = self.fleet.acts
        self.fleet = FleetState(self.city, seed=1, order_series="1")
        self.fleet.restore(Snapshot((), records, rides, 9, Versioned(acts, 1)), self.now_s)
        for car in self.cars:
            car.order = car.release = None
        return self.fleet
