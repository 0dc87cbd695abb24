"""Emulated boards: in lockstep with their host, and at a real port, in a thread of their own, in real time."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware_bridge.board import Board
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.faults import LineFaults
from firmware_bridge.emulator.handlers.protocol_lockstep import LockstepBoard, offer, withdraw
from firmware_bridge.emulator.serve import open_pty, run_in_real_time, serve_tcp
from firmware_bridge.errors import BoardError
from firmware_bridge.protocol import ErrorCode
from firmware_bridge.registers import BoardRegisters
from firmware_bridge.state import BoardState
from tests.firmware_bridge.board_talk import write
from tests.firmware_bridge.boards_under_test import (
    BoardUnderTest,
    EmulatorUnderTest,
    HostBuildUnderTest,
    QemuUnderTest,
)
from tests.firmware_bridge.firmware_build import build
from tests.firmware_bridge.firmware_lockstep import Firmware, FirmwareCar
from tests.firmware_bridge.firmware_qemu import QemuBoard, need_tools

RIG_URL = "lockstep://rig"
CYCLE_S = 0.02


class EmulatorClock:
    """The emulator's time, as the host's clock."""

    def __init__(self, emulator: BoardEmulator) -> None:
        self._emulator = emulator

    def now_s(self) -> float:
        return self._emulator.uptime_s


@dataclass
class Rig:
    """An open board in lockstep with its emulator: deterministic, and faster than real time."""

    emulator: BoardEmulator
    board: Board
    clock: EmulatorClock

    def wait(self, duration_s: float) -> None:
        """Let time pass without a word from the host."""
        for _ in range(round(duration_s / 0.01)):
            self.emulator.step(0.01)

    def drive(self, left_rad_s: float, right_rad_s: float, cycles: int = 2) -> BoardState:
        """Some control steps; the last state."""
        for _ in range(cycles):
            self.wait(CYCLE_S)
            state = self.board.exchange(left_rad_s, right_rad_s)
        return state

    def recover(self) -> None:
        """Try again as a car does."""
        for _ in range(100):
            try:
                self.board.recover()
            except BoardError:
                continue
            return
        raise AssertionError("the board did not come back in 100 tries")


@pytest.fixture
def rig() -> Iterator[Rig]:
    """An open board, with the time-outs that a car uses."""
    emulator = BoardEmulator(seed=5, left_gain=1.01, right_gain=0.99)
    lockstep = LockstepBoard(lambda data: emulator.receive(data), emulator.step)  # tests put others in for `receive`
    url = offer("rig", lockstep)
    clock = EmulatorClock(emulator)
    board = Board.open(url, clock=clock)
    yield Rig(emulator, board, clock)
    emulator.faults = LineFaults()
    board.close()
    withdraw("rig")


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

    def start(self, emulator: BoardEmulator, transport: str, port: int = 0) -> LiveBoard:
        """Give an emulator a port and let its time pass."""
        return asyncio.run_coroutine_threadsafe(self._start(emulator, transport, port), self._loop).result(10)

    async def _start(self, emulator: BoardEmulator, transport: str, port: int) -> LiveBoard:
        task = self._loop.create_task(run_in_real_time(emulator))
        self._closers.append(task.cancel)
        if transport == "pty":
            pty = open_pty(emulator, self._loop)
            self._closers.append(pty.close)
            return LiveBoard(emulator, pty.path)
        server = await serve_tcp(emulator, port=port)
        self._closers.append(server.close)
        return LiveBoard(emulator, f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    async def _close(self) -> None:
        for close in self._closers:
            close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)  # connections that the host has closed end here, too

    def unplug(self) -> None:
        """Take all ports away, in mid-talk."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._closers.clear()

    def close(self) -> None:
        """End all of it."""
        self.unplug()
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


@pytest.fixture(scope="session")
def firmware_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the firmware's host programs, under the sanitizers."""
    return build("sanitized", tmp_path_factory.mktemp("firmware"))


@pytest.fixture(scope="session")
def firmware_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs of the real boards."""
    need_tools()
    return build("boards", tmp_path_factory.mktemp("boards"))


@pytest.fixture
def qemu(firmware_images: Path) -> Iterator[QemuBoard]:
    """A board in QEMU, with motors."""
    board = QemuBoard(firmware_images / "nucleo_f411re.elf")
    yield board
    board.close()


@pytest.fixture(params=["emulator", "host build", pytest.param("qemu", marks=pytest.mark.alone)])
def any_board(request: pytest.FixtureRequest) -> Iterator[BoardUnderTest]:
    """Each board in turn, without power; QEMU's starts without a battery, and what that has latched is cleared."""
    with contextlib.ExitStack() as stack:
        board: BoardUnderTest
        if request.param == "emulator":
            board = EmulatorUnderTest()
        elif request.param == "host build":
            program = request.getfixturevalue("firmware_programs") / "lockstep"
            board = HostBuildUnderTest(FirmwareCar(stack.enter_context(Firmware(program))))
        else:
            board = QemuUnderTest(request.getfixturevalue("qemu"))
        stack.callback(board.close)
        assert write(board, BoardRegisters.CLEAR_ERRORS, 1) == ErrorCode.NONE
        yield board
