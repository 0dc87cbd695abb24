"""Talking to a board under test register by register, and starting its motors."""

from __future__ import annotations

from firmware_bridge.protocol import ErrorCode, Instruction, Packet
from firmware_bridge.registers import (
    BOARD_ID,
    LEFT_ID,
    RIGHT_ID,
    VELOCITY_MODE,
    BoardRegisters,
    MotorRegisters,
    Register,
)
from tests.firmware_bridge.boards_under_test import BoardUnderTest
from tests.firmware_bridge.patience import until

BOOT_S = 0.25  # a motor is silent for a little less
LONG_MS = 5000  # a time-out that does not matter in the test


def little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


def span(register: Register) -> bytes:
    return little(register.address, register.size)


def write(board: BoardUnderTest, register: Register, value: int, device_id: int = BOARD_ID) -> int:
    """Write a register; the error number of the answer."""
    request = Packet(device_id, Instruction.WRITE, little(register.address) + register.encode(value))
    return board.ask(request)[0].parameters[0] & ~ErrorCode.ALERT


def read(board: BoardUnderTest, register: Register, device_id: int = BOARD_ID) -> int:
    answer = board.ask(Packet(device_id, Instruction.READ, span(register)))[0]
    assert answer.parameters[0] & ~ErrorCode.ALERT == ErrorCode.NONE
    return register.decode(answer.parameters[1:], register.address)


def power_on(board: BoardUnderTest, timeout_ms: int = LONG_MS) -> None:
    """Power, and motors that have started."""
    assert write(board, BoardRegisters.HEARTBEAT_TIMEOUT_MS, LONG_MS) == ErrorCode.NONE
    assert write(board, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.NONE
    board.wait(BOOT_S)
    until(lambda: board.motors.left.awake and board.motors.right.awake, lambda: board.wait(0.01))
    assert write(board, BoardRegisters.HEARTBEAT_TIMEOUT_MS, timeout_ms) == ErrorCode.NONE


def drive(board: BoardUnderTest, units: int) -> None:
    """Both wheels turn."""
    for motor_id in (LEFT_ID, RIGHT_ID):
        assert write(board, MotorRegisters.OPERATING_MODE, VELOCITY_MODE, motor_id) == ErrorCode.NONE
        assert write(board, MotorRegisters.TORQUE_ENABLE, 1, motor_id) == ErrorCode.NONE
        assert write(board, MotorRegisters.GOAL_VELOCITY, units, motor_id) == ErrorCode.NONE
