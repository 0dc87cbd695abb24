"""dynamixel-sdk's port and packet handler, made fit for a control loop.

The SDK (4.1) waits in a busy loop, measures time-outs with the wall clock, opens plain serial devices only, and sends
payloads that hold a header without byte stuffing. These two subclasses mend that and nothing else.
"""

from __future__ import annotations

import socket
import time
from typing import Any

import serial
from dynamixel_sdk import PortHandler, Protocol2PacketHandler

from firmware_bridge.errors import DisconnectedError

BAUD = 1_000_000
READ_TIMEOUT_S = 0.002  # the SDK asks again until its own time-out; this keeps it from spinning
TIMEOUT_SLACK_MS = 60.0


class GuardedPort(PortHandler):  # type: ignore[misc]  # the SDK has no types
    """A port by pyserial URL: a device, a pty, or `socket://host:port`."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.is_open: bool = False
        self.baudrate: int = BAUD
        self.ser: Any = None

    def setupPort(self, cflag_baud: int) -> bool:  # noqa: N802, ARG002  # the SDK's name and arguments
        """Open the URL.

        Raises:
            DisconnectedError: if that cannot be done; names the URL and the reason.
        """
        if self.is_open:
            self.closePort()
        try:
            self.ser = serial.serial_for_url(
                self.port_name, baudrate=self.baudrate, timeout=READ_TIMEOUT_S, write_timeout=0.2
            )
            if line := getattr(self.ser, "_socket", None):  # pyserial has no option for it; without, writes wait 40 ms
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.ser.reset_input_buffer()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise DisconnectedError(f"board at {self.port_name}: cannot be opened: {error}") from error
        self.is_open = True
        self.tx_time_per_byte = (1000.0 / self.baudrate) * 10.0
        return True

    def getCurrentTime(self) -> float:  # noqa: N802  # the SDK's name
        """Milliseconds of a clock that nobody sets."""
        return time.monotonic() * 1000.0

    def setPacketTimeout(self, packet_length: int) -> None:  # noqa: N802  # the SDK's name
        """Give a busy machine some more time than the wire needs."""
        super().setPacketTimeout(packet_length)
        self.packet_timeout += TIMEOUT_SLACK_MS


class StuffingPacketHandler(Protocol2PacketHandler):  # type: ignore[misc]  # the SDK has no types
    """Protocol 2.0 with byte stuffing on the way out, which the SDK computes and then drops."""

    def addStuffing(self, packet: list[int]) -> list[int]:  # noqa: N802  # the SDK's name
        """Stuff the packet in place, so that the caller sends what was stuffed."""
        packet[:] = super().addStuffing(packet)
        return packet
