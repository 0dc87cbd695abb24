"""Faults by name."""

import pytest

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.protocol import Instruction, Packet
from sim.board_faults import FAULTS, set_fault

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
