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

# Of Linux' struct tcp_info, from 5.4 on: milliseconds since the last acknowledgement, bytes acknowledged, not sent,
# sent, and sent again, and the window that was announced last.
_TCP_INFO = struct.Struct("=56xI60xQ16xI52xQQ12xI")


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
            return Backlog(buffered)
        try:
            info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        except (OSError, ValueError):  # closed
            info = b""
        if len(info) < _TCP_INFO.size:
            return Backlog(buffered)
        acknowledged_ago_ms, acknowledged, not_sent, sent, sent_again, window = _TCP_INFO.unpack(info)
        on_the_way = sent - sent_again - acknowledged
        return Backlog(buffered + not_sent + on_the_way, window, acknowledged_ago_ms / 1000)


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
