"""A car's board, motors and battery without bytes: the same limits, lags and safety stops as the emulator's."""

from __future__ import annotations

import math
from collections.abc import Callable

from firmware_bridge.emulator.battery import Battery
from firmware_bridge.emulator.board import BOARD_CURRENT_A
from firmware_bridge.emulator.motor import (
    GEAR_BRAKE_RAD_S2,
    NO_LOAD_A,
    NO_LOAD_RAD_S_PER_V,
    STANDBY_A,
    TIME_CONSTANT_S,
)
from firmware_bridge.errors import PowerOffError
from firmware_bridge.state import BoardState, MotorState

HEARTBEAT_TIMEOUT_S = 0.2  # that a car asks its board for


class _Wheel:
    def __init__(self, gain: float) -> None:
        self.velocity_rad_s = 0.0
        self.position_rad = 0.0
        self.goal_rad_s = 0.0
        self._gain = gain

    def step(self, dt_s: float, limit_rad_s: float) -> None:
        """First-order lag, and a brake of friction towards standing, as `firmware_bridge.emulator.motor` has it."""
        target = max(-limit_rad_s, min(limit_rad_s, self.goal_rad_s * self._gain))
        before = self.velocity_rad_s
        after = before + (target - before) * (1 - math.exp(-dt_s / TIME_CONSTANT_S))
        if target == 0.0:
            after -= math.copysign(min(abs(after), GEAR_BRAKE_RAD_S2 * dt_s), after)
        self.velocity_rad_s = after
        self.position_rad += (before + after) / 2 * dt_s

    def state(self, supply_v: float) -> MotorState:
        return MotorState(self.velocity_rad_s, self.position_rad, 0.0, supply_v, 25.0, 0)


class LockstepBoard:
    """The wheels that the world turns, and the port through which the car commands them."""

    def __init__(self, gains: tuple[float, float], charge: float, now_s: Callable[[], float]) -> None:
        self._left, self._right = (_Wheel(gain) for gain in gains)
        self._now_s = now_s
        self._commanded_s = -math.inf
        self._powered = False
        self.battery = Battery(charge)

    @property
    def left_velocity_rad_s(self) -> float:
        """Left wheel, forward positive."""
        return self._left.velocity_rad_s

    @property
    def right_velocity_rad_s(self) -> float:
        """Right wheel, forward positive."""
        return self._right.velocity_rad_s

    def step(self, dt_s: float, left_load_nm: float = 0.0, right_load_nm: float = 0.0) -> None:
        """Advance; loads far below a motor's do not slow it."""
        del left_load_nm, right_load_nm
        if self._powered and self._now_s() - self._commanded_s > HEARTBEAT_TIMEOUT_S:
            self._cut_power()
        limit_rad_s = NO_LOAD_RAD_S_PER_V * self.battery.voltage_v
        current_a = BOARD_CURRENT_A
        for wheel in (self._left, self._right):
            wheel.step(dt_s, limit_rad_s)
            current_a += STANDBY_A + (NO_LOAD_A if wheel.velocity_rad_s else 0.0)
        self.battery.step(dt_s, current_a)

    def open(self) -> LockstepBoard:
        """As a car opens its port."""
        self.recover()
        return self

    def exchange(self, left_rad_s: float, right_rad_s: float) -> BoardState:
        """Set both wheels and read everything.

        Raises:
            PowerOffError: if the car was silent before.
        """
        now_s = self._now_s()
        if not self._powered:
            raise PowerOffError("board: the motors have no power, the host was silent")
        self._commanded_s = now_s
        self._left.goal_rad_s, self._right.goal_rad_s = left_rad_s, right_rad_s
        supply_v = self.battery.voltage_v
        return BoardState(now_s, now_s, self._left.state(supply_v), self._right.state(supply_v), supply_v, 0, True, 0)

    def recover(self) -> None:
        """Switch the motors on, with their wheels standing."""
        self._powered = True
        self._commanded_s = self._now_s()
        self._left.goal_rad_s = self._right.goal_rad_s = 0.0

    def close(self) -> None:
        """Stop the wheels and let go."""
        self._cut_power()

    def _cut_power(self) -> None:
        self._powered = False
        self._left.goal_rad_s = self._right.goal_rad_s = 0.0
