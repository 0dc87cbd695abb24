"""Errors of distances."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.perception.sighting import CarSighting
from city.files import load_city
from city.geometry import Pose
from city.route_line import RouteLine
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE
from pixelopolis.evaluation.whole_car.ranges import (
    car_errors,
    in_vehicle_frame,
    moving,
    nearest_side_m,
    sign_errors,
)
from tests.whole_car.made_up import approach, flawless_moments, ride_of

CITY = load_city("pixelopolis")
LINE = RouteLine(CITY, (3, 15, 14, 6))
angles = st.floats(-math.pi, math.pi)


def test_right_distances_have_no_error_and_others_their_share() -> None:
    moments = flawless_moments(CITY, LINE)
    errors = list(sign_errors(ride_of(CITY, LINE, moments)))
    assert len(errors) > 100
    assert max(errors) == pytest.approx(0.0, abs=1e-9)
    farther = [
        replace(moment, signs=tuple(replace(sign, range_m=1.1 * sign.range_m) for sign in moment.signs or ()))
        for moment in moments
    ]
    assert list(sign_errors(ride_of(CITY, LINE, farther))) == pytest.approx([0.1] * len(errors))


@pytest.mark.parametrize("share", [1.0, 1.2])
def test_the_car_ahead_is_as_far_as_its_back(share: float) -> None:
    moments = []
    for moment in approach(CITY, LINE, seen_from_m=1.0):
        assert moment.ahead is not None
        true_m = nearest_side_m(moment.pose, moment.ahead.pose) - DEFAULT_CAMERA.forward_m
        beside_m = in_vehicle_frame(moment.pose, moment.ahead.pose.x_m, moment.ahead.pose.y_m)[1]
        seen = CarSighting(0.9, DEFAULT_CAMERA.forward_m + share * true_m, beside_m + 0.05, beside_m - 0.05)
        other = CarSighting(0.9, 0.5, beside_m + 1.05, beside_m + 0.95)
        moments.append(replace(moment, cars=(other, seen)))
    errors = list(car_errors(ride_of(CITY, LINE, moments)))
    assert len(errors) > 100
    assert errors == pytest.approx([share - 1] * len(errors), abs=1e-9)


def test_a_standing_car_sees_everything_once() -> None:
    moments = approach(CITY, LINE, seen_from_m=1.0)
    still = [replace(moments[100], time_s=k * 0.04) for k in range(50)]
    assert len(list(moving(ride_of(CITY, LINE, [*moments[:100], *still, *moments[100:]])))) == len(moments)
    blind = [replace(moment, signs=None) for moment in moments]
    assert list(moving(ride_of(CITY, LINE, blind))) == []


def test_a_car_out_of_sight_is_not_asked_for() -> None:
    seen = (CarSighting(0.9, 0.5, 0.05, -0.05),)
    hidden = [replace(m, cars=seen) for m in approach(CITY, LINE, seen_from_m=1.0, in_sight=False)]
    assert list(car_errors(ride_of(CITY, LINE, hidden))) == []


@given(angles, st.floats(0.2, 2.0))
def test_one_ahead_in_the_same_direction_is_its_gap_away(heading_rad: float, gap_m: float) -> None:
    car = Pose(1.0, -2.0, heading_rad)
    reach_m = DEFAULT_VEHICLE.front_overhang_m + gap_m + DEFAULT_VEHICLE.rear_overhang_m
    other = Pose(1.0 + reach_m * math.cos(heading_rad), -2.0 + reach_m * math.sin(heading_rad), heading_rad)
    assert nearest_side_m(car, other) == pytest.approx(DEFAULT_VEHICLE.front_overhang_m + gap_m)


@given(angles, st.floats(-3, 3), st.floats(-3, 3))
def test_the_vehicle_frame_keeps_distances(heading_rad: float, x_m: float, y_m: float) -> None:
    ahead_m, left_m = in_vehicle_frame(Pose(0.5, 0.25, heading_rad), x_m, y_m)
    assert math.hypot(ahead_m, left_m) == pytest.approx(math.hypot(x_m - 0.5, y_m - 0.25))
