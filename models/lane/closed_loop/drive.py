"""A car for closed loops without a board: late, lagging and slightly crooked, as real ones are."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from city.geometry import Pose
from fleet.steering import curvature_from_steering
from sim.physics import MOTOR_LAG_S, LaggedDrive, advance, wheel_speeds

PHYSICS_STEP_S = 0.01  # at most
EPSILON_S = 1e-9


@dataclass(frozen=True, slots=True)
class Mechanics:
    """What differs from one car to the next."""

    delay_s: float = 0.07  # from a frame to the wheels' new goal
    motor_lag_s: float = MOTOR_LAG_S
    left_gain: float = 1.0  # how much faster the wheel rolls than asked
    right_gain: float = 1.0

    @classmethod
    def sample(
        cls, rng: np.random.Generator, delay_s: tuple[float, float] = (0.06, 0.08), mismatch: float = 0.02
    ) -> Mechanics:
        """Mechanics within the given bounds; `mismatch` bounds the difference between the wheels."""
        half = float(rng.uniform(-mismatch, mismatch)) / 2
        return cls(float(rng.uniform(*delay_s)), MOTOR_LAG_S, 1.0 + half, 1.0 - half)


class DriveDouble:
    """A car on a plane, driven by steering and speed that reach its wheels after a delay."""

    def __init__(self, pose: Pose, mechanics: Mechanics) -> None:
        self.pose = pose
        self._mechanics = mechanics
        self._drive = LaggedDrive(mechanics.motor_lag_s)
        self._pending: deque[tuple[float, float, float]] = deque()  # due time, left, right
        self._time_s = 0.0

    def command(self, steering: float, speed_mps: float) -> None:
        """Steering in [-1, 1] (right positive) and speed, decided on what is seen now."""
        left, right = wheel_speeds(speed_mps, curvature_from_steering(steering))
        self._pending.append((self._time_s + self._mechanics.delay_s, left, right))

    def step(self, duration_s: float) -> None:
        """Let time pass. A command takes hold when its delay is over, between two physics steps as well."""
        end_s = self._time_s + duration_s
        while end_s - self._time_s > EPSILON_S:
            while self._pending and self._pending[0][0] - self._time_s <= EPSILON_S:
                _, left, right = self._pending.popleft()
                self._drive.set_goal(left, right)
            next_s = self._pending[0][0] if self._pending else end_s
            self._roll(min(PHYSICS_STEP_S, end_s - self._time_s, next_s - self._time_s))

    def _roll(self, duration_s: float) -> None:
        self._drive.step(duration_s)
        self.pose = advance(
            self.pose,
            self._drive.left_velocity_rad_s * self._mechanics.left_gain,
            self._drive.right_velocity_rad_s * self._mechanics.right_gain,
            duration_s,
        )
        self._time_s += duration_s
