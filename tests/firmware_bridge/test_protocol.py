"""Packets: against the e-manual's examples, against the SDK, and against garbage."""

from __future__ import annotations

import pytest
from dynamixel_sdk import Protocol2PacketHandler
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.kinematics import DifferentialDrive
from firmware_bridge.packets import GuardedPacketHandler
from firmware_bridge.protocol import HEADER, Instruction, Packet, Parser, crc16
from firmware_bridge.registers import BoardRegisters, MotorRegisters

payloads = st.binary(max_size=60) | st.lists(st.sampled_from([0xFF, 0xFD, 0x00, 0x55]), max_size=40).map(bytes)
packets = st.builds(Packet, id=st.integers(0, 252), instruction=st.integers(1, 254), parameters=payloads)


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (Packet(1, Instruction.PING), "FF FF FD 00 01 03 00 01 19 4E"),
        (Packet(1, Instruction.READ, bytes([0x84, 0, 4, 0])), "FF FF FD 00 01 07 00 02 84 00 04 00 1D 15"),
        (Packet(1, Instruction.WRITE, bytes([0x74, 0, 0, 2, 0, 0])), "FF FF FD 00 01 09 00 03 74 00 00 02 00 00 CA 89"),
        (Packet(1, Instruction.REBOOT), "FF FF FD 00 01 03 00 08 2F 4E"),
    ],
)
def test_the_makers_examples(packet: Packet, text: str) -> None:
    assert packet.encode() == bytes.fromhex(text)


@given(st.binary(min_size=1, max_size=100))
def test_the_checksum_is_the_sdks(data: bytes) -> None:
    assert crc16(data) == Protocol2PacketHandler().updateCRC(0, list(data), len(data))


@given(packets)
def test_a_packet_comes_back(packet: Packet) -> None:
    assert Parser().feed(packet.encode()) == [packet]


@given(st.lists(packets, max_size=5), st.integers(1, 7))
def test_packets_come_back_however_the_stream_is_cut(sent: list[Packet], size: int) -> None:
    stream = b"".join(packet.encode() for packet in sent)
    parser = Parser()
    got = [packet for k in range(0, len(stream), size) for packet in parser.feed(stream[k : k + size])]
    assert got == sent


@given(packets, st.binary(max_size=30).filter(lambda garbage: b"\xff" not in garbage))
def test_garbage_before_a_packet_is_skipped(packet: Packet, garbage: bytes) -> None:
    assert Parser().feed(garbage + packet.encode()) == [packet]


@given(st.binary(max_size=300))
def test_garbage_never_raises(data: bytes) -> None:
    Parser().feed(data)


@given(packets, st.data())
def test_a_flipped_bit_is_noticed(packet: Packet, data: st.DataObject) -> None:
    raw = bytearray(packet.encode())
    k = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[k // 8] ^= 1 << k % 8
    assert packet not in Parser().feed(bytes(raw))


@given(payloads)
def test_the_mended_sdk_stuffs_as_we_do(payload: bytes) -> None:
    class Line:
        is_using = False
        sent = b""

        def clearPort(self) -> None:  # noqa: N802  # the SDK's name
            pass

        def writePort(self, packet: list[int]) -> int:  # noqa: N802  # the SDK's name
            self.sent = bytes(packet)
            return len(packet)

        def setPacketTimeout(self, length: int) -> None:  # noqa: N802  # the SDK's name
            pass

    line = Line()
    data = list(b"\x40\x00" + payload)
    GuardedPacketHandler().writeTxOnly(line, 5, 0x40, len(payload), list(payload))
    assert line.sent == Packet(5, Instruction.WRITE, bytes(data)).encode()


def test_a_header_inside_a_payload_is_stuffed() -> None:
    assert HEADER[:3] + b"\xfd" in Packet(1, 3, b"\xff\xff\xfd").encode()[4:]


@given(st.integers(-(2**31), 2**31 - 1))
def test_registers_hold_signed_numbers(value: int) -> None:
    register = MotorRegisters.GOAL_VELOCITY
    block = b"\x00" * 4 + register.encode(value) + b"\x00"
    assert register.decode(block, register.address - 4) == value


def test_registers_refuse_what_does_not_fit() -> None:
    with pytest.raises(OverflowError):
        BoardRegisters.LED.encode(256)
    with pytest.raises(ValueError, match="register 74 is not in a block of 4 bytes from 64"):
        BoardRegisters.BATTERY_MV.decode(b"1234", 64)


@given(st.floats(-0.3, 0.3), st.floats(-3, 3))
def test_wheel_speeds_and_body_speeds_are_inverse(speed_mps: float, yaw_rate_rad_s: float) -> None:
    drive = DifferentialDrive(track_m=0.125, wheel_radius_m=0.0315)
    left, right = drive.wheel_speeds(speed_mps, yaw_rate_rad_s)
    assert drive.body_speeds(left, right) == pytest.approx((speed_mps, yaw_rate_rad_s), abs=1e-9)
    assert (right > left) == (yaw_rate_rad_s > 0) or abs(yaw_rate_rad_s) < 1e-9
