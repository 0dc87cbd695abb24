"""Faults of a board by name, as the simulator's control port, `pixelopolis board emulate` and tests switch them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.registers import LEFT_ID, RIGHT_ID, ButtonBits, MotorErrorBits

OFTEN = 0.2  # share of replies that a faulty line spoils
LOW_CHARGE = 0.02
GOOD_CHARGE = 0.9


def _unplugged(board: BoardEmulator, on: bool) -> None:
    board.faults.unplugged = on


def _drop(board: BoardEmulator, on: bool) -> None:
    board.faults.drop = OFTEN if on else 0.0


def _corrupt(board: BoardEmulator, on: bool) -> None:
    board.faults.corrupt = OFTEN if on else 0.0


def _late(board: BoardEmulator, on: bool) -> None:
    board.faults.late = OFTEN if on else 0.0


def _duplicate(board: BoardEmulator, on: bool) -> None:
    board.faults.duplicate = OFTEN if on else 0.0


def _one_behind(board: BoardEmulator, on: bool) -> None:
    board.faults.one_behind = OFTEN if on else 0.0


def _silent(device_id: int) -> Callable[[BoardEmulator, bool], None]:
    def switch(board: BoardEmulator, on: bool) -> None:
        (board.faults.silent_ids.add if on else board.faults.silent_ids.discard)(device_id)

    return switch


def _emergency_stop(board: BoardEmulator, on: bool) -> None:
    board.buttons = board.buttons & ~ButtonBits.ENABLE if on else board.buttons | ButtonBits.ENABLE


def _stuck_reset(board: BoardEmulator, on: bool) -> None:
    board.buttons = board.buttons | ButtonBits.RESET if on else board.buttons & ~ButtonBits.RESET


def _power_cut(board: BoardEmulator, on: bool) -> None:
    if on:
        board.cut_power()


def _low_battery(board: BoardEmulator, on: bool) -> None:
    board.battery.charge = LOW_CHARGE if on else GOOD_CHARGE


def _no_battery(board: BoardEmulator, on: bool) -> None:
    board.battery.present = not on


def _overheated(board: BoardEmulator, on: bool) -> None:
    if on:
        board.left.fail(MotorErrorBits.OVERHEATING)
    else:
        board.left.reboot()


FAULTS: Mapping[str, Callable[[BoardEmulator, bool], None]] = {
    "unplugged": _unplugged,
    "drop": _drop,
    "corrupt": _corrupt,
    "late": _late,
    "duplicate": _duplicate,
    "one_behind": _one_behind,
    "left_silent": _silent(LEFT_ID),
    "right_silent": _silent(RIGHT_ID),
    "emergency_stop": _emergency_stop,
    "stuck_reset": _stuck_reset,
    "power_cut": _power_cut,
    "low_battery": _low_battery,
    "no_battery": _no_battery,
    "overheated": _overheated,
}


def set_fault(board: BoardEmulator, fault: str, on: bool) -> None:
    """Switch a fault on or off.

    Raises:
        ValueError: if there is no such fault.
    """
    if fault not in FAULTS:
        raise ValueError(f"there is no fault {fault!r}; known are {', '.join(FAULTS)}")
    FAULTS[fault](board, on)


def obey(board: BoardEmulator, line: str) -> str:
    """Switch a fault by a line of words, such as "drop on"; returns the answer, empty for an empty line."""
    words = line.split()
    if not words:
        return ""
    if len(words) != 2 or words[1] not in ("on", "off"):
        return f"say FAULT on or FAULT off; faults are {', '.join(FAULTS)}"
    try:
        set_fault(board, words[0], words[1] == "on")
    except ValueError as error:
        return str(error)
    return f"{words[0]} is {words[1]}"
