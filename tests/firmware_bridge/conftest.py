"""An emulated board at a real port, living in a thread of its own, in real time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from firmware_bridge.board import Board
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.serve import open_pty, run_in_real_time, serve_tcp


@dataclass
class LiveBoard:
    """An emulator and the URL at which it answers."""

    emulator: BoardEmulator
    url: str


class BoardThread:
    """Runs an event loop with emulators in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._closers: list[Callable[[], object]] = []

    def start(self, emulator: BoardEmulator, transport: str) -> LiveBoard:
        """Give an emulator a port and let its time pass."""
        return asyncio.run_coroutine_threadsafe(self._start(emulator, transport), self._loop).result(10)

    async def _start(self, emulator: BoardEmulator, transport: str) -> LiveBoard:
        task = self._loop.create_task(run_in_real_time(emulator))
        self._closers.append(task.cancel)
        if transport == "pty":
            pty = open_pty(emulator, self._loop)
            self._closers.append(pty.close)
            return LiveBoard(emulator, pty.path)
        server = await serve_tcp(emulator)
        self._closers.append(server.close)
        return LiveBoard(emulator, f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    async def _close(self) -> None:
        for close in self._closers:
            close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def close(self) -> None:
        """End all of it."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def board_thread() -> Iterator[BoardThread]:
    """Where emulators live."""
    thread = BoardThread()
    yield thread
    thread.close()


@pytest.fixture(params=["tcp", "pty"])
def live(request: pytest.FixtureRequest, board_thread: BoardThread) -> LiveBoard:
    """A board, once for each transport."""
    return board_thread.start(BoardEmulator(seed=7, left_gain=1.01, right_gain=0.99), request.param)


@pytest.fixture
def board(live: LiveBoard) -> Iterator[Board]:
    """An open, powered board. Its heartbeat time-out is long, as this machine may be busy."""
    opened = Board.open(live.url, heartbeat_timeout_s=1.0, bus_watchdog_s=1.0)
    yield opened
    opened.close()
