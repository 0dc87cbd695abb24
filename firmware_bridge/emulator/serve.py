"""Giving an emulated board a port: TCP or a pseudo-terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from dataclasses import dataclass

from firmware_bridge.emulator.board import BoardEmulator

STEP_S = 0.005
LONGEST_STEP_S = 0.02


class _Host(asyncio.Protocol):
    """A connection to a host, answered at once."""

    def __init__(self, emulator: BoardEmulator, current: list[asyncio.Transport]) -> None:
        self._emulator = emulator
        self._current = current  # the one host that has the board, if any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # asyncio gives TCP servers nothing else
        while self._current:
            self._current.pop().close()
        self._current.append(transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if reply := self._emulator.receive(data):
            self._transport.write(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._transport in self._current:
            self._current.remove(self._transport)


async def serve_tcp(emulator: BoardEmulator, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """Answer bytes on a TCP port, for `socket://host:port`; the newest host takes the board over from an older one."""
    current: list[asyncio.Transport] = []
    return await asyncio.get_running_loop().create_server(lambda: _Host(emulator, current), host, port)


@dataclass
class Pty:
    """A pseudo-terminal whose far end is `path`."""

    path: str
    close: Callable[[], None]


def open_pty(emulator: BoardEmulator, loop: asyncio.AbstractEventLoop) -> Pty:
    """Answer bytes on a pseudo-terminal; `path` can be opened like a serial device."""
    board_end, host_end = os.openpty()
    tty.setraw(host_end)
    os.set_blocking(board_end, False)

    def answer() -> None:
        with contextlib.suppress(BlockingIOError):
            reply = emulator.receive(os.read(board_end, 4096))
            if reply:
                os.write(board_end, reply)

    loop.add_reader(board_end, answer)

    def close() -> None:
        loop.remove_reader(board_end)
        os.close(board_end)
        os.close(host_end)  # held open until now, so that a host may come and go

    return Pty(os.ttyname(host_end), close)


async def run_in_real_time(emulator: BoardEmulator) -> None:
    """Let the emulator's time pass as fast as real time, until cancelled.

    When this process is held up, the emulator's time is, too: else hosts whose bytes still wait would be found silent.
    """
    loop = asyncio.get_running_loop()
    before_s = loop.time()
    while True:
        await asyncio.sleep(STEP_S)
        now_s = loop.time()
        emulator.step(min(now_s - before_s, LONGEST_STEP_S))
        before_s = now_s
