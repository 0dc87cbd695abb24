"""Dynamixel Protocol 2.0 on the byte level: packets, CRC-16, byte stuffing, and a parser for a stream.

Written from the ROBOTIS e-manual and used by the emulator only, so that a test of the client against the emulator
compares two independent implementations (the client's is dynamixel-sdk's).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

HEADER = b"\xff\xff\xfd\x00"
BROADCAST_ID = 254
MAX_LENGTH = 1024
_STUFFED = b"\xff\xff\xfd"


class Instruction(IntEnum):
    """Instruction bytes that are used here."""

    PING = 0x01
    READ = 0x02
    WRITE = 0x03
    REBOOT = 0x08
    STATUS = 0x55
    SYNC_READ = 0x82
    SYNC_WRITE = 0x83
    BULK_READ = 0x92
    BULK_WRITE = 0x93


class ErrorCode(IntEnum):
    """Error numbers of a status packet; `ALERT` is added while a device has a hardware error."""

    NONE = 0
    RESULT_FAIL = 1
    INSTRUCTION = 2
    CRC = 3
    DATA_RANGE = 4
    DATA_LENGTH = 5
    DATA_LIMIT = 6
    ACCESS = 7
    ALERT = 0x80


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x8005 if crc & 0x8000 else crc << 1
        table.append(crc & 0xFFFF)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16 with polynomial 0x8005, start value 0."""
    crc = 0
    for byte in data:
        crc = ((crc << 8) & 0xFFFF) ^ _CRC_TABLE[(crc >> 8) ^ byte]
    return crc


@dataclass(frozen=True, slots=True)
class Packet:
    """An instruction or status packet; a status packet's first parameter is its error byte."""

    id: int
    instruction: int
    parameters: bytes = b""

    def encode(self) -> bytes:
        """The packet's bytes, stuffed, with CRC."""
        body = bytes([self.instruction]) + self.parameters
        body = body.replace(_STUFFED, _STUFFED + b"\xfd")
        head = HEADER + bytes([self.id]) + (len(body) + 2).to_bytes(2, "little")
        return head + body + crc16(head + body).to_bytes(2, "little")


@dataclass
class Parser:
    """Finds packets in a stream of bytes; garbage and broken packets are skipped and counted."""

    crc_errors: int = 0
    max_length: int = MAX_LENGTH  # of a packet's length field; what claims to be longer is no packet
    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Packet]:
        """Take bytes; return the packets that are now complete."""
        self._buffer += data
        found = []
        while (packet := self._next()) is not None:
            found.append(packet)
        return found

    @property
    def pending(self) -> bool:
        """Whether a part of a packet waits for its rest."""
        return bool(self._buffer)

    def drop_partial(self) -> None:
        """Forget the beginning of a packet whose rest did not come."""
        self._buffer.clear()

    def _next(self) -> Packet | None:
        buffer = self._buffer
        while True:
            start = buffer.find(HEADER)
            if start < 0:
                del buffer[: max(0, len(buffer) - len(HEADER) + 1)]
                return None
            del buffer[:start]
            if len(buffer) < 7:
                return None
            length = int.from_bytes(buffer[5:7], "little")
            if not 3 <= length <= self.max_length:
                del buffer[:1]
                continue
            if len(buffer) < 7 + length:
                return None
            raw = bytes(buffer[: 7 + length])
            if crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
                self.crc_errors += 1
                del buffer[:1]  # a true header may stand inside
                continue
            del buffer[: 7 + length]
            body = raw[7:-2].replace(_STUFFED + b"\xfd", _STUFFED)
            return Packet(raw[4], body[0], body[1:])
