"""The firmware's parser against the emulator's, on streams of packets, stuffed packets, broken packets and garbage."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from firmware_bridge.emulator.board import MAX_PACKET_LENGTH
from firmware_bridge.protocol import HEADER, Packet, Parser
from tests.firmware_bridge.firmware_build import run

TEMPTING = (b"\xff", b"\xff\xff", b"\xff\xff\xfd", b"\xff\xff\xfd\xfd", HEADER, b"\xfd", b"\x00")


@pytest.fixture
def parser_filter(firmware_programs: Path) -> Path:
    return firmware_programs / "parser_filter"


def tempting_bytes(rng: random.Random, longest: int) -> bytes:
    """Bytes in which headers and stuffing are far more frequent than by chance."""
    parts = [rng.choice(TEMPTING) if rng.random() < 0.5 else rng.randbytes(3) for _ in range(longest // 4)]
    return b"".join(parts[: rng.randrange(longest // 4 + 1)])


def stream(rng: random.Random, parts: int) -> bytes:
    made = []
    for _ in range(parts):
        whole = Packet(rng.randrange(254), rng.randrange(0xF0), tempting_bytes(rng, 160)).encode()
        kind = rng.random()
        if kind < 0.15:
            broken = bytearray(whole)
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            made.append(bytes(broken))
        elif kind < 0.25:
            made.append(whole[: rng.randrange(len(whole))])
        elif kind < 0.4:
            made.append(tempting_bytes(rng, 80))
        else:
            made.append(whole)
    return b"".join(made)


def expected(data: bytes) -> list[str]:
    parser = Parser(max_length=MAX_PACKET_LENGTH)
    packets = parser.feed(data)
    lines = [f"{p.id:02x} {p.instruction:02x} {p.parameters.hex()} {p.encode().hex()}" for p in packets]
    return [*lines, f"crc errors {parser.crc_errors}"]


@pytest.mark.parametrize("seed", range(4))
def test_it_finds_the_same_packets_as_the_emulator(parser_filter: Path, seed: int) -> None:
    data = stream(random.Random(seed), 500)
    found = run(parser_filter, data).splitlines()
    assert found == expected(data)
    assert len(found) > 200
    assert int(found[-1].removeprefix("crc errors ")) > 20


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER,
        HEADER + b"\x01\x02\x00\x01\x00\x00",  # a length that holds no CRC
        HEADER + b"\x01\xff\xff" + bytes(300),  # longer than anything may be
        HEADER + b"\x01\xfa\x00" + bytes(300),  # longer than the buffer, by one
        HEADER * 50 + Packet(200, 1).encode(),
        Packet(200, 3, b"\xff\xff\xfd" * 61).encode() + Packet(1, 1).encode(),  # stuffed to near the longest
        Packet(1, 3, bytes(MAX_PACKET_LENGTH - 3)).encode() * 3,
        Packet(1, 3, bytes(MAX_PACKET_LENGTH - 2)).encode() + Packet(2, 1).encode(),
    ],
)
def test_lengths_and_headers_at_the_edge(parser_filter: Path, data: bytes) -> None:
    assert run(parser_filter, data).splitlines() == expected(data)


def test_a_known_packet_has_its_known_checksum(parser_filter: Path) -> None:
    ping = bytes.fromhex("ff ff fd 00 01 03 00 01 19 4e")  # e-manual, example of PING
    assert run(parser_filter, ping).splitlines() == [f"01 01  {ping.hex()}", "crc errors 0"]


def test_random_bytes_are_no_packets_and_do_no_harm(parser_filter: Path) -> None:
    data = random.Random(9).randbytes(300_000)
    assert run(parser_filter, data).splitlines() == expected(data)
