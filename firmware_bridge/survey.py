"""Everything that board and motors tell, as text, for people."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_bridge.errors import BoardSilentError, NotRespondingError
from firmware_bridge.link import DeviceLink
from firmware_bridge.registers import (
    BOARD_ID,
    LEFT_ID,
    RIGHT_ID,
    Block,
    BoardRegisters,
    MotorRegisters,
    Register,
    named_registers,
)

MOTOR_NAMES = {LEFT_ID: "left motor", RIGHT_ID: "right motor"}
# Where each group of a table begins, in the order of addresses.
_BOARD_GROUPS = {0: "identity", 64: "control", 70: "safety", 74: "supply", 76: "counters"}
_MOTOR_GROUPS = {0: "settings", 64: "control", 70: "safety", 98: "goal", 120: "present"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One register of one device."""

    device: str
    group: str
    name: str
    text: str


def survey(link: DeviceLink) -> list[Reading]:
    """Read every named register of the board and of both motors; changes nothing.

    Raises:
        NotRespondingError, DisconnectedError: if not even the board answers. A silent motor is a reading.
    """
    readings = _readings("board", link.read_block(BOARD_ID, (0, BoardRegisters.END)), BoardRegisters, _BOARD_GROUPS)
    for motor_id, name in MOTOR_NAMES.items():
        try:
            block = link.read_block(motor_id, (0, MotorRegisters.END))
        except BoardSilentError:
            raise
        except NotRespondingError:
            readings.append(Reading(name, "", "", "silent: no power, or not connected"))
        else:
            readings += _readings(name, block, MotorRegisters, _MOTOR_GROUPS)
    return readings


def _readings(device: str, block: Block, table: type, groups: dict[int, str]) -> list[Reading]:
    return [
        Reading(device, _group(register, groups), _spoken(name), register_text(register, block))
        for name, register in named_registers(table).items()
    ]


def _spoken(name: str) -> str:
    """A register's name without the unit of its raw number."""
    return name.removesuffix("_MV").removesuffix("_MS").removesuffix("_C").lower().replace("_", " ")


def _group(register: Register, groups: dict[int, str]) -> str:
    return groups[max(start for start in groups if start <= register.address)]


def register_text(register: Register, block: Block) -> str:
    """A register's value as people read it: with its unit, or the names of its bits.

    Raises:
        ValueError: if the block does not hold the register.
    """
    if register.flags is not None:
        names = [_spoken(flag.name or "?") for flag in register.flags(block[register])]
        return ", ".join(names) or "none"
    if register.scale == 1.0:
        return f"{block[register]} {register.unit}".rstrip()
    return f"{block.value(register):.3f} {register.unit}"
