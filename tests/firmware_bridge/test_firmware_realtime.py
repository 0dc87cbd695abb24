"""The firmware's main loop in real time on TCP ports: the client at one, the emulator's motors at the other."""

from __future__ import annotations

import queue
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.board import Board
from firmware_bridge.errors import BoardError
from tests.firmware_bridge.firmware_lockstep import MotorBus
from tests.firmware_bridge.test_transports import PATIENCE_S, open_patiently, until


class RunningBoard:
    """The program `realtime` and the motors at its bus."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._threads = [threading.Thread(target=self._read_lines, daemon=True)]
        self._threads[0].start()
        self.url = self.line().removeprefix("host ")
        self.motors = MotorBus()
        self._ending = False
        self._threads.append(threading.Thread(target=self._serve_motors, args=(self._connect(),), daemon=True))
        self._threads[1].start()

    def _connect(self) -> socket.socket:
        port = re.fullmatch(r"motors socket://127\.0\.0\.1:(\d+)", self.line())
        assert port
        return socket.create_connection(("127.0.0.1", int(port[1])), timeout=0.005)

    def _read_lines(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def _serve_motors(self, bus: socket.socket) -> None:
        before_s = time.monotonic()
        with bus:
            while not self._ending:
                try:
                    bus.sendall(self.motors.receive(bus.recv(4096)))
                except TimeoutError:
                    pass
                except OSError:
                    return
                now_s = time.monotonic()
                self.motors.step(min(now_s - before_s, 0.02))
                before_s = now_s

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
        self._ending = True
        self.process.stdin.close()
        assert self.process.wait(PATIENCE_S) == 0
        for thread in self._threads:
            thread.join(PATIENCE_S)
        self.process.stdout.close()


@pytest.fixture
def running(firmware_programs: Path) -> Iterator[RunningBoard]:
    board = RunningBoard(firmware_programs / "realtime")
    yield board
    board.close()


def test_a_car_drives_stops_and_comes_back(running: RunningBoard) -> None:
    running.await_line("motor power 0")
    running.motors.supply(True)  # as the pin is not wired to them
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
