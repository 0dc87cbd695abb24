"""The real pilot under the server's real decisions: what operators order is what the wheels do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest

from car.piloting.orders import ServerWords
from car.piloting.speed import CRUISE_MPS, DECELERATION_MPS2
from city.city import City
from city.files import load_city
from fleet.messages import LINK_TIMEOUT_S, DriveMode, Hello, Report, Welcome
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.operations import hold_car, release_car, resume_all, stop_all
from server.rides import booking
from tests.car.double import Double

Act = Callable[[FleetState], None]

TICK_S = 0.04
LAG_S = 0.1
BRAKING_M = CRUISE_MPS**2 / 2 / DECELERATION_MPS2 + CRUISE_MPS * LAG_S
STANDING_MPS = 0.005
ROUTE = (1, 2, 3, 15, 14, 6, 7, 8, 1, 2, 3)


class DrivenCar:
    """One car with its pilot, and the fleet's state that it reports to and hears."""

    def __init__(self, city: City) -> None:
        self.fleet = FleetState(city, seed=1)
        self.fleet.join(Hello(car_id="car-1", device_id="board"), 0.0)
        self.double = Double(city, ROUTE, s_m=0.3)
        self.words = ServerWords(connected=True, welcome=Welcome(city=city.name))
        self.hears = True

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            outputs = self.double.tick(self.words)
            now_s = self.double.now_s
            if not self.hears:
                continue
            self.fleet.report("car-1", outputs.report, now_s)
            self.fleet.step(now_s)
            told = self.fleet.guidance(self.fleet.cars["car-1"])
            if told.order is not None:
                self.words = replace(self.words, order=told.order)
            if told.release is not None:
                self.words = replace(self.words, release=told.release, release_heard_s=now_s)
            if told.search is not None:
                self.words = replace(self.words, search=told.search, search_heard_s=now_s)

    def ride_to(self, place_id: str) -> None:
        """A visitor's ride begins, and the car drives."""
        self.run(3.0)
        now_s = self.double.now_s
        self.fleet.rides.book("ride", "request", "station", "tablet", now_s)
        self.fleet.pair(now_s)
        self.fleet.rides.apply("ride", partial(booking.choose, place_id=place_id, now_s=now_s))
        self.run(3.0)
        assert self.double.speed_mps > 0.9 * CRUISE_MPS

    @property
    def report(self) -> Report:
        return self.double.history[-1].report


@pytest.fixture
def car() -> DrivenCar:
    car = DrivenCar(load_city("pixelopolis"))
    car.ride_to("wedding_hall")
    return car


@pytest.mark.parametrize(
    ("brake", "let_go"),
    [
        (partial(hold_car, car_id="car-1"), partial(release_car, car_id="car-1")),
        (stop_all, resume_all),
    ],
)
def test_a_car_stands_within_its_braking_distance_until_it_may_go_on(car: DrivenCar, brake: Act, let_go: Act) -> None:
    brake(car.fleet)
    from_m, speed_mps = car.double.s_m, car.double.speed_mps
    car.run(speed_mps / DECELERATION_MPS2 + 3 * LAG_S)
    assert car.double.speed_mps < STANDING_MPS
    stood_m = car.double.s_m
    assert stood_m - from_m < BRAKING_M
    car.run(60.0)
    assert car.double.s_m == pytest.approx(stood_m, abs=2e-3)
    assert (car.report.mode, car.report.faults) == (DriveMode.WAITING, ())
    let_go(car.fleet)
    car.run(2.0)
    assert car.double.s_m > stood_m + 0.1


def test_it_brakes_as_gently_as_for_any_stop(car: DrivenCar) -> None:
    stop_all(car.fleet)
    car.run(0.8)
    speeds_mps = [outputs.speed_mps for outputs in car.double.history[-21:]]
    assert max(a - b for a, b in pairwise(speeds_mps)) <= DECELERATION_MPS2 * TICK_S + 1e-9


def test_a_car_that_never_hears_of_the_stop_is_stopped_by_the_silence(car: DrivenCar) -> None:
    stop_all(car.fleet)
    car.hears = False
    from_m = car.double.s_m
    car.run(LINK_TIMEOUT_S + CRUISE_MPS / DECELERATION_MPS2 + 3 * LAG_S)
    assert car.double.speed_mps < STANDING_MPS
    assert car.double.s_m - from_m < BRAKING_M + CRUISE_MPS * LINK_TIMEOUT_S
    assert car.report.faults == ("server: silent",)


def test_a_held_car_stands_on_while_the_line_is_cut_and_when_it_is_back(car: DrivenCar) -> None:
    hold_car(car.fleet, "car-1")
    car.run(2.0)
    stood_m = car.double.s_m
    for car.hears in (False, True):
        car.run(5.0)
        assert car.double.s_m == pytest.approx(stood_m, abs=2e-3)


def test_a_car_is_held_in_the_middle_of_a_node(car: DrivenCar) -> None:
    while not car.double.position().next_edge:
        car.run(TICK_S)
    car.run(0.4)
    hold_car(car.fleet, "car-1")
    car.run(2.0)
    node = car.fleet.city.edges[car.double.position().edge].end
    stood_m = car.double.s_m
    car.run(20.0)
    assert car.double.s_m == pytest.approx(stood_m, abs=2e-3)
    assert car.fleet.right_of_way.node_holders(node) == ["car-1"]
    release_car(car.fleet, "car-1")
    car.run(10.0)
    assert car.fleet.right_of_way.node_holders(node) == []


def test_a_car_that_looks_for_its_place_creeps_no_farther_either() -> None:
    car = DrivenCar(load_city("pixelopolis"))
    car.double.see = False
    car.run(2.0)
    assert car.report.mode is DriveMode.LOCALISING
    assert car.double.speed_mps > 0.03
    stop_all(car.fleet)
    car.run(0.5)
    stood_m = car.double.s_m
    car.run(10.0)
    assert car.double.s_m == pytest.approx(stood_m, abs=2e-3)
    resume_all(car.fleet)
    car.run(1.0)
    assert car.double.s_m > stood_m + 0.01
