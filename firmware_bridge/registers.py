"""Named registers of the board (device 200) and of the XL430 motors; the one place that knows addresses.

Sources: ROBOTIS e-manual, XL430-W250 control table; the board's table is this project's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntFlag

BOARD_ID = 200
LEFT_ID = 1
RIGHT_ID = 2

BOARD_MODEL = 60200
FIRMWARE_VERSION = 2
MOTOR_MODEL = 1060  # XL430-W250

# 0.229 rev/min in rad/s; e-manual, unit of goal and present velocity.
VELOCITY_UNIT_RAD_S = 0.229 * 2 * math.pi / 60
PULSES_PER_TURN = 4096
PULSE_RAD = 2 * math.pi / PULSES_PER_TURN
BUS_WATCHDOG_UNIT_S = 0.02
VELOCITY_MODE = 1

# The right motor is mounted mirror-wise: its shaft turns backwards when the car goes forward.
DIRECTIONS = {LEFT_ID: 1, RIGHT_ID: -1}


class BoardErrorBits(IntFlag):
    """Bits of `BoardRegisters.ERRORS`; latched until cleared."""

    HOST_LOST = 1
    LOW_BATTERY = 2
    BUS_SILENT = 4
    EMERGENCY_STOP = 8
    OVERHEATED = 16
    BROWN_OUT = 32  # the board's own supply has sagged


class ButtonBits(IntFlag):
    """Bits of `BoardRegisters.BUTTONS`."""

    ENABLE = 1
    RESET = 2
    POWER_SWITCH = 4


class ResetCauseBits(IntFlag):
    """Bits of `BoardRegisters.RESET_CAUSE`: why the board has started."""

    SUPPLY = 1  # switched on, or a brown-out
    PIN = 2
    SOFTWARE = 4
    WATCHDOG = 8


class MotorErrorBits(IntFlag):
    """Bits of `MotorRegisters.HARDWARE_ERROR`."""

    INPUT_VOLTAGE = 1
    OVERHEATING = 4
    ENCODER = 8
    ELECTRICAL_SHOCK = 16
    OVERLOAD = 32


@dataclass(frozen=True, slots=True)
class Register:
    """A number in a device's control table, little-endian.

    `scale` times the number is in `unit`; or its bits are `flags`.
    """

    address: int
    size: int
    signed: bool = False
    unit: str = ""
    scale: float = 1.0
    flags: type[IntFlag] | None = None

    @property
    def end(self) -> int:
        """The address after its last byte."""
        return self.address + self.size

    def encode(self, value: int) -> bytes:
        """The register's bytes for a value.

        Raises:
            OverflowError: if the value does not fit.
        """
        return value.to_bytes(self.size, "little", signed=self.signed)

    def decode(self, block: bytes | bytearray, block_address: int = 0) -> int:
        """The register's value out of a block that was read from `block_address` on.

        Raises:
            ValueError: if the block does not hold the register.
        """
        start = self.address - block_address
        if start < 0 or start + self.size > len(block):
            raise ValueError(f"register {self.address} is not in a block of {len(block)} bytes from {block_address}")
        return int.from_bytes(block[start : start + self.size], "little", signed=self.signed)


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that were read from a control table."""

    address: int
    data: bytes

    def __getitem__(self, register: Register) -> int:
        """A register's number.

        Raises:
            ValueError: if the block does not hold the register.
        """
        return register.decode(self.data, self.address)

    def value(self, register: Register) -> float:
        """A register's value in its unit.

        Raises:
            ValueError: if the block does not hold the register.
        """
        return self[register] * register.scale


def named_registers(table: type) -> dict[str, Register]:
    """All registers of `BoardRegisters` or `MotorRegisters` by name, in the order of their addresses."""
    found = {name: each for name, each in vars(table).items() if isinstance(each, Register)}
    return dict(sorted(found.items(), key=lambda item: item[1].address))


class BoardRegisters:
    """Control table of device 200; the registers from HARDWARE to OVERHEAT_C are its factsheet."""

    MODEL = Register(0, 2)
    FIRMWARE_VERSION = Register(6, 1)
    ID = Register(7, 1)
    HARDWARE = Register(8, 1)  # 0 emulated, 1 NUCLEO-L432KC, 2 NUCLEO-F411RE
    RESET_CAUSE = Register(9, 1, flags=ResetCauseBits)
    BAUD = Register(12, 4)  # of both lines
    LONGEST_PACKET = Register(16, 2, unit="bytes")
    BATTERY_LOW_MV = Register(18, 2, unit="V", scale=1e-3)
    BATTERY_FULL_SCALE_MV = Register(20, 2, unit="V", scale=1e-3)  # the most that can be measured
    FAN_C = Register(22, 1, unit="°C")  # from here on the fan runs
    OVERHEAT_C = Register(23, 1, unit="°C")  # from here on the motors get no power
    MOTOR_POWER = Register(64, 1)
    LED = Register(65, 1)
    HEARTBEAT_TIMEOUT_MS = Register(66, 2, unit="ms")
    HEARTBEAT = Register(68, 1)  # must change before the timeout
    CLEAR_ERRORS = Register(69, 1)  # write 1: forget latched errors
    ERRORS = Register(70, 1, flags=BoardErrorBits)
    STATE = Register(71, 1)
    BUTTONS = Register(72, 1, flags=ButtonBits)
    TEMPERATURE_C = Register(73, 1, signed=True, unit="°C")  # of the board's chip
    BATTERY_MV = Register(74, 2, unit="V", scale=1e-3)
    UPTIME_MS = Register(76, 4, unit="s", scale=1e-3)
    FORWARDED = Register(80, 4)  # packets from host to motors
    BUS_PACKETS = Register(84, 4)  # packets from motors to host
    CRC_ERRORS = Register(88, 4)
    END = 92
    WRITABLE = range(64, 70)


class MotorRegisters:
    """The part of the XL430's control table that is used here."""

    MODEL = Register(0, 2)
    ID = Register(7, 1)
    RETURN_DELAY = Register(9, 1, unit="us", scale=2.0)
    OPERATING_MODE = Register(11, 1)
    TEMPERATURE_LIMIT = Register(31, 1, unit="°C")
    VOLTAGE_LIMIT_MAX = Register(32, 2, unit="V", scale=0.1)
    VOLTAGE_LIMIT_MIN = Register(34, 2, unit="V", scale=0.1)
    VELOCITY_LIMIT = Register(44, 4, unit="rad/s", scale=VELOCITY_UNIT_RAD_S)
    SHUTDOWN = Register(63, 1)
    TORQUE_ENABLE = Register(64, 1)
    LED = Register(65, 1)
    HARDWARE_ERROR = Register(70, 1, flags=MotorErrorBits)
    BUS_WATCHDOG = Register(98, 1, signed=True, unit="s", scale=BUS_WATCHDOG_UNIT_S)  # -1: has tripped
    GOAL_VELOCITY = Register(104, 4, signed=True, unit="rad/s", scale=VELOCITY_UNIT_RAD_S)
    PROFILE_ACCELERATION = Register(108, 4, unit="rad/s²", scale=0.3745)  # 0: as fast as it can
    REALTIME_TICK_MS = Register(120, 2, unit="ms")  # 0 … 32767
    PRESENT_LOAD = Register(126, 2, signed=True, unit="of stall", scale=1e-3)
    PRESENT_VELOCITY = Register(128, 4, signed=True, unit="rad/s", scale=VELOCITY_UNIT_RAD_S)
    PRESENT_POSITION = Register(132, 4, signed=True, unit="rad", scale=PULSE_RAD)
    PRESENT_VOLTAGE = Register(144, 2, unit="V", scale=0.1)
    PRESENT_TEMPERATURE = Register(146, 1, unit="°C")
    END = 147
    EEPROM_END = 64  # below, writes need torque off
