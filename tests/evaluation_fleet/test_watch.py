"""What counts as a deadlock, and as a wait."""

from __future__ import annotations

import pytest

from city.files import load_city
from city.geometry import Pose
from fleet.messages import DriveMode
from pixelopolis.bench.served.car_double import CarDouble
from pixelopolis.evaluation.fleet.wait_bound import wait_bound_s
from pixelopolis.evaluation.fleet.watch import STANDSTILL_S, MovementWatch, WaitWatch, wants_to_move
from server.fleet_control.fleet_state import FleetState
from server.traffic.longest_wait import KEPT_AFTER_S
from server.traffic.road import Road

CITY = load_city("pixelopolis")


def poses(*xs_m: float) -> dict[str, Pose]:
    return {f"car-{k}": Pose(x_m, 0.0, 0.0) for k, x_m in enumerate(xs_m)}


def test_nobody_moves_for_too_long() -> None:
    watch = MovementWatch()
    watch.look(0.0, poses(0.0, 1.0), ["car-0"], excused=False)
    watch.look(STANDSTILL_S - 0.1, poses(0.0, 1.0), ["car-0"], excused=False)
    assert watch.deadlocks == 0
    for late_s in (0.1, 1.0, 50.0):
        watch.look(STANDSTILL_S + late_s, poses(0.0, 1.0), ["car-0"], excused=False)
    assert watch.deadlocks == 1, "one standstill is one deadlock"
    watch.look(STANDSTILL_S + 60, poses(0.02, 1.0), ["car-0"], excused=False)
    watch.look(5 * STANDSTILL_S, poses(0.02, 1.0), ["car-0"], excused=False)
    assert watch.deadlocks == 2


@pytest.mark.parametrize(("wanting", "excused"), [([], False), (["car-0"], True)])
def test_who_need_not_move_is_in_no_deadlock(wanting: list[str], excused: bool) -> None:
    watch = MovementWatch()
    for now_s in (0.0, STANDSTILL_S + 1, 2 * STANDSTILL_S):
        watch.look(now_s, poses(0.0), wanting, excused=excused)
    assert watch.deadlocks == 0


def a_fleet(mode: DriveMode = DriveMode.WAITING) -> FleetState:
    fleet = FleetState(CITY)
    double = CarDouble(CITY, "car-1", 1, fleet.road.stop_line_m(1))
    double.mode = mode
    fleet.join(double.hello, 0.0)
    fleet.report("car-1", double.report(), 0.0)
    return fleet


def test_the_longest_wait_is_that_for_the_node() -> None:
    fleet, watch = a_fleet(), WaitWatch()
    fleet.cars["car-1"].waiting_since_s = 3.0
    watch.look(10.0, fleet, excused=False)
    fleet.cars["car-1"].waiting_since_s = None
    watch.look(50.0, fleet, excused=False)
    assert (watch.longest.seconds, watch.longest.edge, watch.longest.until_s) == (7.0, 1, 10.0)


def test_time_with_a_fault_about_does_not_count() -> None:
    fleet, watch = a_fleet(), WaitWatch()
    fleet.cars["car-1"].waiting_since_s = 0.0
    watch.look(100.0, fleet, excused=True)
    watch.look(105.0, fleet, excused=False)
    assert watch.longest.seconds == 5.0


def test_a_car_that_stands_where_it_was_to_go_does_not_want_to_move() -> None:
    assert wants_to_move(a_fleet(), "car-1")
    assert not wants_to_move(a_fleet(DriveMode.ARRIVED), "car-1")
    assert not wants_to_move(a_fleet(DriveMode.STOPPED), "car-1")
    assert not wants_to_move(a_fleet(), "car-9")


def test_the_bound_grows_with_the_fleet_and_ends_with_the_city() -> None:
    road = Road(CITY)
    assert KEPT_AFTER_S < wait_bound_s(CITY, road, 1) < wait_bound_s(CITY, road, 12)
    straight = load_city("straight")
    if Road(straight).fleet_limit is None:
        assert wait_bound_s(straight, Road(straight), 1) == float("inf")
