"""dynamixel-sdk's port, made fit for a control loop.

The SDK (4.1) waits in a busy loop, measures time-outs with the wall clock and opens plain serial devices only. This
subclass mends that and nothing else.
"""

from __future__ import annotations

import socket
import time
from typing import Any, Protocol

import serial
from dynamixel_sdk import PortHandler

from firmware_bridge.errors import DisconnectedError
from firmware_bridge.usb_name import UsbName

BAUD = 1_000_000
READ_TIMEOUT_S = 0.002  # the SDK asks again until its own time-out; this keeps it from spinning
WRITE_TIMEOUT_S = 0.2
TIMEOUT_SLACK_MS = 60.0
LONGEST_DRAIN_S = 0.5  # a line that never falls silent is left to the next request's checks


class Clock(Protocol):
    """A clock that nobody sets."""

    def now_s(self) -> float:
        """Seconds since some moment."""
        ...


class MonotonicClock:
    """The host's monotonic clock."""

    def now_s(self) -> float:
        """Seconds since some moment, mostly the start of the machine."""
        return time.monotonic()


class GuardedPort(PortHandler):  # type: ignore[misc]  # the SDK has no types
    """A port by pyserial URL: a device, a pty, or `socket://host:port`."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(url)
        self.is_open: bool = False
        self.baudrate: int = BAUD
        self.ser: Any = None
        self._clock = clock
        self._name = UsbName(url)

    def openPort(self) -> bool:  # noqa: N802  # the SDK's name
        """Open the URL; the SDK's check of the baud rate is skipped, as a socket has none.

        Raises:
            DisconnectedError: if that cannot be done; names the URL and the reason.
        """
        return self.setupPort(self.baudrate)

    def setupPort(self, cflag_baud: int) -> bool:  # noqa: N802  # the SDK's name
        """Open the URL at a baud rate.

        Raises:
            DisconnectedError: if that cannot be done; names the URL and the reason.
        """
        self.closePort()
        try:
            self.ser = serial.serial_for_url(
                self._name.now(),
                baudrate=cflag_baud,
                timeout=READ_TIMEOUT_S,
                write_timeout=WRITE_TIMEOUT_S,
                exclusive=True,
                do_not_open=True,
            )
            self.ser.open()
            if (connection := self._connection()) is not None:
                # pyserial has no option for it; without, writes wait 40 ms.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.ser.reset_input_buffer()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            self.closePort()
            raise DisconnectedError(f"board at {self.port_name}: cannot be opened: {error}") from error
        self.is_open = True
        self.tx_time_per_byte = (1000.0 / cflag_baud) * 10.0
        return True

    def closePort(self) -> None:  # noqa: N802  # the SDK's name
        """Close; harmless when it is closed."""
        if self.ser is not None:
            connection = self._connection()
            super().closePort()
            if connection is not None:
                connection.close()  # pyserial leaves one open whose other end is gone

    def _connection(self) -> socket.socket | None:
        return getattr(self.ser, "_socket", None)

    def drain(self, quiet_s: float) -> None:
        """Throw away what comes in until nothing has come for `quiet_s`."""
        begun_s = last_byte_s = self._clock.now_s()
        while (now_s := self._clock.now_s()) - last_byte_s < quiet_s and now_s - begun_s < LONGEST_DRAIN_S:
            if self.ser.read(4096):
                last_byte_s = now_s

    def getCurrentTime(self) -> float:  # noqa: N802  # the SDK's name
        """Milliseconds of a clock that nobody sets."""
        return self._clock.now_s() * 1000.0

    def setPacketTimeout(self, packet_length: int) -> None:  # noqa: N802  # the SDK's name
        """Give a busy machine some more time than the wire needs."""
        super().setPacketTimeout(packet_length)
        self.packet_timeout += TIMEOUT_SLACK_MS
