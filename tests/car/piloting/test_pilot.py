"""The pilot in a simulation without threads: where it stops, and that it always does."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from car.perception.sighting import CarSighting
from car.piloting.intent import ARRIVES_BEFORE_M, ARRIVES_BEYOND_M
from car.piloting.orders import COMMAND_BEFORE_M, STOP_LINE_GAP_M, Course
from car.piloting.speed import CREEP_MPS, CRUISE_MPS, DECELERATION_MPS2, TURN_MPS
from car.wheels import WHEEL_LIMIT_MPS
from city.city import City, Command
from fleet.messages import LINK_TIMEOUT_S, DriveMode, Position, Release, Search, Welcome
from fleet.vehicle import DEFAULT_VEHICLE
from tests.car.double import Double, order_along

TO_MUSEUM = (1, 2, 3, 15, 14, 6, 7)
WHOLE_ROAD = Release(order_id="order-1", index=len(TO_MUSEUM) - 1, s_m=9.0)
BRAKING_M = CRUISE_MPS**2 / 2 / DECELERATION_MPS2 + CRUISE_MPS * 0.1  # and a tenth of a second of lag


@pytest.fixture
def car(city: City) -> Double:
    """A car on the first edge that knows where it is."""
    double = Double(city, TO_MUSEUM, s_m=0.3)
    double.find_itself()
    return double


def drive_until_fast(car: Double) -> None:
    """Drive on a free road until at cruising speed."""
    car.run(car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD), 1.0)
    assert car.speed_mps == pytest.approx(CRUISE_MPS, abs=0.005)


def test_arrives_at_the_place_although_the_wheels_lie(city: City) -> None:
    museum = city.places["museum"]
    car = Double(city, TO_MUSEUM, s_m=0.3, wheel_error=0.03)
    car.find_itself()
    order = order_along(city, TO_MUSEUM, museum.stop_s_m)
    outputs = car.run(car.words(order, WHOLE_ROAD), 70.0)
    assert outputs.report.mode is DriveMode.ARRIVED
    assert car.s_m == pytest.approx(car.line.edge_start_m(6) + museum.stop_s_m, abs=0.03)
    assert outputs.report.position is not None
    assert outputs.report.position.edge == museum.edge
    assert car.speed_mps < 1e-3


@pytest.mark.parametrize(("beyond_m", "mode"), [(0.08, DriveMode.ARRIVED), (0.16, DriveMode.WAITING)])
def test_a_car_that_stands_a_little_beyond_its_stop_has_arrived(city: City, beyond_m: float, mode: DriveMode) -> None:
    """Its place may be told anew on the last centimetres; waiting there for road would be for ever."""
    car = Double(city, TO_MUSEUM, s_m=0.3)
    car.find_itself()
    last_m = 0.40
    car.run(car.words(order_along(city, TO_MUSEUM, last_m), WHOLE_ROAD), 70.0)
    order = order_along(city, TO_MUSEUM[-1:], last_m - beyond_m, name="order-2")
    outputs = car.run(car.words(order, Release(order_id="order-2", index=0, s_m=9.0)), 1.0)
    assert outputs.report.order_id == "order-2"
    assert outputs.report.mode is mode


def test_a_stop_beyond_the_last_road_is_reached_before_its_end_and_where_it_is_said_to_be(city: City) -> None:
    """The server lets a car that stands at the very end of an edge stop where it stands."""
    end_m = city.edges[7].curve.length_m
    course = Course(city, order_along(city, TO_MUSEUM[-1:], end_m - 0.12))

    def is_there(before_end_m: float) -> bool:
        return course.at_destination(0, end_m - before_end_m, before_m=ARRIVES_BEFORE_M, beyond_m=ARRIVES_BEYOND_M)

    assert all(is_there(before_end_m) for before_end_m in (STOP_LINE_GAP_M + 0.02, STOP_LINE_GAP_M, 0.12, 0.11, 0.02))
    assert not is_there(STOP_LINE_GAP_M + 0.04)


def test_tells_the_lane_model_the_turn_from_before_the_line_until_the_node_is_left(car: Double) -> None:
    words = car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD)
    commands = []
    for _ in range(1300):
        outputs = car.run(words, 0.04)
        commands.append((car.s_m, outputs.command))
    for index, (edge, onward) in enumerate(pairwise(TO_MUSEUM[2:5]), start=2):
        line_m, wanted = car.line.edge_end_m(index), car.city.movements[edge, onward].command
        begun = [s_m for s_m, command in commands if line_m - 0.5 < s_m < line_m and command is wanted]
        assert begun[0] == pytest.approx(line_m - COMMAND_BEFORE_M, abs=0.03)
        after_m = car.line.edge_start_m(index + 1)
        held = [command for s_m, command in commands if line_m < s_m < after_m]
        assert set(held) == {wanted}
        assert {c for s_m, c in commands if after_m + 0.07 < s_m < after_m + 0.09} == {Command.FOLLOW}


def test_slower_in_turns_and_never_over_the_wheels_limit(car: Double) -> None:
    words = car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD)
    for _ in range(1300):
        outputs = car.run(words, 0.04)
        rim_mps = max(outputs.left_rad_s, outputs.right_rad_s) * DEFAULT_VEHICLE.wheel_radius_m
        assert rim_mps <= WHEEL_LIMIT_MPS + 1e-9
        if abs(car.line.curvature_at(car.s_m)) > 2 and car.s_m > 1:
            assert outputs.speed_mps <= TURN_MPS + 0.02


def test_stops_before_the_stop_line_of_a_road_that_is_not_released(car: Double) -> None:
    release = Release(order_id="order-1", index=0, s_m=99.0)
    outputs = car.run(car.words(order_along(car.city, TO_MUSEUM), release), 15.0)
    line_m = car.line.edge_end_m(0)
    assert outputs.report.mode is DriveMode.WAITING
    assert car.s_m + DEFAULT_VEHICLE.front_overhang_m < line_m - 0.02
    assert car.s_m == pytest.approx(line_m - STOP_LINE_GAP_M, abs=0.02)


def test_goes_on_when_more_road_is_released(car: Double) -> None:
    order = order_along(car.city, TO_MUSEUM)
    car.run(car.words(order, Release(order_id="order-1", index=0, s_m=99.0)), 15.0)
    before_m = car.s_m
    outputs = car.run(car.words(order, Release(order_id="order-1", index=1, s_m=0.2)), 15.0)
    assert outputs.report.mode is DriveMode.WAITING
    assert before_m < car.s_m
    assert car.s_m == pytest.approx(car.line.edge_start_m(1) + 0.2, abs=0.03)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    releases=st.lists(st.tuples(st.floats(0.1, 3.0), st.floats(0.0, 1.2)), min_size=1, max_size=5),
    wheel_error=st.floats(-0.02, 0.02),
)
def test_never_passes_what_was_released(city: City, releases: list[tuple[float, float]], wheel_error: float) -> None:
    """Random releases, each a while later and some way farther than the one before."""
    car = Double(city, (2, 3, 4, 5), s_m=0.05, wheel_error=wheel_error)
    car.find_itself()
    order = order_along(city, car.edges)
    index, s_m = 0, 0.1
    for seconds, farther_m in releases:
        s_m += farther_m
        while index < 3 and s_m > city.edges[car.edges[index]].curve.length_m:
            s_m -= city.edges[car.edges[index]].curve.length_m
            index += 1
        car.run(car.words(order, Release(order_id="order-1", index=index, s_m=s_m)), seconds)
        length_m = car.line.edge_end_m(index) - car.line.edge_start_m(index)
        limit_m = car.line.edge_start_m(index) + min(s_m, length_m - STOP_LINE_GAP_M)
        assert car.s_m <= max(limit_m, 0.05) + 0.025  # what its idea of its place may be wrong by


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(driven_s=st.floats(0.1, 12.0))
def test_silence_stops_the_car_within_its_braking_distance(city: City, driven_s: float) -> None:
    car = Double(city, TO_MUSEUM, s_m=0.3)
    car.find_itself()
    order = order_along(city, TO_MUSEUM)
    car.run(car.words(order, WHOLE_ROAD), driven_s)
    last_heard_s, from_m = car.now_s, car.s_m
    outputs = car.run(replace(car.words(order, WHOLE_ROAD), release_heard_s=last_heard_s), 1.1, fresh=False)
    assert car.speed_mps < 0.005
    assert car.s_m - from_m < CRUISE_MPS * (LINK_TIMEOUT_S + 0.08) + BRAKING_M
    assert outputs.report.mode is DriveMode.STOPPED
    assert "server: silent" in outputs.report.faults


def test_a_lost_connection_stops_the_car_without_waiting_for_silence(car: Double) -> None:
    drive_until_fast(car)
    from_m = car.s_m
    words = replace(car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD), connected=False)
    outputs = car.run(words, 0.6)
    assert car.s_m - from_m < BRAKING_M + CRUISE_MPS * 0.08
    assert outputs.report.faults == ("server: not connected",)


def test_a_hold_stops_the_car_and_its_end_lets_it_go(car: Double) -> None:
    drive_until_fast(car)
    order = order_along(car.city, TO_MUSEUM)
    outputs = car.run(car.words(order, WHOLE_ROAD.model_copy(update={"hold": True})), 1.0)
    assert outputs.report.mode is DriveMode.WAITING
    assert car.speed_mps < 0.005
    assert car.run(car.words(order, WHOLE_ROAD), 1.0).report.mode is DriveMode.DRIVING


def test_brakes_no_harder_than_it_must_without_a_fault(car: Double) -> None:
    drive_until_fast(car)
    order = order_along(car.city, TO_MUSEUM)
    car.run(car.words(order, WHOLE_ROAD.model_copy(update={"hold": True})), 0.8)
    speeds = [outputs.speed_mps for outputs in car.history[-21:]]
    assert max(a - b for a, b in pairwise(speeds)) <= DECELERATION_MPS2 * 0.04 + 1e-9


def test_an_old_picture_stops_the_wheels_at_once(car: Double) -> None:
    drive_until_fast(car)
    words = car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD)
    speeds = [car.tick(replace(words, release_heard_s=car.now_s), frame=False).speed_mps for _ in range(6)]
    assert speeds[2] > 0.1  # three lost frames are not yet a reason
    assert speeds[-1] == 0.0
    outputs = car.history[-1]
    assert outputs.report.mode is DriveMode.STOPPED
    assert "newest picture" in outputs.report.faults[0]
    assert (outputs.left_rad_s, outputs.right_rad_s) == (0.0, 0.0)


@pytest.mark.parametrize("board", [True, False])
def test_a_board_fault_stops_the_wheels_at_once(car: Double, board: bool) -> None:
    drive_until_fast(car)
    car.faults = ("board: motor power is off",) if board else ()
    outputs = car.tick(car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD), board=board)
    assert outputs.speed_mps == 0.0
    assert outputs.report.mode is DriveMode.STOPPED
    assert outputs.report.faults


def test_without_an_order_it_stands_idle(car: Double) -> None:
    outputs = car.run(car.words(), 1.0)
    assert outputs.report.mode is DriveMode.IDLE
    assert outputs.speed_mps == 0.0


def test_a_release_of_another_order_is_no_road(car: Double) -> None:
    release = WHOLE_ROAD.model_copy(update={"order_id": "order-0"})
    outputs = car.run(car.words(order_along(car.city, TO_MUSEUM), release), 1.0)
    assert outputs.report.mode is DriveMode.WAITING
    assert outputs.speed_mps == 0.0


def test_a_new_order_replaces_the_old_one_in_mid_drive(car: Double) -> None:
    drive_until_fast(car)
    there = order_along(car.city, (1, 2, 3, 4), name="order-2")
    outputs = car.run(car.words(there, Release(order_id="order-2", index=3, s_m=9.0)), 0.2)
    assert outputs.report.order_id == "order-2"
    assert outputs.speed_mps == pytest.approx(CRUISE_MPS, abs=0.01)


def test_an_order_from_elsewhere_is_refused_and_reported(car: Double) -> None:
    drive_until_fast(car)
    elsewhere = order_along(car.city, (5, 6, 7), name="order-2")
    release = WHOLE_ROAD
    outputs = car.run(car.words(elsewhere, release), 0.2)
    assert outputs.report.order_id == "order-1"
    assert any("order-2" in fault for fault in outputs.report.faults)


def test_an_order_over_roads_that_do_not_join_is_refused(car: Double) -> None:
    good = order_along(car.city, (1, 2))
    broken = good.model_copy(update={"steps": (good.steps[0], good.steps[1].model_copy(update={"edge": 9}))})
    outputs = car.run(car.words(broken), 0.2)
    assert outputs.report.mode is DriveMode.IDLE
    assert "does not follow" in outputs.report.faults[0]


def car_ahead(gap_m: float, left_m: float = 0.075) -> CarSighting:
    """A car of usual width whose rear is `gap_m` before my bumper."""
    return CarSighting(0.9, gap_m + DEFAULT_VEHICLE.front_overhang_m, left_m, left_m - 0.15)


def test_slows_down_behind_a_car_and_stops_when_near(car: Double) -> None:
    drive_until_fast(car)
    words = car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD)
    stands_m = car.s_m + 0.35 + DEFAULT_VEHICLE.front_overhang_m
    while car.s_m < stands_m - DEFAULT_VEHICLE.front_overhang_m - 0.2:
        car.cars = (car_ahead(stands_m - DEFAULT_VEHICLE.front_overhang_m - car.s_m),)
        outputs = car.run(words, 0.04)
    assert outputs.speed_mps < CRUISE_MPS * 0.6
    car.cars = (car_ahead(0.1),)
    outputs = car.run(words, 1.0)
    assert outputs.report.mode is DriveMode.BLOCKED
    assert outputs.speed_mps == 0.0
    car.cars = (car_ahead(0.14),)
    assert car.run(words, 1.0).report.mode is DriveMode.BLOCKED
    car.cars = ()
    assert car.run(words, 3.0).report.mode is DriveMode.DRIVING


@pytest.mark.parametrize("gap_m", [0.1, None])
def test_a_car_that_waits_does_not_creep_on_over_road_that_grows_by_millimetres(
    car: Double, gap_m: float | None
) -> None:
    """As it does when the car ahead tells its place a little farther on, time and again, and stands."""
    order = order_along(car.city, TO_MUSEUM)
    car.run(car.words(order, Release(order_id="order-1", index=1, s_m=0.2)), 15.0)
    waits_m = car.s_m
    car.cars = () if gap_m is None else (car_ahead(gap_m),)
    for step in range(1, 13):
        grown_m = 0.2 + (0.005 if gap_m is None else 0.005 * step)
        outputs = car.run(car.words(order, Release(order_id="order-1", index=1, s_m=grown_m)), 0.4)
    assert car.s_m == pytest.approx(waits_m, abs=0.001)
    assert outputs.speed_mps == 0.0
    assert outputs.report.mode is (DriveMode.WAITING if gap_m is None else DriveMode.BLOCKED)
    car.cars = ()
    car.run(car.words(order, Release(order_id="order-1", index=1, s_m=0.26)), 4.0)
    assert car.s_m == pytest.approx(waits_m + 0.06, abs=0.015)


def test_a_car_beside_the_lane_or_seen_only_twice_does_not_matter(car: Double) -> None:
    drive_until_fast(car)
    words = car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD)
    car.cars = (car_ahead(0.08, left_m=0.4),)
    assert car.run(words, 1.0).report.mode is DriveMode.DRIVING
    car.cars = (car_ahead(0.08),)
    car.run(words, 0.08)
    car.cars = ()
    assert car.run(words, 0.4).report.mode is DriveMode.DRIVING
    assert min(outputs.speed_mps for outputs in car.history[-12:]) > 0.1


def test_creeps_in_search_as_far_as_it_may_and_no_farther(city: City) -> None:
    car = Double(city, TO_MUSEUM, s_m=0.3, see=False)
    words = replace(car.words(), search=Search(distance_m=0.2))
    outputs = car.run(words, 8.0)
    assert outputs.report.mode is DriveMode.LOCALISING
    assert car.s_m == pytest.approx(0.5, abs=0.01)
    assert max(outputs.speed_mps for outputs in car.history) <= CREEP_MPS
    assert outputs.report.position is None


def test_search_ends_with_the_servers_word(city: City) -> None:
    car = Double(city, TO_MUSEUM, s_m=0.3, see=False)
    words = replace(car.words(), search=Search(distance_m=5.0))
    car.run(words, 1.0)
    stale = replace(words, search_heard_s=car.now_s)
    car.run(replace(stale, connected=False), 1.0)
    assert car.speed_mps < 0.005


def test_the_servers_memory_is_believed_where_no_sign_can_be_seen(city: City) -> None:
    car = Double(city, (2, 3), s_m=0.4, see=False)
    remembered = Welcome(city=city.name, last_position=Position(edge=2, s_m=0.4))
    outputs = car.run(replace(car.words(), welcome=remembered), 2.0)
    assert outputs.report.position == Position(edge=2, s_m=0.4)


def test_a_turn_that_a_restart_cut_off_is_gone_on_with(city: City) -> None:
    """Remembered in the left turn from edge 3 to 15; creeping, the memory moves along."""
    length_m = city.edges[3].curve.length_m
    car = Double(city, (3, 15), s_m=length_m + 0.1, see=False)
    remembered = Welcome(city=city.name, last_position=Position(edge=3, s_m=length_m + 0.1, next_edge=15))
    words = replace(car.words(), welcome=remembered, search=Search(distance_m=1.0))
    assert car.run(words, 0.2).command is Command.LEFT
    outputs = car.run(words, 2.0)
    assert outputs.report.position is not None
    assert outputs.report.position.next_edge == 15
    assert outputs.report.position.s_m == pytest.approx(car.s_m, abs=0.01)


def test_creeps_when_far_from_the_lanes_centre(car: Double) -> None:
    drive_until_fast(car)
    car.lateral_m = 0.09
    outputs = car.run(car.words(order_along(car.city, TO_MUSEUM), WHOLE_ROAD), 1.0)
    assert outputs.speed_mps == pytest.approx(CREEP_MPS)


def test_a_step_of_the_same_inputs_gives_the_same_outputs(city: City) -> None:
    first, second = (Double(city, TO_MUSEUM, s_m=0.3) for _ in range(2))
    for car in (first, second):
        car.find_itself()
        car.run(car.words(order_along(city, TO_MUSEUM), WHOLE_ROAD), 5.0)
    assert first.history == second.history
    assert math.isclose(first.s_m, second.s_m)
