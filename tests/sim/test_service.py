"""The simulator as a process, as a car and an evaluator meet it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from car.camera.source import CameraError
from car.camera.tcp_source import TcpCameraSource

COMMAND = (
    sys.executable,
    "-c",
    "import typer; from pixelopolis.commands.sim import app; app()",
    "run",
    "--city",
    "square",
)
START_TIMEOUT_S = 90.0


class RunningSimulator:
    """A started simulator and a connection to its control port."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True)
        self.ready: dict[str, Any] = json.loads(self._output.readline())
        host, port = self.ready["control"].split(":")
        self._control = socket.create_connection((host, int(port)), timeout=20)
        self._lines = self._control.makefile("rw")

    @property
    def _output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def ask(self, **request: object) -> dict[str, Any]:
        self._lines.write(json.dumps(request) + "\n")
        self._lines.flush()
        answer: dict[str, Any] = json.loads(self._lines.readline())
        return answer

    def camera(self, car: int) -> TcpCameraSource:
        source = TcpCameraSource(self.ready["cars"][car]["camera"])
        source.open()
        return source

    def end(self) -> None:
        self._lines.close()
        self._control.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._output.close()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    running = RunningSimulator("--cars", "2", "--seed", "4", "--pty-dir", str(tmp_path_factory.mktemp("boards")))
    try:
        yield running
        assert_ends_wholly_on(signal.SIGINT, running)
    finally:
        running.end()


def assert_ends_wholly_on(number: signal.Signals, running: RunningSimulator) -> None:
    children = children_of(running.process.pid)
    assert len(children) == 1
    asked_s = time.monotonic()
    running.process.send_signal(number)
    assert running.process.wait(10) == 0
    assert time.monotonic() - asked_s < 5  # under 1 s when the machine has nothing else to do
    assert not any(alive(child) for child in children)


def read_patiently(source: TcpCameraSource) -> tuple[Any, float]:
    """A frame, however loaded the machine is."""
    for _ in range(10):
        with contextlib.suppress(CameraError):
            return source.read()
        source.open()
    return source.read()


def test_the_ready_line_names_everything(simulator: RunningSimulator) -> None:
    assert simulator.ready["ready"] is True
    assert [car["id"] for car in simulator.ready["cars"]] == ["car-1", "car-2"]
    for car in simulator.ready["cars"]:
        assert car["camera"].startswith("tcp://127.0.0.1:")
        assert car["camera"].endswith("/" + car["id"])
        assert car["board"].startswith("socket://127.0.0.1:")
        assert Path(car["pty"]).resolve().is_char_device()


def test_frames_are_fresh_pictures_of_each_car(simulator: RunningSimulator) -> None:
    pictures = []
    for car in (0, 1):
        source = simulator.camera(car)
        asked_s = time.monotonic()
        picture, captured_s = read_patiently(source)
        source.close()
        assert captured_s > asked_s - 0.1
        assert captured_s <= time.monotonic()
        assert picture.std() > 10
        pictures.append(picture)
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 3


def test_time_passes_and_frames_are_counted(simulator: RunningSimulator) -> None:
    before = simulator.ask(op="status")
    source = simulator.camera(0)
    for _ in range(3):
        read_patiently(source)
    source.close()
    after = simulator.ask(op="status")
    assert after["time_s"] > before["time_s"]
    assert after["cars"][0]["frames"] >= before["cars"][0]["frames"] + 2  # the last report may be on its way
    assert after["collisions"] == 0


def test_a_frozen_camera_is_silent_and_thaws(simulator: RunningSimulator) -> None:
    source = simulator.camera(1)
    simulator.ask(op="freeze_camera", car="car-2", frozen=True)
    with contextlib.suppress(CameraError):
        source.read()  # one that was on its way may still come
    source.open()
    with pytest.raises(CameraError, match="no frame"):
        source.read()
    simulator.ask(op="freeze_camera", car="car-2", frozen=False)
    source.open()
    read_patiently(source)
    source.close()


def test_placing_a_car_changes_what_it_sees(simulator: RunningSimulator) -> None:
    source = simulator.camera(0)
    before, _ = read_patiently(source)
    simulator.ask(op="place", car="car-1", x_m=1.2, y_m=2.4, heading_rad=3.1416)
    read_patiently(source)
    after, _ = read_patiently(source)
    source.close()
    assert np.abs(after.astype(int) - before).mean() > 3
    assert simulator.ask(op="status")["cars"][0]["edge"] == 3


def test_a_signal_ends_it_at_once_and_wholly_while_a_camera_is_read() -> None:
    running = RunningSimulator("--cars", "1")
    source = running.camera(0)
    try:
        assert_ends_wholly_on(signal.SIGTERM, running)
    finally:
        source.close()
        running.end()


def test_the_cameras_do_not_outlive_a_killed_simulator() -> None:
    running = RunningSimulator("--cars", "1")
    children = children_of(running.process.pid)
    running.process.kill()
    running.end()
    deadline_s = time.monotonic() + 20
    while any(alive(child) for child in children):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_without_its_cameras_the_simulator_ends_with_an_error() -> None:
    running = RunningSimulator("--cars", "1")
    try:
        os.kill(children_of(running.process.pid)[0], signal.SIGKILL)
        assert running.process.wait(20) != 0
    finally:
        running.end()


def test_too_many_cars_and_unknown_cities_are_refused() -> None:
    refused = subprocess.run([*COMMAND, "--cars", "9"], capture_output=True, text=True, timeout=START_TIMEOUT_S)
    assert refused.returncode != 0
    assert "room for 4 cars" in refused.stderr
    assert refused.stdout == ""


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be collected does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_a_signal_while_it_starts_ends_it_wholly() -> None:
    process = subprocess.Popen([*COMMAND, "--cars", "1"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not (children := children_of(process.pid)):
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
    assert not any(alive(child) for child in children)


def test_cars_are_claimed_at_the_claim_port_and_seen_on_the_road_only_then() -> None:
    running = RunningSimulator("--cars", "2", "--claim-port", "0", "--control-host", "127.0.0.2")
    try:
        assert running.ready["control"].startswith("127.0.0.2:")
        assert [car["on_road"] for car in running.ask(op="status")["cars"]] == [False, False]
        host, port = running.ready["claims"].split(":")
        with socket.create_connection((host, int(port)), timeout=20) as driver, driver.makefile("rw") as lines:
            lines.write('{"op": "claim"}\n')
            lines.flush()
            claimed = json.loads(lines.readline())
            assert claimed["car"] == "car-1"
            assert running.ready["cars"][0]["camera"].endswith(f":{claimed['camera_port']}/car-1")
            assert running.ready["cars"][0]["board"].endswith(f":{claimed['board_port']}")
            assert [car["on_road"] for car in running.ask(op="status")["cars"]] == [True, False]
            assert running.ask(op="status")["cars"][0]["edge"] is not None
    finally:
        running.end()
