"""Motion against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE
from sim.physics import LaggedDrive, WheelSlip, advance, wheel_speeds

START = Pose(0.3, -0.2, 0.7)


def test_equal_wheel_speeds_drive_a_straight_line() -> None:
    end = advance(START, 4.0, 4.0, 2.5)
    length_m = 4.0 * DEFAULT_VEHICLE.wheel_radius_m * 2.5
    assert end.x_m == pytest.approx(0.3 + length_m * math.cos(0.7))
    assert end.y_m == pytest.approx(-0.2 + length_m * math.sin(0.7))
    assert end.heading_rad == pytest.approx(0.7)


def test_opposite_wheel_speeds_turn_on_the_spot() -> None:
    end = advance(START, -1.0, 1.0, 1.0)
    turn_rad = 2 * DEFAULT_VEHICLE.wheel_radius_m / DEFAULT_VEHICLE.track_m
    assert (end.x_m, end.y_m) == pytest.approx((START.x_m, START.y_m))
    assert end.heading_rad == pytest.approx(0.7 + turn_rad)


@pytest.mark.parametrize("steps", [1, 7, 1000])
def test_a_circle_closes_whatever_the_step(steps: int) -> None:
    radius_m, speed_mps = 0.5, 0.14
    left, right = wheel_speeds(speed_mps, 1 / radius_m)
    lap_s = 2 * math.pi * radius_m / speed_mps
    pose = Pose(0.0, 0.0, 0.0)
    farthest_m = 0.0
    for _ in range(steps):
        pose = advance(pose, left, right, lap_s / steps)
        farthest_m = max(farthest_m, math.hypot(pose.x_m, pose.y_m))
    assert (pose.x_m, pose.y_m, math.sin(pose.heading_rad)) == pytest.approx((0, 0, 0), abs=1e-9)
    if steps > 7:
        assert farthest_m == pytest.approx(2 * radius_m, rel=1e-4)


@given(st.floats(-8, 8), st.floats(-8, 8), st.floats(0.001, 0.2))
def test_two_half_steps_are_one_step(left: float, right: float, dt_s: float) -> None:
    whole = advance(START, left, right, dt_s)
    halves = advance(advance(START, left, right, dt_s / 2), left, right, dt_s / 2)
    assert (halves.x_m, halves.y_m) == pytest.approx((whole.x_m, whole.y_m), abs=1e-9)
    assert math.cos(halves.heading_rad - whole.heading_rad) == pytest.approx(1.0)


@given(st.floats(0.01, 0.2), st.floats(-5, 5))
def test_wheel_speeds_drive_the_curvature_asked_for(speed_mps: float, curvature_per_m: float) -> None:
    left, right = wheel_speeds(speed_mps, curvature_per_m)
    end = advance(Pose(0, 0, 0), left, right, 0.1)
    assert end.heading_rad == pytest.approx(curvature_per_m * speed_mps * 0.1, abs=1e-9)


def test_a_motor_covers_its_step_with_its_time_constant() -> None:
    drive = LaggedDrive(lag_s=0.04)
    drive.set_goal(1.0, -2.0)
    for _ in range(4):
        drive.step(0.01)
    assert drive.left_velocity_rad_s == pytest.approx(1 - math.exp(-1))
    assert drive.right_velocity_rad_s == pytest.approx(-2 * (1 - math.exp(-1)))


def test_a_motor_without_lag_follows_at_once() -> None:
    drive = LaggedDrive(lag_s=0.0)
    drive.set_goal(1.0, 2.0)
    drive.step(0.01)
    assert (drive.left_velocity_rad_s, drive.right_velocity_rad_s) == (1.0, 2.0)


def test_slip_is_small_and_wanders_as_much_as_asked() -> None:
    slip = WheelSlip(np.random.default_rng(3), mismatch=0.0, wander=0.004, correlation_s=0.1)
    factors = np.array([slip.step(0.01) for _ in range(20000)])
    assert np.abs(factors.mean(axis=0) - 1).max() < 0.0005
    assert factors.std(axis=0) == pytest.approx([0.004, 0.004], rel=0.1)
