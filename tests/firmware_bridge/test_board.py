"""The client against the emulator, over TCP and over a pseudo-terminal: real bytes, real time."""

from __future__ import annotations

import time

import pytest

from firmware_bridge.board import Board
from firmware_bridge.emulator.battery import Battery
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.errors import (
    BoardError,
    DisconnectedError,
    EmergencyStopError,
    MotorFaultError,
    NotRespondingError,
    PowerOffError,
    WrongDeviceError,
)
from firmware_bridge.registers import BoardErrorBits, BoardRegisters, ButtonBits, MotorErrorBits, MotorRegisters
from firmware_bridge.state import BoardState
from tests.firmware_bridge.conftest import BoardThread, LiveBoard

PERIOD_S = 0.02


def drive(board: Board, left_rad_s: float, right_rad_s: float, cycles: int) -> BoardState:
    for _ in range(cycles):
        state = board.exchange(left_rad_s, right_rad_s)
        time.sleep(PERIOD_S)  # the emulator lives in real time
    return state


def test_wheels_turn_as_asked_and_are_read_back(live: LiveBoard, board: Board) -> None:
    state = drive(board, 3.0, 4.0, cycles=30)
    assert live.emulator.left_velocity_rad_s == pytest.approx(3.0 * 1.01, rel=0.02)
    assert live.emulator.right_velocity_rad_s == pytest.approx(4.0 * 0.99, rel=0.02)
    assert state.left.velocity_rad_s == pytest.approx(3.03, rel=0.02)
    assert state.right.velocity_rad_s == pytest.approx(3.96, rel=0.02)
    assert 0 < state.left.position_rad < state.right.position_rad
    assert state.power_on
    assert state.errors == 0
    assert 11.0 < state.battery_v < 12.6


def test_odometry_counts_on_when_the_motors_counter_wraps(live: LiveBoard, board: Board) -> None:
    before = drive(board, 0.0, 0.0, cycles=2)
    live.emulator.left.position_rad += (2**31 - 20) * 2 * 3.141592653589793 / 4096
    jumped = board.exchange(0.0, 0.0)
    after = drive(board, 6.0, 6.0, cycles=30)
    assert jumped.left.position_rad - before.left.position_rad > 1e6
    assert 0.5 < after.left.position_rad - jumped.left.position_rad < 10.0


def test_a_silent_host_loses_the_power_and_gets_it_back(live: LiveBoard, board: Board) -> None:
    drive(board, 4.0, 4.0, cycles=5)
    time.sleep(1.4)
    assert abs(live.emulator.left_velocity_rad_s) < 0.05
    with pytest.raises(PowerOffError, match=f"{live.url}: it cut the motor power"):
        board.exchange(4.0, 4.0)
    board.recover()
    assert drive(board, 4.0, 4.0, cycles=20).left.velocity_rad_s > 3.0


def test_the_emergency_stop_is_said_and_can_be_left(live: LiveBoard, board: Board) -> None:
    live.emulator.buttons &= ~ButtonBits.ENABLE
    with pytest.raises(EmergencyStopError, match="enable button"):
        drive(board, 4.0, 4.0, cycles=5)
    with pytest.raises(EmergencyStopError, match="enable button"):
        board.recover()
    live.emulator.buttons |= ButtonBits.ENABLE
    board.recover()
    drive(board, 1.0, 1.0, cycles=2)


def test_a_motor_fault_names_the_motor_and_is_left_by_a_restart(live: LiveBoard, board: Board) -> None:
    drive(board, 1.0, 1.0, cycles=2)
    live.emulator.right.fail(MotorErrorBits.OVERHEATING)
    with pytest.raises(MotorFaultError, match="motor 2 has hardware error 0x04"):
        board.exchange(1.0, 1.0)
    with pytest.raises(MotorFaultError, match="starting again"):
        board.recover()
    time.sleep(0.3)
    board.recover()
    drive(board, 1.0, 1.0, cycles=2)


def test_a_tripped_watchdog_is_noticed(live: LiveBoard, board: Board) -> None:
    drive(board, 1.0, 1.0, cycles=2)
    live.emulator.left.write(MotorRegisters.BUS_WATCHDOG.address, b"\xff")
    with pytest.raises(MotorFaultError, match="motor 1 does not take commands"):
        drive(board, 2.0, 2.0, cycles=2)


def test_a_power_cut_is_noticed(live: LiveBoard, board: Board) -> None:
    drive(board, 1.0, 1.0, cycles=2)
    live.emulator.cut_power()
    with pytest.raises(PowerOffError, match="lost their power"):
        board.exchange(1.0, 1.0)
    board.recover()
    drive(board, 1.0, 1.0, cycles=2)


@pytest.mark.parametrize("device_id", [1, 2, 200])
def test_a_silent_device_is_named(live: LiveBoard, board: Board, device_id: int) -> None:
    drive(board, 1.0, 1.0, cycles=2)
    live.emulator.faults.silent_ids.add(device_id)
    with pytest.raises(NotRespondingError, match=f"device {device_id}"):
        board.exchange(1.0, 1.0)
    live.emulator.faults.silent_ids.clear()
    board.recover()
    drive(board, 1.0, 1.0, cycles=2)


def test_unplugged_is_silence(live: LiveBoard, board: Board) -> None:
    live.emulator.faults.unplugged = True
    with pytest.raises(NotRespondingError, match=live.url):
        board.exchange(1.0, 1.0)
    board.close()


def test_another_device_at_the_port_is_refused(live: LiveBoard) -> None:
    live.emulator.table[:2] = b"\x01\x02"
    with pytest.raises(WrongDeviceError, match="device 200 is model 513, not 60200"):
        Board.open(live.url)


def test_no_port_is_said() -> None:
    with pytest.raises(DisconnectedError, match="/dev/ttyNone"):
        Board.open("/dev/ttyNone")
    with pytest.raises(DisconnectedError, match=r"socket://127\.0\.0\.1:1"):
        Board.open("socket://127.0.0.1:1")


def test_closing_stops_the_wheels_and_never_raises(live: LiveBoard) -> None:
    board = Board.open(live.url, heartbeat_timeout_s=1.0)
    drive(board, 4.0, 4.0, cycles=10)
    board.close()
    time.sleep(0.3)
    assert abs(live.emulator.left_velocity_rad_s) < 0.05
    assert live.emulator.get(BoardRegisters.MOTOR_POWER) == 0
    board.close()


def test_on_a_bad_line_no_wrong_value_is_ever_accepted(board_thread: BoardThread) -> None:
    live = board_thread.start(BoardEmulator(seed=3, battery=Battery(charge=0.7)), "tcp")
    board = Board.open(live.url, heartbeat_timeout_s=2.0, bus_watchdog_s=2.0)
    live.emulator.faults.drop = live.emulator.faults.corrupt = live.emulator.faults.one_behind = 0.03
    accepted = failed = 0
    try:
        for k in range(300):
            target_rad_s = 1.0 + k % 7 / 2
            try:
                state = board.exchange(target_rad_s, target_rad_s)
            except BoardError:
                failed += 1
                _recover(board)
                continue
            accepted += 1
            # A reply of another cycle, register or device would be off by far more than one cycle's motion.
            assert state.battery_v == pytest.approx(live.emulator.battery.voltage_v, abs=0.1)
            assert state.left.velocity_rad_s == pytest.approx(live.emulator.left_velocity_rad_s, abs=2.0)
            assert state.left.hardware_error == 0
            assert state.errors & ~BoardErrorBits.LOW_BATTERY == 0
    finally:
        live.emulator.faults.drop = live.emulator.faults.corrupt = live.emulator.faults.one_behind = 0.0
        board.close()
    assert failed > 20, "the line was bad"
    assert accepted > 150


def _recover(board: Board) -> None:
    for _ in range(50):
        try:
            board.recover()
        except BoardError:
            continue
        return
    raise AssertionError("the board did not come back in 50 tries")
