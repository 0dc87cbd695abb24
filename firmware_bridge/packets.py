"""dynamixel-sdk's packet handler, made to say no.

The SDK (4.1) computes byte stuffing on the way out and then drops it, removes it imperfectly on the way in, and takes
any status packet of the right id for the answer, whatever its length: the acknowledgement of an earlier write is read
as data, checksum included. This subclass mends that and nothing else.
"""

from __future__ import annotations

from typing import Any

from dynamixel_sdk import COMM_RX_CORRUPT, COMM_SUCCESS, Protocol2PacketHandler

_LENGTH, _INSTRUCTION, _ERROR, _DATA = 5, 7, 8, 9  # places in a packet
_CRC_SIZE = 2
_PING, _READ = 1, 2
_PING_DATA_SIZE = 3  # model number and firmware version
_ALERT = 0x80
_STUFFED = b"\xff\xff\xfd\xfd"


class GuardedPacketHandler(Protocol2PacketHandler):  # type: ignore[misc]  # the SDK has no types
    """Protocol 2.0 with byte stuffing, and with every answer's length checked."""

    def addStuffing(self, packet: list[int]) -> list[int]:  # noqa: N802  # the SDK's name
        """Stuff the packet in place, so that the caller sends what was stuffed."""
        packet[:] = super().addStuffing(packet)
        return packet

    def removeStuffing(self, packet: list[int]) -> list[int]:  # noqa: N802  # the SDK's name
        """The packet without stuffing; its checksum stays that of the stuffed one, which has been checked."""
        body = bytes(packet[_INSTRUCTION:-_CRC_SIZE]).replace(_STUFFED, _STUFFED[:-1])
        length = (len(body) + _CRC_SIZE).to_bytes(2, "little")
        return [*packet[:_LENGTH], *length, *body, *packet[-_CRC_SIZE:]]

    def txRxPacket(self, port: Any, txpacket: list[int]) -> tuple[Any, int, int]:  # noqa: ANN401, N802  # the SDK's
        """Send a request and take its answer; one of the wrong length counts as corrupt."""
        answer, result, error = super().txRxPacket(port, txpacket)
        if result == COMM_SUCCESS and answer is not None and not _answers(txpacket, answer):
            return answer, COMM_RX_CORRUPT, 0
        return answer, result, error

    def readRx(self, port: Any, dxl_id: int, length: int) -> tuple[list[int], int, int]:  # noqa: ANN401, N802  # the SDK's
        """Take a device's answer to a group read; one of the wrong length counts as corrupt."""
        while True:
            packet, result = self.rxPacket(port, False)
            if result != COMM_SUCCESS:
                return [], result, 0
            if packet[4] == dxl_id:
                break
        data = packet[_DATA:-_CRC_SIZE]
        if len(data) != length:
            return [], COMM_RX_CORRUPT, packet[_ERROR]
        return data, COMM_SUCCESS, packet[_ERROR]


def _answers(request: list[int], answer: list[int]) -> bool:
    """Whether an answer has the length that the request asks for; a refusal has no data."""
    size = len(answer) - _DATA - _CRC_SIZE
    if answer[_ERROR] & ~_ALERT:
        return size == 0
    if request[_INSTRUCTION] == _READ:
        return size == request[10] + 256 * request[11]
    return size == (_PING_DATA_SIZE if request[_INSTRUCTION] == _PING else 0)
