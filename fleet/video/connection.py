"""What a viewer has not taken yet, as the kernel knows it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

# A viewer that takes nothing for so long has gone without a word.
VANISHED_S = 20.0
SEND_BUFFER_BYTES = 64 * 1024  # a slow viewer's pictures grow old in our hands, where newer ones replace them

_TRANSPORT_KEY = "transport"

# In Linux' struct tcp_info: milliseconds since the last acknowledgement, and the window that it announced.
_ACKNOWLEDGED_AT = 56
_WINDOW_AT = 228
_TCP_INFO_BYTES = 232
_UINT32 = struct.Struct("=I")
_INT = struct.Struct("=i")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is known of bytes that were handed over."""

    waiting_bytes: int = 0  # in this machine's buffers, or not acknowledged
    window_bytes: int | None = None  # room that the viewer had in its buffers when it acknowledged last
    acknowledged_ago_s: float = 0.0


class Connection(Protocol):
    """One viewer's connection."""

    def backlog(self) -> Backlog:
        """What it has not taken yet, as far as that is known."""
        ...


class UnknownConnection:
    """A viewer of whom nothing is known; only the web server's own back-pressure holds pictures back."""

    def backlog(self) -> Backlog:
        """Nothing that is known of."""
        return Backlog()


class TcpConnection:
    """A viewer behind a TCP socket of this machine.

    The system of a viewer that is slow itself takes what comes, acknowledges it, and keeps it until it is read, which
    may be much later: only the window that it announces, smaller by what lies there, gives it away.
    """

    def __init__(self, transport: asyncio.WriteTransport, connected: socket.socket) -> None:
        self._transport = transport
        self._socket = connected

    def backlog(self) -> Backlog:
        """What it has not taken yet."""
        buffered = self._transport.get_write_buffer_size()
        if sys.platform != "linux":
            return Backlog(waiting_bytes=buffered)
        try:
            return self._on_linux(buffered)
        except (OSError, ValueError):  # closed
            return Backlog(waiting_bytes=buffered)

    def _on_linux(self, buffered: int) -> Backlog:
        import fcntl
        import termios

        queued = _INT.unpack(fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, bytes(_INT.size)))[0]
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
        if len(info) < _TCP_INFO_BYTES:
            return Backlog(waiting_bytes=buffered + queued)
        return Backlog(
            waiting_bytes=buffered + queued,
            window_bytes=_UINT32.unpack_from(info, _WINDOW_AT)[0],
            acknowledged_ago_s=_UINT32.unpack_from(info, _ACKNOWLEDGED_AT)[0] / 1000,
        )


class TransportInScope(asyncio.Protocol):
    """Mixed into uvicorn's HTTP protocols, puts the transport where the application finds it."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT_KEY: transport}


def connection_of(scope: MutableMapping[str, Any]) -> Connection:
    """The connection over which a request came."""
    transport = scope.get("state", {}).get(_TRANSPORT_KEY)
    connected = None if transport is None else transport.get_extra_info("socket")
    return UnknownConnection() if connected is None else TcpConnection(transport, connected)


def prepare_listener(listener: socket.socket) -> None:
    """Before it listens: small buffers, and an end to those who vanish, for all connections that it will accept."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    with contextlib.suppress(AttributeError):  # Linux has it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * VANISHED_S))
