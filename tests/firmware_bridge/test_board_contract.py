"""What every board keeps to; each test asks the emulator, the firmware on this machine, and the firmware in QEMU."""

from __future__ import annotations

import pytest

from firmware_bridge.board import Board
from firmware_bridge.errors import PowerOffError
from firmware_bridge.protocol import BROADCAST_ID, ErrorCode, Instruction, Packet, Parser
from firmware_bridge.registers import (
    BOARD_ID,
    BOARD_MODEL,
    FIRMWARE_VERSION,
    LEFT_ID,
    MOTOR_MODEL,
    RIGHT_ID,
    BoardErrorBits,
    BoardRegisters,
    ButtonBits,
    MotorRegisters,
)
from tests.firmware_bridge.board_talk import drive, little, power_on, read, span, write
from tests.firmware_bridge.boards_under_test import READY, BoardUnderTest
from tests.firmware_bridge.patience import until

PING = Packet(BOARD_ID, Instruction.PING)


@pytest.fixture
def board(any_board: BoardUnderTest) -> BoardUnderTest:
    """Each board in turn, without power."""
    return any_board


def await_cut(board: BoardUnderTest, within_s: float) -> None:
    """The power goes within that time."""
    begun_s = board.now_s()
    while board.has_power():
        assert board.now_s() - begun_s <= within_s + board.slack_s
        board.wait(0.001)


def test_a_ping_tells_model_and_version(board: BoardUnderTest) -> None:
    told = little(BOARD_MODEL) + bytes([FIRMWARE_VERSION])
    assert board.ask(PING) == [Packet(BOARD_ID, Instruction.STATUS, b"\0" + told)]


def test_a_broadcast_ping_finds_all_three(board: BoardUnderTest) -> None:
    power_on(board)
    answers = board.ask(Packet(BROADCAST_ID, Instruction.PING), answers=3)
    models = {each.id: int.from_bytes(each.parameters[1:3], "little") for each in answers}
    assert models == {BOARD_ID: BOARD_MODEL, LEFT_ID: MOTOR_MODEL, RIGHT_ID: MOTOR_MODEL}


def test_what_is_written_is_read_and_what_may_not_be_is_refused(board: BoardUnderTest) -> None:
    assert write(board, BoardRegisters.HEARTBEAT_TIMEOUT_MS, 0xFDFF) == ErrorCode.DATA_RANGE
    assert write(board, BoardRegisters.HEARTBEAT_TIMEOUT_MS, 1234) == ErrorCode.NONE
    assert read(board, BoardRegisters.HEARTBEAT_TIMEOUT_MS) == 1234
    assert write(board, BoardRegisters.BATTERY_MV, 1) == ErrorCode.ACCESS
    beyond = Packet(BOARD_ID, Instruction.READ, little(BoardRegisters.END - 1, 2))
    assert board.ask(beyond)[0].parameters == bytes([ErrorCode.DATA_LENGTH])
    assert board.ask(Packet(BOARD_ID, 0x42))[0].parameters == bytes([ErrorCode.INSTRUCTION])
    board.wait(0.15)  # a whole average
    battery_mv = board.motors.battery.voltage_v * 1000
    assert read(board, BoardRegisters.BATTERY_MV) == pytest.approx(battery_mv, abs=100), "it sags"
    assert read(board, BoardRegisters.TEMPERATURE_C) == pytest.approx(25, abs=1)


def test_packets_pass_to_the_motors_and_their_answers_back(board: BoardUnderTest) -> None:
    power_on(board)
    drive(board, 120)
    assert board.motors.right.get(MotorRegisters.GOAL_VELOCITY) == 120
    assert read(board, MotorRegisters.GOAL_VELOCITY, LEFT_ID) == 120
    assert write(board, MotorRegisters.GOAL_VELOCITY, 999, LEFT_ID) == ErrorCode.DATA_LIMIT
    assert board.ask(Packet(77, Instruction.PING), answers=0) == []
    assert read(board, BoardRegisters.FORWARDED) > read(board, BoardRegisters.BUS_PACKETS) > 6


def test_group_reads_are_answered_by_all_that_are_asked(board: BoardUnderTest) -> None:
    power_on(board)
    order = bytes([BOARD_ID, LEFT_ID, RIGHT_ID])
    sync = Packet(BROADCAST_ID, Instruction.SYNC_READ, little(0, 2) + order)
    models = {BOARD_ID: BOARD_MODEL, LEFT_ID: MOTOR_MODEL, RIGHT_ID: MOTOR_MODEL}
    expected = [Packet(k, Instruction.STATUS, b"\0" + little(model)) for k, model in models.items()]
    assert board.ask(sync, answers=3) == expected
    bulk = Packet(BROADCAST_ID, Instruction.BULK_READ, b"".join(bytes([k]) + little(0, 2) for k in order))
    assert board.ask(bulk, answers=3) == expected


@pytest.mark.parametrize("instruction", [Instruction.SYNC_WRITE, Instruction.BULK_WRITE])
def test_group_writes_reach_board_and_motors(board: BoardUnderTest, instruction: Instruction) -> None:
    power_on(board)
    drive(board, 0)
    goal = MotorRegisters.GOAL_VELOCITY
    if instruction == Instruction.SYNC_WRITE:
        parts = span(goal) + b"".join(bytes([k]) + goal.encode(90) for k in (LEFT_ID, RIGHT_ID))
    else:
        parts = bytes([BOARD_ID]) + span(BoardRegisters.HEARTBEAT) + b"\x2a"
        parts += b"".join(bytes([k]) + span(goal) + goal.encode(90) for k in (LEFT_ID, RIGHT_ID))
    assert board.ask(Packet(BROADCAST_ID, instruction, parts), answers=0) == []
    assert [read(board, goal, k) for k in (LEFT_ID, RIGHT_ID)] == [90, 90]
    assert read(board, BoardRegisters.HEARTBEAT) == (0x2A if instruction == Instruction.BULK_WRITE else 0)


def test_goals_are_not_set_while_the_power_is_off(board: BoardUnderTest) -> None:
    goal = MotorRegisters.GOAL_VELOCITY
    unicast = Packet(LEFT_ID, Instruction.WRITE, little(goal.address) + goal.encode(100))
    group = Packet(BROADCAST_ID, Instruction.SYNC_WRITE, span(goal) + bytes([LEFT_ID]) + goal.encode(100))
    assert board.ask(unicast, answers=0) == []
    assert board.ask(group, answers=0) == []
    power_on(board)
    board.wait(0.1)
    assert (board.motors.left.get(goal), board.motors.left_velocity_rad_s) == (0, 0.0)


def test_silence_is_latched_until_it_is_cleared(board: BoardUnderTest) -> None:
    power_on(board, timeout_ms=300)
    await_cut(board, within_s=0.305)
    assert read(board, BoardRegisters.ERRORS) == BoardErrorBits.HOST_LOST
    assert board.ask(PING)[0].parameters[0] == ErrorCode.ALERT
    write(board, BoardRegisters.HEARTBEAT, 7)
    assert write(board, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL
    assert not board.has_power()
    assert write(board, BoardRegisters.CLEAR_ERRORS, 1) == ErrorCode.NONE
    assert board.ask(PING)[0].parameters[0] == ErrorCode.NONE
    power_on(board)
    assert board.has_power()


def test_only_a_heartbeat_that_changes_counts(board: BoardUnderTest) -> None:
    power_on(board, timeout_ms=1000)
    for beat in range(1, 15):
        write(board, BoardRegisters.HEARTBEAT, beat)
        board.wait(0.1)
    assert board.has_power(), "alive for longer than the time-out"
    begun_s = board.now_s()
    while board.has_power():
        assert board.now_s() - begun_s <= 1.0 + board.slack_s
        write(board, BoardRegisters.HEARTBEAT, 14)
        board.wait(0.01)
    assert read(board, BoardRegisters.ERRORS) == BoardErrorBits.HOST_LOST


def test_a_wrong_checksum_is_counted_and_answered_by_nobody(board: BoardUnderTest) -> None:
    broken = bytearray(PING.encode())
    broken[-1] ^= 1
    assert board.send(bytes(broken), answers=0) == b""
    assert board.ask(PING) != []
    assert read(board, BoardRegisters.CRC_ERRORS) == 1


def test_a_packet_cut_off_is_given_up_after_a_gap(board: BoardUnderTest) -> None:
    cut_off = Packet(LEFT_ID, Instruction.WRITE, bytes(100)).encode()[:30]
    assert board.send(cut_off, answers=0) == b""
    board.wait(0.03)
    assert [each.id for each in board.ask(PING)] == [BOARD_ID]


def test_a_packet_right_behind_garbage_is_found(board: BoardUnderTest) -> None:
    garbage = b"\xff\xff\xfd\x00\xc8\x02\x00" + bytes(300)
    assert [each.id for each in Parser().feed(board.send(garbage + PING.encode(), answers=1))] == [BOARD_ID]


def test_the_enable_button_takes_the_power_and_is_latched(board: BoardUnderTest) -> None:
    power_on(board)
    board.set_buttons(ButtonBits.POWER_SWITCH)
    await_cut(board, within_s=0.03)
    assert read(board, BoardRegisters.ERRORS) == BoardErrorBits.EMERGENCY_STOP
    write(board, BoardRegisters.CLEAR_ERRORS, 1)
    assert write(board, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL


def test_the_power_switch_takes_the_power_and_is_no_error(board: BoardUnderTest) -> None:
    power_on(board)
    board.set_buttons(ButtonBits.ENABLE)
    await_cut(board, within_s=0.03)
    assert read(board, BoardRegisters.ERRORS) == 0
    assert read(board, BoardRegisters.MOTOR_POWER) == 0
    assert write(board, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL
    board.set_buttons(READY)
    board.wait(0.03)
    assert not board.has_power(), "it takes a write"
    power_on(board)


def test_the_reset_button_starts_the_motors_again_and_clears(board: BoardUnderTest) -> None:
    power_on(board)
    drive(board, 120)
    board.set_buttons(READY | ButtonBits.RESET)
    await_cut(board, within_s=0.03)
    board.set_buttons(READY & ~ButtonBits.ENABLE)
    board.wait(0.03)
    board.set_buttons(READY)
    board.wait(0.03)
    assert read(board, BoardRegisters.ERRORS) == 0
    power_on(board)
    assert read(board, MotorRegisters.GOAL_VELOCITY, LEFT_ID) == 0


def test_heat_takes_the_power_and_is_latched(board: BoardUnderTest) -> None:
    power_on(board)
    board.set_temperature_c(90)
    await_cut(board, within_s=0.2)
    assert read(board, BoardRegisters.ERRORS) == BoardErrorBits.OVERHEATED
    board.set_temperature_c(25)
    board.wait(0.25)
    assert write(board, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL
    write(board, BoardRegisters.CLEAR_ERRORS, 1)
    power_on(board)


def test_the_client_drives_and_is_told_of_its_silence(board: BoardUnderTest) -> None:
    board.hang_up()
    opened: list[Board] = []
    until(lambda: opened, lambda: opened.append(open_client(board)))
    client = opened[0]

    def exchange() -> None:
        board.wait(0.02)
        client.exchange(3.0, 3.0)

    until(lambda: board.motors.left_velocity_rad_s > 2.0, exchange)
    board.wait(1.2)
    until(lambda: board.motors.left_velocity_rad_s == 0.0)
    with pytest.raises(PowerOffError, match="no heartbeat came in time"):
        client.exchange(3.0, 3.0)
    client.close()


def open_client(board: BoardUnderTest) -> Board:
    return Board.open(board.url, heartbeat_timeout_s=1.0, bus_watchdog_s=2.5, clock=board.clock)
