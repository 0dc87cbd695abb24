"""A camera behind a TCP socket: frames are pulled one at a time, so that no old one can queue up.

Protocol: `HELLO name` is answered by a line of JSON; each `NEXT` by a header and raw BGR bytes as soon as there is a
frame newer than the last one sent.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from car.camera.frame import Picture
from car.camera.source import CameraError

HEADER = struct.Struct("<4sQdII")  # magic, sequence, capture time s, age us, payload bytes
MAGIC = b"PXF1"
CONNECT_TIMEOUT_S = 2.0
READ_TIMEOUT_S = 2.0
MAX_GREETING_BYTES = 4096
MAX_SIDE_PX = 4096


class TcpCameraSource:
    """Reads `tcp://host:port/name`."""

    def __init__(self, url: str) -> None:
        """Take the address apart.

        Raises:
            CameraError: if it is not `tcp://host:port/name`.
        """
        self.url = url
        parts = urlsplit(url)
        name = parts.path.strip("/")
        try:
            port = parts.port
        except ValueError:
            port = None
        if parts.scheme != "tcp" or not parts.hostname or not port or not name or len(name.split()) != 1:
            raise CameraError(url, "the address must look like tcp://host:port/car-1")
        self._address = (parts.hostname, port)
        self._name = name
        self._socket: socket.socket | None = None
        self._width_px = 0
        self._height_px = 0
        self._same_clock = False

    def open(self) -> None:
        """Connect and greet.

        Raises:
            CameraError: if nobody listens, or the camera refuses.
        """
        self.close()
        try:
            connection = socket.create_connection(self._address, timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise CameraError(self.url, f"cannot connect ({error}); is the camera process running?") from error
        self._socket = connection
        connection.settimeout(READ_TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        greeting = self._greet(connection)
        if greeting.get("ok") is not True:
            raise CameraError(self.url, f"refused: {greeting.get('error', 'no reason given')}")
        try:
            self._width_px, self._height_px = int(greeting["width"]), int(greeting["height"])
        except (KeyError, TypeError, ValueError) as error:
            raise CameraError(self.url, f"greeting without width and height: {greeting}") from error
        if not (0 < self._width_px <= MAX_SIDE_PX and 0 < self._height_px <= MAX_SIDE_PX):
            raise CameraError(self.url, f"impossible picture size {self._width_px} x {self._height_px}")
        self._same_clock = greeting.get("boot_id") == boot_id()

    def read(self) -> tuple[Picture, float]:
        """Pull the next frame.

        Raises:
            CameraError: if none comes within `READ_TIMEOUT_S`, or what comes is not a frame.
        """
        connection = self._socket
        if connection is None:
            raise CameraError(self.url, "is not open")
        try:
            connection.sendall(b"NEXT\n")
            magic, _, captured_s, age_us, length = HEADER.unpack(_receive(connection, HEADER.size))
            received_s = time.monotonic()
            if magic != MAGIC or length != self._width_px * self._height_px * 3:
                raise CameraError(self.url, f"sent something that is not a frame ({magic!r}, {length} bytes)")
            payload = _receive(connection, length)
        except TimeoutError as error:
            raise CameraError(self.url, f"no frame for {READ_TIMEOUT_S} s") from error
        except OSError as error:
            raise CameraError(self.url, f"connection lost ({error})") from error
        picture = np.frombuffer(payload, np.uint8).reshape(self._height_px, self._width_px, 3)
        # CLOCK_MONOTONIC is one clock for all processes since one boot, and means nothing on another machine.
        return picture, min(received_s, captured_s if self._same_clock else received_s - age_us / 1e6)

    def interrupt(self) -> None:
        """End a `read` that is waiting."""
        connection = self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Disconnect."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()

    def _greet(self, connection: socket.socket) -> dict[str, Any]:
        line = bytearray()
        try:
            connection.sendall(f"HELLO {self._name}\n".encode())
            while not line.endswith(b"\n") and len(line) < MAX_GREETING_BYTES:
                line += _receive(connection, 1)
            greeting = json.loads(line)
        except (OSError, ValueError) as error:
            raise CameraError(self.url, f"does not greet like a camera ({error})") from error
        if not isinstance(greeting, dict):
            raise CameraError(self.url, f"does not greet like a camera ({line[:60]!r})")
        return greeting


def boot_id() -> str | None:
    """What identifies this boot of this machine; None where the kernel does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None


def _receive(connection: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    view, filled = memoryview(data), 0
    while filled < length:
        count = connection.recv_into(view[filled:])
        if count == 0:
            raise ConnectionError("closed by the other side")
        filled += count
    return data
