"""Labels lead back to the line, and their signs are what they say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.city import Command
from city.files import load_city
from city.geometry import Pose
from city.route_line import RouteLine
from models.lane.closed_loop.drive import DriveDouble, Mechanics
from models.lane.collecting.approaches import CommandWindow, approaches
from models.lane.collecting.sampling import MAX_HEADING_RAD, MAX_LATERAL_M, sample_shots
from models.lane.labels import ACTUATION_DELAY_S, CRUISE_SPEED_MPS, lane_label, roll
from sim.expert import beside

CITY = load_city("pixelopolis")
APPROACHES = approaches(CITY)


def straight_approach() -> RouteLine:
    return next(a.line for a in APPROACHES if a.command is Command.FORWARD)


def test_a_car_left_of_a_straight_line_steers_right() -> None:
    line = straight_approach()
    label = lane_label(line, beside(line, 0.1, 0.05, 0.0), 0.1)
    assert label.steering > 0.1
    assert label.lateral_m == pytest.approx(0.05, abs=0.003)


def test_a_car_turned_left_steers_right() -> None:
    line = straight_approach()
    label = lane_label(line, beside(line, 0.1, 0.0, 0.2), 0.1)
    assert label.steering > 0.1
    assert label.heading_rad == pytest.approx(0.2, abs=0.02)


def test_left_turns_are_steered_left() -> None:
    for approach in APPROACHES:
        middle_m = (approach.stop_line_m + approach.movement_end_m) / 2
        steering = lane_label(approach.line, approach.line.pose_at(middle_m), middle_m).steering
        if approach.command is Command.LEFT:
            assert steering < -0.4
        else:
            assert abs(steering) < 0.4


def test_the_label_is_for_where_the_car_will_be_when_the_wheels_answer() -> None:
    left = next(a for a in APPROACHES if a.command is Command.LEFT)
    # The expert's first pull into a turn comes one delay's way earlier than it would without a delay.
    before_m = left.stop_line_m - 0.14 - ACTUATION_DELAY_S * CRUISE_SPEED_MPS / 2
    assert lane_label(left.line, left.line.pose_at(before_m), before_m).steering < 0


@settings(max_examples=15, deadline=None)
@given(
    which=st.integers(0, len(APPROACHES) - 1),
    share=st.floats(0.05, 0.6),
    lateral_m=st.floats(-0.08, 0.08),
    heading_rad=st.floats(-0.3, 0.3),
)
def test_following_the_labels_leads_to_the_line(which: int, share: float, lateral_m: float, heading_rad: float) -> None:
    approach = APPROACHES[which]
    station_m = share * approach.movement_end_m
    car = DriveDouble(beside(approach.line, station_m, lateral_m, heading_rad), Mechanics())
    label = lane_label(approach.line, car.pose, station_m)
    travelled_m = 0.0
    while travelled_m < 0.6 and label.station_m < approach.line.length_m - 0.2:
        car.command(label.steering, 0.12)
        car.step(0.04)
        travelled_m += 0.12 * 0.04
        label = lane_label(approach.line, car.pose, label.station_m)
    if travelled_m >= 0.6:
        assert abs(label.lateral_m) < 0.02
    assert abs(label.lateral_m) < max(0.12, abs(lateral_m))


@given(distance_m=st.floats(0.001, 0.5), curvature=st.floats(-5, 5).filter(lambda c: abs(c) > 1e-3))
def test_roll_stays_on_its_circle(distance_m: float, curvature: float) -> None:
    distance_m = min(distance_m, 0.05)
    end = roll(Pose(0.0, 0.0, 0.0), distance_m, curvature)
    radius = 1 / curvature
    assert math.hypot(end.x_m, end.y_m - radius) == pytest.approx(abs(radius), rel=0.01)


def test_every_movement_has_an_approach() -> None:
    assert len(APPROACHES) == len(CITY.movements)
    assert {approach.command for approach in APPROACHES} == {m.command for m in CITY.movements.values()}


def test_commands_are_given_around_the_movement_only() -> None:
    approach = APPROACHES[0]
    window = CommandWindow(0.4, 0.05)
    assert window.command_at(approach, approach.stop_line_m - 0.41) is Command.FOLLOW
    assert window.command_at(approach, approach.stop_line_m - 0.39) is approach.command
    assert window.command_at(approach, approach.movement_end_m + 0.04) is approach.command
    assert window.command_at(approach, approach.movement_end_m + 0.06) is Command.FOLLOW


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_near_a_crossing_a_command_is_always_given(seed: int) -> None:
    window = CommandWindow.sample(np.random.default_rng(seed))
    approach = APPROACHES[seed % len(APPROACHES)]
    assert window.command_at(approach, approach.stop_line_m - 0.1) is approach.command
    assert window.command_at(approach, approach.movement_end_m - 0.07) is approach.command


def test_shots_are_within_bounds_balanced_and_repeatable() -> None:
    shots, candidates = sample_shots(APPROACHES, 150, np.random.default_rng(4))
    again, _ = sample_shots(APPROACHES, 150, np.random.default_rng(4))
    assert len(candidates) == 3 * 150
    assert [shot.pose for shot in shots] == [shot.pose for shot in again]
    assert {shot.command for shot in shots} == {Command.FOLLOW, Command.FORWARD, Command.LEFT}
    assert {shot.camera for shot in shots} == {0, 1, 2}
    steering = np.array([shot.label.steering for shot in shots])
    assert np.histogram(steering, 5, (-1, 1))[0].min() > 8
    assert max(abs(shot.label.lateral_m) for shot in shots) <= MAX_LATERAL_M + 0.05
    assert max(abs(shot.label.heading_rad) for shot in shots) <= MAX_HEADING_RAD + 0.6


def test_where_a_turn_begins_the_mean_answer_is_that_of_a_car_on_the_line() -> None:
    turns = [approach for approach in APPROACHES if approach.command is not Command.FORWARD]
    shots, _ = sample_shots(turns, 2000, np.random.default_rng(6))
    shift = []
    for shot in shots:
        way = shot.approach
        if way.stop_line_m < shot.label.station_m < way.movement_end_m - 0.2:
            on_the_line = lane_label(way.line, way.line.pose_at(shot.label.station_m), shot.label.station_m)
            shift.append((shot.label.steering - on_the_line.steering) * np.sign(on_the_line.steering))
            assert abs(shot.label.lateral_m) < 0.05
            assert shot.camera == 0
    assert len(shift) > 200
    assert abs(np.mean(shift)) < 0.08
