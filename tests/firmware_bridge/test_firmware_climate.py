"""Heat, a weak supply, the fan, and the factsheet: what the firmware's core does with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.emulator.factsheet import FACTSHEET
from firmware_bridge.protocol import ErrorCode, Instruction, Packet, Parser
from firmware_bridge.registers import BOARD_ID, BoardErrorBits, BoardRegisters, Register, named_registers
from tests.firmware_bridge.firmware_build import FIRMWARE
from tests.firmware_bridge.firmware_lockstep import Firmware

POWER, FAN = 1, 8
ALL_BUTTONS_RIGHT = b"\x05"
BATTERY_RAW = (2700).to_bytes(2, "little")


@pytest.fixture
def firmware(firmware_programs: Path) -> Iterator[Firmware]:
    with Firmware(firmware_programs / "lockstep") as started:
        yield started


def read(firmware: Firmware, register: Register) -> int:
    span = register.address.to_bytes(2, "little") + register.size.to_bytes(2, "little")
    answer = firmware.command(b"h", Packet(BOARD_ID, Instruction.READ, span).encode())
    return register.decode(Parser().feed(answer.to_host)[0].parameters[1:], register.address)


def write(firmware: Firmware, register: Register, value: int) -> int:
    """The error number."""
    request = Packet(BOARD_ID, Instruction.WRITE, register.address.to_bytes(2, "little") + register.encode(value))
    answer = firmware.command(b"h", request.encode())
    return Parser().feed(answer.to_host)[0].parameters[0] & ~ErrorCode.ALERT


def power_on(firmware: Firmware) -> int:
    """The error number; the time-out is so long that it does not matter here."""
    write(firmware, BoardRegisters.HEARTBEAT_TIMEOUT_MS, 5000)
    write(firmware, BoardRegisters.CLEAR_ERRORS, 1)
    return write(firmware, BoardRegisters.MOTOR_POWER, 1)


def pins_at(firmware: Firmware, temperature_c: int, supply_low: bool = False, duration_ms: int = 250) -> int:
    """The pins after a while in such a climate."""
    firmware.command(b"c", temperature_c.to_bytes(1, signed=True) + bytes([supply_low]))
    return firmware.command(b"t", duration_ms.to_bytes(2, "little")).pins


def test_the_fan_runs_when_it_is_warm_until_it_has_cooled(firmware: Firmware) -> None:
    temperatures_c = [25, 44, 45, 41, 40, 39, 44, -40, 60]
    assert [bool(pins_at(firmware, each) & FAN) for each in temperatures_c] == [
        *(False, False, True, True, True, False, False, False, True)
    ]
    assert read(firmware, BoardRegisters.TEMPERATURE_C) == 60


def test_the_fan_runs_while_the_motors_have_power(firmware: Firmware) -> None:
    assert power_on(firmware) == ErrorCode.NONE
    assert pins_at(firmware, 25) & FAN
    write(firmware, BoardRegisters.MOTOR_POWER, 0)
    assert not pins_at(firmware, 25) & FAN


def test_heat_takes_the_power_until_it_is_cool_and_cleared(firmware: Firmware) -> None:
    assert power_on(firmware) == ErrorCode.NONE
    assert pins_at(firmware, 79) & POWER
    assert not pins_at(firmware, 80) & POWER
    assert read(firmware, BoardRegisters.ERRORS) == BoardErrorBits.OVERHEATED
    pins_at(firmware, 75)
    assert power_on(firmware) == ErrorCode.RESULT_FAIL, "not cool enough yet"
    pins_at(firmware, 69)
    assert write(firmware, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL, "latched"
    assert power_on(firmware) == ErrorCode.NONE


def test_one_wrong_reading_is_no_heat(firmware: Firmware) -> None:
    assert power_on(firmware) == ErrorCode.NONE
    pins_at(firmware, 127, duration_ms=20)
    assert pins_at(firmware, 30, duration_ms=300) & POWER


def test_a_weak_supply_takes_the_power_at_once_and_is_latched(firmware: Firmware) -> None:
    assert power_on(firmware) == ErrorCode.NONE
    assert not pins_at(firmware, 25, supply_low=True, duration_ms=2) & POWER
    assert read(firmware, BoardRegisters.ERRORS) == BoardErrorBits.BROWN_OUT
    assert power_on(firmware) == ErrorCode.RESULT_FAIL
    pins_at(firmware, 25)
    assert power_on(firmware) == ErrorCode.NONE


def test_a_bounce_of_the_reset_button_is_no_press(firmware: Firmware) -> None:
    assert power_on(firmware) == ErrorCode.NONE
    for _ in range(10):
        for buttons in (b"\x07", ALL_BUTTONS_RIGHT):
            firmware.command(b"i", buttons + BATTERY_RAW)
            assert firmware.command(b"t", b"\x05\0").pins & POWER
    firmware.command(b"i", b"\x07" + BATTERY_RAW)
    assert not firmware.command(b"t", b"\x18\0").pins & POWER


def test_a_reset_button_that_is_held_is_one_press(firmware: Firmware) -> None:
    firmware.command(b"i", b"\x07" + BATTERY_RAW)
    firmware.command(b"t", b"\x40\0")
    assert power_on(firmware) == ErrorCode.NONE
    assert firmware.command(b"t", b"\xff\0").pins & POWER


def test_the_factsheet_is_the_emulators(firmware: Firmware) -> None:
    for register, value in FACTSHEET.items():
        assert read(firmware, register) == value, register
    sheet = named_registers(BoardRegisters).values()
    assert {each for each in sheet if each.address < BoardRegisters.MOTOR_POWER.address} == set(FACTSHEET)


def test_limits_are_below_what_the_chips_stand() -> None:
    text = (FIRMWARE / "core" / "temperature.h").read_text()
    limits_c = {name: int(value) for name, value in re.findall(r"TEMPERATURE_(\w+)_C = (\d+)", text)}
    assert limits_c["NO_LONGER_WARM"] < limits_c["WARM"] < limits_c["NO_LONGER_HOT"] < limits_c["HOT"] < 85
