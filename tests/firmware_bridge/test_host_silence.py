"""A host that falls silent, at random moments and speeds: the wheels are told to stand in time, on every board.

In time is: within the heartbeat time-out and one period of the motor bus. Time is the board's own. QEMU's runs while
the test looks for the wheels, so there the test adds what it may need for that on a busy machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from statistics import median

import pytest

from firmware_bridge.registers import BoardErrorBits, BoardRegisters, MotorRegisters, Register
from tests.firmware_bridge.board_talk import drive, power_on, read, write
from tests.firmware_bridge.boards_under_test import BoardUnderTest

BUS_PERIOD_S = 0.02  # the car's control period: one write and one read of the motors
STEP_S = 0.001
COASTING_S = 0.1  # from the fastest that the motors can, by their time constant and their gears
REAL_TIME_SLACK_S = 0.2
TIMEOUT_AND_HEARTBEAT = Register(BoardRegisters.HEARTBEAT_TIMEOUT_MS.address, 3)


def goals_are_zero(board: BoardUnderTest) -> bool:
    motors = board.motors
    return all(each.get(MotorRegisters.GOAL_VELOCITY) == 0 for each in (motors.left, motors.right))


def stop_at_random(board: BoardUnderTest, rng: random.Random) -> float:
    """Drive, fall silent; how much later than the time-out both goals were zero."""
    slack_s = REAL_TIME_SLACK_S if board.slack_s else 0.0
    timeout_ms = rng.randrange(250, 600) if slack_s else rng.randrange(50, 600)
    write(board, BoardRegisters.CLEAR_ERRORS, 1)
    power_on(board)
    drive(board, rng.choice([-1, 1]) * rng.randrange(40, 266))
    beat = (read(board, BoardRegisters.HEARTBEAT) + 1) % 256
    write(board, TIMEOUT_AND_HEARTBEAT, timeout_ms | beat << 16)
    for _ in range(rng.randrange(1, 6)):
        board.wait(rng.uniform(0.001, 0.04))
        beat = (beat + 1) % 256
        begun_s = board.now_s()
        write(board, BoardRegisters.HEARTBEAT, beat)
    heard_s = board.now_s()
    if goals_are_zero(board):  # the test itself was held up for too long
        return stop_at_random(board, rng)
    while not goals_are_zero(board):
        board.wait(STEP_S)
        assert board.now_s() - begun_s < 2.0
    stopped_s = board.now_s()
    assert stopped_s - begun_s > timeout_ms / 1000 - STEP_S, "not before its time"
    board.wait(COASTING_S + slack_s)
    assert board.motors.left_velocity_rad_s == board.motors.right_velocity_rad_s == 0.0
    assert not board.has_power()
    assert read(board, BoardRegisters.ERRORS) == BoardErrorBits.HOST_LOST
    late_s = stopped_s - heard_s - timeout_ms / 1000
    assert late_s <= BUS_PERIOD_S + slack_s
    return late_s


@pytest.mark.parametrize("stops", [3, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_the_wheels_stand_in_time(
    any_board: BoardUnderTest, stops: int, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(stops)
    late_ms = [stop_at_random(any_board, rng) * 1000 for _ in range(stops)]
    record_property("ms later than the time-out", f"median {median(late_ms):.1f}, at most {max(late_ms):.1f}")
