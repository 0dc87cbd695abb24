"""Motion of a differential-drive car: exact for wheel speeds that are constant over the step."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from city.geometry import Pose, wrap_angle
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry

MOTOR_LAG_S = 0.04  # time constant of the speed loop of an XL430 wheel (assumed, to be measured on hardware)
DRAWN_AT_A_TIME = 256


class WheelDrive(Protocol):
    """What turns the wheels of a car. Speeds are of the wheels themselves, forward positive."""

    @property
    def left_velocity_rad_s(self) -> float:
        """Speed of the left wheel."""
        ...

    @property
    def right_velocity_rad_s(self) -> float:
        """Speed of the right wheel."""
        ...

    def step(self, dt_s: float, left_load_nm: float = 0.0, right_load_nm: float = 0.0) -> None:
        """Advance by `dt_s` with the given torques holding the wheels back."""
        ...


class LaggedDrive:
    """Wheels that approach their goal speeds with a first-order lag: a motor without a board."""

    def __init__(self, lag_s: float = MOTOR_LAG_S) -> None:
        self.left_velocity_rad_s = 0.0
        self.right_velocity_rad_s = 0.0
        self._lag_s = lag_s
        self._goals = (0.0, 0.0)

    def set_goal(self, left_rad_s: float, right_rad_s: float) -> None:
        """Speeds to approach from now on."""
        self._goals = (left_rad_s, right_rad_s)

    def step(self, dt_s: float, left_load_nm: float = 0.0, right_load_nm: float = 0.0) -> None:
        """Advance by `dt_s`; loads do not slow these wheels."""
        del left_load_nm, right_load_nm
        share = 1.0 if self._lag_s <= 0 else 1.0 - math.exp(-dt_s / self._lag_s)
        self.left_velocity_rad_s += share * (self._goals[0] - self.left_velocity_rad_s)
        self.right_velocity_rad_s += share * (self._goals[1] - self.right_velocity_rad_s)


class WheelSlip:
    """How much faster or slower each wheel rolls than it turns.

    A fixed part (tyres are never equally large) and a wandering part: an Ornstein-Uhlenbeck process.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        mismatch: float = 0.003,
        wander: float = 0.004,
        correlation_s: float = 1.0,
    ) -> None:
        """`mismatch` bounds the fixed part; `wander` is the standard deviation of the other. Both are shares of 1."""
        self._rng = rng
        self._wander = wander
        self._correlation_s = correlation_s
        self._left, self._right = rng.uniform(-mismatch, mismatch, 2).tolist()
        self._wandering = 0.0, 0.0
        self._kicks: Iterator[list[float]] = iter(())

    def step(self, dt_s: float) -> tuple[float, float]:
        """Factors (left, right) on the wheels' speeds over the next `dt_s`."""
        kept = math.exp(-dt_s / self._correlation_s)
        kick = self._wander * math.sqrt(1.0 - kept * kept)
        left_kick, right_kick = self._next_kicks()
        left, right = self._wandering
        self._wandering = kept * left + kick * left_kick, kept * right + kick * right_kick
        return 1.0 + self._left + self._wandering[0], 1.0 + self._right + self._wandering[1]

    def _next_kicks(self) -> list[float]:
        kicks = next(self._kicks, None)
        if kicks is None:  # drawn many at a time: one by one they cost as much as all the rest of a step
            self._kicks = iter(self._rng.standard_normal((DRAWN_AT_A_TIME, 2)).tolist())
            kicks = next(self._kicks)
        return kicks


def wheel_speeds(
    speed_mps: float, curvature_per_m: float, vehicle: VehicleGeometry = DEFAULT_VEHICLE
) -> tuple[float, float]:
    """Wheel speeds (left, right) in rad/s that drive an arc of the given curvature, left positive."""
    half_turn = curvature_per_m * vehicle.track_m / 2
    speed_rad_s = speed_mps / vehicle.wheel_radius_m
    return speed_rad_s * (1.0 - half_turn), speed_rad_s * (1.0 + half_turn)


def advance(
    pose: Pose,
    left_rad_s: float,
    right_rad_s: float,
    dt_s: float,
    vehicle: VehicleGeometry = DEFAULT_VEHICLE,
) -> Pose:
    """The pose after `dt_s` with constant wheel speeds: the exact arc, or a line when both are equal."""
    left_m = left_rad_s * vehicle.wheel_radius_m * dt_s
    right_m = right_rad_s * vehicle.wheel_radius_m * dt_s
    half_turn_rad = (right_m - left_m) / vehicle.track_m / 2
    # The chord of an arc is shorter than the arc by sin(a)/a and points along the middle heading.
    chord_m = (left_m + right_m) / 2 * (math.sin(half_turn_rad) / half_turn_rad if half_turn_rad else 1.0)
    middle_rad = pose.heading_rad + half_turn_rad
    return Pose(
        pose.x_m + chord_m * math.cos(middle_rad),
        pose.y_m + chord_m * math.sin(middle_rad),
        wrap_angle(pose.heading_rad + 2 * half_turn_rad),
    )
