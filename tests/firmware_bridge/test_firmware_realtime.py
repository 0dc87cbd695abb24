"""The firmware's main loop in real time on TCP ports: the client at one, the emulator's motors at the other."""

from __future__ import annotations

import queue
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.board import Board
from firmware_bridge.errors import BoardError
from tests.firmware_bridge.motor_thread import MotorThread
from tests.firmware_bridge.patience import PATIENCE_S, until
from tests.firmware_bridge.test_transports import open_patiently


class RunningBoard:
    """The program `realtime` and the motors at its bus."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()
        self.url = self.line().removeprefix("host ")
        self._bus = MotorThread(self._connect())
        self.motors = self._bus.motors

    def _connect(self) -> socket.socket:
        port = re.fullmatch(r"motors socket://127\.0\.0\.1:(\d+)", self.line())
        assert port
        return socket.create_connection(("127.0.0.1", int(port[1])))

    def _read_lines(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def line(self) -> str:
        """The next line that the program prints."""
        return self._lines.get(timeout=PATIENCE_S)

    def await_line(self, awaited: str) -> None:
        """Read lines up to this one; on a busy machine the power may have come and gone before."""
        while self.line() != awaited:
            pass

    def type_in(self, line: str) -> None:
        """A line for its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """End it as its user would."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._bus.close()
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0
        self._reader.join(PATIENCE_S)
        self.process.stdout.close()


@pytest.fixture
def running(firmware_programs: Path) -> Iterator[RunningBoard]:
    board = RunningBoard(firmware_programs / "realtime")
    yield board
    board.close()


def test_a_car_drives_stops_and_comes_back(running: RunningBoard) -> None:
    running.await_line("motor power 0")
    board = open_patiently(running.url)
    running.await_line("motor power 1")
    until(lambda: running.motors.left_velocity_rad_s > 2.0, lambda: board.exchange(3.0, 3.0))
    until(lambda: running.motors.left_velocity_rad_s == 0.0)  # a silent host
    running.await_line("motor power 0")
    assert_said(board, "no heartbeat came in time")
    recovered: list[bool] = []

    def recover() -> None:
        board.recover()
        recovered.append(True)

    until(lambda: recovered, recover)
    running.await_line("motor power 1")
    running.type_in("buttons 4")
    running.await_line("motor power 0")
    assert_said(board, "enable button")
    board.close()


def test_a_port_that_is_taken_is_said(firmware_programs: Path, running: RunningBoard) -> None:
    taken = running.url.rsplit(":", 1)[1]
    done = subprocess.run([firmware_programs / "realtime", taken], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {taken} of 127.0.0.1: cannot listen: Address already in use" in done.stderr


def assert_said(board: Board, reason: str) -> None:
    """An exchange fails for that reason; one that a busy machine makes late is tried again."""
    said: list[str] = []

    def exchange() -> None:
        try:
            board.exchange(1.0, 1.0)
        except BoardError as error:
            said.append(str(error))

    until(lambda: said and reason in said[-1], exchange)
