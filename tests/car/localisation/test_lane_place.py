"""How a hand-driven car stands in its lane, by wheels and lane model."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.localisation.lane_place import GATE_M, LOST_M, UNSEEN_M, LanePlace, lane_place
from car.perception.seen import LaneView
from city.city import Command
from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE
from sim.physics import advance

LANE_M = 0.36


def drive(place: LanePlace, left_rad_s: float, right_rad_s: float, lane_per_m: float) -> tuple[LanePlace, Pose]:
    """A second of dead reckoning beside the truth, on a lane that is a circle (or the x axis)."""
    pose = Pose(0.0, place.lateral_m, place.heading_rad)
    for _ in range(50):
        before = pose
        pose = advance(pose, left_rad_s, right_rad_s, 0.02, DEFAULT_VEHICLE)
        distance_m = (left_rad_s + right_rad_s) / 2 * 0.02 * DEFAULT_VEHICLE.wheel_radius_m
        place = place.moved(distance_m, math.remainder(pose.heading_rad - before.heading_rad, math.tau), lane_per_m)
    return place, pose


@given(
    st.floats(-0.1, 0.1),
    st.floats(-0.4, 0.4),
    st.floats(2.0, 4.0),
    st.floats(2.0, 4.0),
    st.sampled_from([0.0, 1.0, -2.0, 3.1]),
)
def test_dead_reckoning_is_right_on_any_lane(
    lateral_m: float, heading_rad: float, left_rad_s: float, right_rad_s: float, lane_per_m: float
) -> None:
    place, pose = drive(LanePlace(lateral_m, heading_rad), left_rad_s, right_rad_s, lane_per_m)
    if lane_per_m == 0.0:
        true_lateral_m, lane_rad = pose.y_m, 0.0
    else:
        radius_m = 1 / lane_per_m
        side = math.copysign(1.0, radius_m)
        true_lateral_m = side * (abs(radius_m) - math.hypot(pose.x_m, pose.y_m - radius_m))
        lane_rad = side * math.atan2(pose.x_m, side * (radius_m - pose.y_m))
    assert place.lateral_m == pytest.approx(true_lateral_m, abs=2e-3)
    assert math.remainder(place.heading_rad - (pose.heading_rad - lane_rad), math.tau) == pytest.approx(0.0, abs=5e-3)


def test_the_lane_model_keeps_it_right() -> None:
    place = LanePlace(0.05, 0.1)
    for _ in range(200):
        place = place.seen(LaneView(0.0, 0.02, 0.0), Command.FOLLOW)
    assert place.lateral_m == pytest.approx(0.02, abs=1e-3)
    assert place.heading_rad == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("view", [LaneView(0.0), LaneView(0.0, GATE_M + 0.01, 0.0), LaneView(0.0, 0.0, 0.5)])
def test_a_lane_model_that_contradicts_the_wheels_is_not_believed_and_soon_nobody_knows(view: LaneView) -> None:
    place = LanePlace()
    assert place.seen(view, Command.FORWARD) == place
    for _ in range(3):
        place = place.moved(0.3 * UNSEEN_M, 0.0, 0.0).seen(view, Command.FORWARD)
        assert not place.is_lost
    assert place.moved(0.3 * UNSEEN_M, 0.0, 0.0).seen(view, Command.FORWARD).is_lost


def test_being_seen_where_the_wheels_say_counts_anew() -> None:
    place = LanePlace(unseen_m=UNSEEN_M - 0.01).seen(LaneView(0.0, 0.01, 0.01), Command.FOLLOW)
    assert (place.unseen_m, place.is_lost) == (0.0, False)


@pytest.mark.parametrize(
    ("place", "is_out", "is_lost"),
    [
        (LanePlace(), False, False),
        (LanePlace(0.10, 0.0), False, False),
        (LanePlace(-0.11, 0.0), True, False),
        (LanePlace(0.0, 0.9), False, False),
        (LanePlace(0.05, 0.9), True, False),
        (LanePlace(-0.05, 0.9), False, False),
        (LanePlace(LOST_M + 0.01, 0.0), True, True),
        (LanePlace(0.0, -1.3), False, True),
    ],
)
def test_over_the_line_and_lost(place: LanePlace, is_out: bool, is_lost: bool) -> None:
    assert place.is_out_of(LANE_M, DEFAULT_VEHICLE) is is_out
    assert place.is_lost is is_lost


def test_in_a_turn_the_lane_model_sees_nothing() -> None:
    place = LanePlace(0.05, 0.1, 0.2)
    for told in (Command.LEFT, Command.RIGHT):
        assert place.seen(LaneView(0.0, 0.0, 0.0), told) == place


def test_far_out_the_lane_model_calls_no_car_back() -> None:
    """It says 0.1 m of every car that is farther out."""
    place = LanePlace(0.14, 0.1, 0.2)
    assert place.seen(LaneView(0.0, 0.1, 0.0), Command.FOLLOW) == replace(place, unseen_m=0.0)
    assert LanePlace(-0.14).seen(LaneView(0.0, -0.1, 0.0), Command.FOLLOW) == LanePlace(-0.14)
    assert LanePlace(0.07).seen(LaneView(0.0, 0.1, 0.0), Command.FOLLOW).lateral_m > 0.07


def test_unseen_it_leaves_more_room_to_the_line() -> None:
    assert not LanePlace(0.08, 0.0).is_out_of(LANE_M, DEFAULT_VEHICLE)
    assert LanePlace(0.08, 0.0, 0.8 * UNSEEN_M).is_out_of(LANE_M, DEFAULT_VEHICLE)


def test_it_begins_as_the_lane_model_sees_it() -> None:
    assert lane_place(LaneView(0.3, 0.04, -0.1)) == LanePlace(0.04, -0.1)
    assert lane_place(LaneView(0.3)) == lane_place(None) == LanePlace()
