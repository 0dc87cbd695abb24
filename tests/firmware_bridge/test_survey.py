"""What people see of a board."""

from __future__ import annotations

from firmware_bridge.link import DeviceLink
from firmware_bridge.registers import (
    LEFT_ID,
    BoardRegisters,
    ButtonBits,
    MotorErrorBits,
    MotorRegisters,
    named_registers,
)
from firmware_bridge.survey import survey
from tests.firmware_bridge.conftest import RIG_URL, Rig


def told(rig: Rig) -> dict[tuple[str, str], str]:
    link = DeviceLink(RIG_URL, rig.clock)
    return {(each.device, each.name): each.text for each in survey(link)}


def test_every_register_is_told_with_its_unit(rig: Rig) -> None:
    rig.drive(3.0, 3.0, cycles=30)
    rig.emulator.right.fail(MotorErrorBits.OVERHEATING)
    found = told(rig)
    assert len(found) == len(named_registers(BoardRegisters)) + 2 * len(named_registers(MotorRegisters))
    assert found["board", "model"] == "60200"
    assert found["board", "errors"] == "none"
    assert found["board", "buttons"] == "enable, power switch"
    assert found["board", "heartbeat timeout"] == "200 ms"
    assert found["board", "battery"].startswith("12.")
    assert found["board", "battery"].endswith(" V")
    assert found["left motor", "goal velocity"] == "2.998 rad/s"
    assert found["left motor", "bus watchdog"] == "0.200 s"
    assert found["right motor", "goal velocity"] == "-2.998 rad/s"
    assert found["right motor", "hardware error"] == "overheating"
    assert found["right motor", "present temperature"] == "25 °C"


def test_groups_follow_the_table(rig: Rig) -> None:
    readings = survey(DeviceLink(RIG_URL, rig.clock))
    groups = list(dict.fromkeys((each.device, each.group) for each in readings))
    assert groups[:5] == [("board", g) for g in ("identity", "control", "safety", "supply", "counters")]
    assert groups[5:10] == [("left motor", g) for g in ("settings", "control", "safety", "goal", "present")]


def test_a_survey_changes_nothing(rig: Rig) -> None:
    rig.drive(1.0, 1.0)
    before = bytes(rig.emulator.table[64:70]), bytes(rig.emulator.left.table[:120])
    told(rig)
    assert (bytes(rig.emulator.table[64:70]), bytes(rig.emulator.left.table[:120])) == before


def test_unpowered_motors_are_said(rig: Rig) -> None:
    rig.emulator.buttons &= ~ButtonBits.ENABLE
    rig.wait(0.1)
    found = told(rig)
    assert found["board", "errors"] == "emergency stop"
    assert found["left motor", ""] == "silent: no power, or not connected"


def test_one_missing_motor_is_said(rig: Rig) -> None:
    rig.emulator.table[66:68] = (2000).to_bytes(2, "little")  # else the survey's waiting is a lost host
    rig.emulator.faults.silent_ids.add(LEFT_ID)
    found = told(rig)
    assert found["left motor", ""].startswith("silent")
    assert found["right motor", "id"] == "2"
