"""What the kernel tells of a viewer, over real sockets."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fleet.video.connection import (
    SEND_BUFFER_BYTES,
    VANISHED_S,
    Backlog,
    TcpConnection,
    UnknownConnection,
    connection_of,
    prepare_listener,
)
from tests.server.waiting import eventually

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")


@dataclass
class Pair:
    """A viewer, and the server's end of its connection."""

    viewer: socket.socket
    transport: asyncio.WriteTransport
    connection: TcpConnection

    async def until(self, holds: Callable[[Backlog], bool]) -> Backlog:
        await eventually(lambda: holds(self.connection.backlog()))
        return self.connection.backlog()


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    accepted: asyncio.Queue[asyncio.WriteTransport] = asyncio.Queue()

    class Server(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.WriteTransport)
            accepted.put_nowait(transport)

    with socket.socket() as listener, socket.socket() as viewer:
        prepare_listener(listener)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = await asyncio.get_running_loop().create_server(Server, sock=listener)
        viewer.setblocking(False)
        await asyncio.get_running_loop().sock_connect(viewer, listener.getsockname())
        transport = await accepted.get()
        yield Pair(viewer, transport, TcpConnection(transport, transport.get_extra_info("socket")))
        transport.abort()
        server.close()


@linux_only
async def test_what_is_not_read_makes_the_window_smaller(pair: Pair) -> None:
    loop = asyncio.get_running_loop()
    pair.transport.write(bytes(30_000))
    first = await pair.until(lambda backlog: backlog.waiting_bytes == 0)
    pair.transport.write(bytes(30_000))
    unread = await pair.until(lambda backlog: backlog.waiting_bytes == 0)
    assert first.window_bytes is not None
    assert unread.window_bytes is not None
    assert unread.window_bytes < first.window_bytes - 20_000
    assert unread.acknowledged_ago_s < 1.0
    for _ in range(60_000 // 10_000):
        await loop.sock_recv(pair.viewer, 10_000)
    pair.transport.write(b"probe")
    wide_bytes = first.window_bytes - 1_000
    await pair.until(lambda backlog: (backlog.window_bytes or 0) > wide_bytes)


@linux_only
async def test_buffers_are_small_and_what_waits_in_them_is_known(pair: Pair) -> None:
    pair.viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sent_bytes = 1_000_000
    pair.transport.write(bytes(sent_bytes))
    backlog = await pair.until(lambda backlog: backlog.waiting_bytes > sent_bytes / 2)
    assert backlog.waiting_bytes <= sent_bytes
    in_kernel_bytes = backlog.waiting_bytes - pair.transport.get_write_buffer_size()
    assert in_kernel_bytes <= 2 * SEND_BUFFER_BYTES


async def test_a_closed_connection_is_no_error(pair: Pair) -> None:
    pair.transport.abort()
    await asyncio.sleep(0)
    assert pair.connection.backlog().waiting_bytes == 0


@linux_only
async def test_one_that_vanishes_is_given_up(pair: Pair) -> None:
    connected = pair.transport.get_extra_info("socket")
    assert connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1000 * VANISHED_S


def test_without_a_transport_nothing_is_known() -> None:
    scopes: list[dict[str, Any]] = [{}, {"state": {}}, {"state": {"transport": None}}]
    for scope in scopes:
        connection = connection_of(scope)
        assert isinstance(connection, UnknownConnection)
        assert connection.backlog() == Backlog()
