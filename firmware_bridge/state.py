"""What one exchange with the board tells."""

from __future__ import annotations

from dataclasses import dataclass

PACK_ABSENT_V = 5.0  # the board runs on the computer's supply and measures next to nothing without a pack


@dataclass(frozen=True, slots=True)
class MotorState:
    """One wheel, forward positive."""

    velocity_rad_s: float
    position_rad: float  # counted on over all turns since the port was opened
    load: float  # part of the stall torque, -1 … 1
    voltage_v: float
    temperature_c: float
    hardware_error: int  # bits of registers.MotorErrorBits


@dataclass(frozen=True, slots=True)
class BoardState:
    """Board, battery and both wheels at one moment."""

    time_s: float  # of the host's monotonic clock, when the reply was complete
    uptime_s: float  # of the board
    left: MotorState
    right: MotorState
    battery_v: float
    buttons: int  # bits of registers.ButtonBits
    power_on: bool
    errors: int  # bits of registers.BoardErrorBits
