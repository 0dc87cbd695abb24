"""Faults by name."""

import pytest

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.named_faults import FAULTS, obey, set_fault
from firmware_bridge.protocol import Instruction, Packet
from firmware_bridge.registers import BoardErrorBits, BoardRegisters

PING = Packet(200, Instruction.PING, b"").encode()


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault_can_be_switched_on_and_off(fault: str) -> None:
    board = BoardEmulator()
    set_fault(board, fault, True)
    board.step(0.01)
    set_fault(board, fault, False)
    board.step(0.01)
    assert board.receive(PING)


def test_an_unplugged_board_is_silent() -> None:
    board = BoardEmulator()
    set_fault(board, "unplugged", True)
    assert board.receive(PING) == b""


def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no fault 'gremlins'; known are unplugged, drop"):
        set_fault(BoardEmulator(), "gremlins", True)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("drop on", "drop is on"),
        ("  drop   off\n", "drop is off"),
        ("", ""),
        ("drop", "say FAULT on or FAULT off; faults are unplugged, drop"),
        ("drop maybe", "say FAULT on or FAULT off"),
        ("gremlins on", "there is no fault 'gremlins'; known are unplugged"),
    ],
)
def test_faults_are_switched_by_words(line: str, answer: str) -> None:
    board = BoardEmulator()
    assert obey(board, line).startswith(answer)
    assert board.faults.drop == (0.2 if line == "drop on" else 0.0)


def switch_on(board: BoardEmulator) -> None:
    parameters = BoardRegisters.MOTOR_POWER.address.to_bytes(2, "little") + b"\x01"
    board.receive(Packet(200, Instruction.WRITE, parameters).encode())
    board.step(0.01)
    assert board.get(BoardRegisters.MOTOR_POWER) == 1


def test_a_stuck_reset_button_takes_the_power_when_it_is_pressed_and_not_again() -> None:
    board = BoardEmulator()
    switch_on(board)
    set_fault(board, "stuck_reset", True)
    board.step(0.01)
    assert board.get(BoardRegisters.MOTOR_POWER) == 0
    switch_on(board)
    set_fault(board, "stuck_reset", False)
    board.step(0.01)
    assert board.get(BoardRegisters.MOTOR_POWER) == 1


def test_a_power_cut_takes_the_power() -> None:
    board = BoardEmulator()
    switch_on(board)
    set_fault(board, "power_cut", True)
    assert board.get(BoardRegisters.MOTOR_POWER) == 0


def test_without_the_pack_the_board_answers_and_the_motors_have_no_power() -> None:
    board = BoardEmulator()
    switch_on(board)
    set_fault(board, "no_battery", True)
    board.step(0.2)
    assert board.get(BoardRegisters.BATTERY_MV) == 0
    assert board.get(BoardRegisters.MOTOR_POWER) == 0
    assert board.get(BoardRegisters.ERRORS) & BoardErrorBits.BUS_SILENT
    assert board.receive(PING)
    set_fault(board, "no_battery", False)
    board.step(0.2)
    assert board.get(BoardRegisters.BATTERY_MV) > 10_000
    assert board.get(BoardRegisters.MOTOR_POWER) == 0, "it comes back only when the host asks for it"
