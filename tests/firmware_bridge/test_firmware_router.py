"""What the firmware's router and safety do packet by packet, at the edges that no client goes to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.protocol import BROADCAST_ID, HEADER, ErrorCode, Instruction, Packet, Parser, crc16
from firmware_bridge.registers import BOARD_ID, BOARD_MODEL, LEFT_ID, RIGHT_ID
from tests.firmware_bridge.firmware_lockstep import Firmware

STOP = Packet(
    BROADCAST_ID, Instruction.SYNC_WRITE, bytes([104, 0, 4, 0, LEFT_ID, 0, 0, 0, 0, RIGHT_ID, 0, 0, 0, 0])
).encode()
PING_ANSWER = Packet(BOARD_ID, Instruction.STATUS, b"\0" + BOARD_MODEL.to_bytes(2, "little") + b"\2").encode()
MODEL_ANSWER = Packet(BOARD_ID, Instruction.STATUS, b"\0" + BOARD_MODEL.to_bytes(2, "little")).encode()


@pytest.fixture
def firmware(firmware_programs: Path) -> Iterator[Firmware]:
    with Firmware(firmware_programs / "lockstep") as started:
        yield started


def little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


def write_error(firmware: Firmware, address: int, data: bytes) -> int:
    """Write to the board; the error number of its answer."""
    request = Packet(BOARD_ID, Instruction.WRITE, little(address) + data)
    answer = Parser().feed(firmware.command(b"h", request.encode()).to_host)
    return answer[0].parameters[0] & ~ErrorCode.ALERT


def power_on(firmware: Firmware) -> None:
    assert write_error(firmware, 64, b"\1") == 0


def test_a_group_read_is_answered_in_the_order_asked(firmware: Firmware) -> None:
    """The motors do not hear of the board's part; its answer goes between theirs."""
    power_on(firmware)
    request = Packet(BROADCAST_ID, Instruction.SYNC_READ, little(0, 2) + bytes([RIGHT_ID, BOARD_ID, LEFT_ID]))
    asked = firmware.command(b"h", request.encode())
    assert asked.to_bus == Packet(BROADCAST_ID, 0x82, little(0, 2) + bytes([RIGHT_ID, LEFT_ID])).encode()
    assert asked.to_host == b""
    right, left = (Packet(k, Instruction.STATUS, b"\0\x24\x04").encode() for k in (RIGHT_ID, LEFT_ID))
    assert firmware.command(b"b", right + left).to_host == right + MODEL_ANSWER + left
    firmware.command(b"h", request.encode())
    assert firmware.command(b"t", little(11)).to_host == MODEL_ANSWER, "the motor before it is silent"


def test_only_whole_answers_of_motors_go_to_the_host(firmware: Firmware) -> None:
    answer = Packet(LEFT_ID, Instruction.STATUS, b"\0").encode()
    echo = Packet(LEFT_ID, Instruction.PING).encode()
    impostor = Packet(BOARD_ID, Instruction.STATUS, b"\0").encode()
    assert firmware.command(b"b", echo + answer[:-1]).to_host == b""
    assert firmware.command(b"b", answer[-1:] + impostor + b"\0\0").to_host == answer


def test_a_beginning_from_the_motors_is_given_up_after_a_gap(firmware: Firmware) -> None:
    answer = Packet(LEFT_ID, Instruction.STATUS, bytes(30)).encode()
    firmware.command(b"b", Packet(LEFT_ID, Instruction.STATUS, bytes(200)).encode()[:20])
    firmware.command(b"t", little(21))
    assert firmware.command(b"b", answer).to_host == answer


def test_an_answer_that_is_held_goes_before_that_to_the_next_request(firmware: Firmware) -> None:
    power_on(firmware)
    request = Packet(BROADCAST_ID, Instruction.SYNC_READ, little(0, 2) + bytes([LEFT_ID, BOARD_ID]))
    assert firmware.command(b"h", request.encode()).to_host == b""
    assert firmware.command(b"h", Packet(BOARD_ID, Instruction.PING).encode()).to_host == MODEL_ANSWER + PING_ANSWER
    assert firmware.command(b"t", little(50)).to_host == b""


def test_a_group_read_that_ends_within_a_part_asks_nothing_there(firmware: Firmware) -> None:
    request = Packet(BROADCAST_ID, Instruction.BULK_READ, bytes([LEFT_ID]) + little(0, 2) + bytes([BOARD_ID, 0, 0, 2]))
    answer = firmware.command(b"h", request.encode())
    assert (answer.to_host, answer.to_bus) == (b"", request.encode())


@pytest.mark.parametrize(
    ("address", "size", "passes"),
    [(96, 4, True), (97, 4, False), (100, 1, False), (98, 50, False), (119, 1, False), (120, 1, True), (65, 1, True)],
)
@pytest.mark.parametrize("kind", ["write", "registered write", "sync write", "bulk write"])
def test_what_touches_a_goal_stays_here_while_the_power_is_off(
    firmware: Firmware, kind: str, address: int, size: int, passes: bool
) -> None:
    data = bytes(size)
    request = {
        "write": Packet(LEFT_ID, Instruction.WRITE, little(address) + data),
        "registered write": Packet(LEFT_ID, 0x04, little(address) + data),
        "sync write": Packet(BROADCAST_ID, Instruction.SYNC_WRITE, little(address, size) + bytes([LEFT_ID]) + data),
        "bulk write": Packet(BROADCAST_ID, Instruction.BULK_WRITE, bytes([LEFT_ID]) + little(address, size) + data),
    }[kind].encode()
    assert firmware.command(b"h", request).to_bus == (request if passes else b"")
    power_on(firmware)
    assert firmware.command(b"h", request).to_bus == request


def test_a_status_packet_of_the_host_goes_nowhere(firmware: Firmware) -> None:
    answer = firmware.command(b"h", Packet(LEFT_ID, Instruction.STATUS, b"\0").encode())
    assert (answer.to_host, answer.to_bus) == (b"", b"")


def test_what_came_unstuffed_goes_on_stuffed_when_it_is_made_anew(firmware: Firmware) -> None:
    """It grows by a third then: the most that can come about."""
    tempting = b"\xff\xff\xfd" * 77
    to_left = bytes([LEFT_ID]) + little(200, len(tempting)) + tempting
    to_board = bytes([BOARD_ID]) + little(68, 1) + b"\x07"
    body = bytes([Instruction.BULK_WRITE]) + to_left + to_board
    head = HEADER + bytes([BROADCAST_ID]) + little(len(body) + 2)
    answer = firmware.command(b"h", head + body + little(crc16(head + body)))
    assert answer.to_bus == Packet(BROADCAST_ID, Instruction.BULK_WRITE, to_left).encode()


def test_a_low_battery_does_not_keep_the_power_off(firmware: Firmware) -> None:
    firmware.command(b"i", b"\x05" + little(2300))
    firmware.command(b"t", little(200))
    assert Parser().feed(firmware.command(b"h", Packet(BOARD_ID, Instruction.PING).encode()).to_host)[0].parameters[0]
    power_on(firmware)
    assert firmware.command(b"t", little(1)).pins & 1


@pytest.mark.parametrize("stall", [1, 3])
def test_a_full_bus_still_gets_the_order_to_stop_and_the_power_goes_in_time(firmware: Firmware, stall: int) -> None:
    power_on(firmware)
    firmware.command(b"s", bytes([stall]))
    goal = Packet(LEFT_ID, Instruction.WRITE, little(104) + bytes([100, 0, 0, 0])).encode()
    for _ in range(100):
        assert firmware.command(b"h", goal).to_bus == b""
    assert firmware.command(b"t", little(300)).pins & 1
    assert firmware.command(b"t", little(15)).pins & 1, "the time-out is over; the order waits"
    assert not firmware.command(b"t", little(1)).pins & 1, "it has waited long enough"
    sent = firmware.command(b"s", b"\0").to_bus
    assert sent.endswith(STOP)
    assert sent.removesuffix(STOP) == goal * (len(sent) // len(goal) - 1), "whole packets only"
    assert len(sent) > 900


def test_the_power_goes_when_the_order_to_stop_has_left_the_wire(firmware: Firmware) -> None:
    power_on(firmware)
    firmware.command(b"s", b"\2")
    assert firmware.command(b"t", little(301)).to_bus == STOP
    assert firmware.command(b"t", little(5)).pins & 1
    firmware.command(b"s", b"\0")
    assert not firmware.command(b"t", little(1)).pins & 1


def test_a_device_stands_in_a_list_once(firmware: Firmware) -> None:
    request = Packet(BROADCAST_ID, Instruction.SYNC_READ, little(0, 2) + bytes([BOARD_ID, BOARD_ID]))
    answer = firmware.command(b"h", request.encode())
    assert (answer.to_host, answer.to_bus) == (MODEL_ANSWER, b"")
