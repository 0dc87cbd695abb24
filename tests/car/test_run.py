"""Whole cars as processes: real sockets on every side, an emulated board, and wheels that must stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from car.connection.enrolment import KEY_VARIABLE
from fleet.messages import DriveMode, Search
from tests.car.board_double import BoardDouble
from tests.car.camera_double import CameraDouble
from tests.car.server_double import ServerDouble, until

CREEPING_RAD_S = 1.2
KEY = "1f0c9a6b2d3e4f50.secret"


@dataclass
class Running:
    """A car's process and everything that it talks to."""

    process: asyncio.subprocess.Process
    camera: CameraDouble
    board: BoardDouble
    server: ServerDouble
    searching: asyncio.Task[None]

    async def wheels_stop(self, within_s: float) -> float:
        """Wait for the wheels to stand; returns how long it took."""
        started_s = time.monotonic()
        await until(lambda: self.board.fastest_wheel_rad_s < 0.05, within_s + 3)
        return time.monotonic() - started_s


async def allow_search(server: ServerDouble) -> None:
    """Let the car creep, again and again, as a server does."""
    while True:
        if server.connections:
            with suppress(Exception):
                await server.say(Search(distance_m=5.0))
        await asyncio.sleep(0.1)


@asynccontextmanager
async def creeping_car(config: Path, tmp_path: Path) -> AsyncIterator[Running]:
    """A car that does not know where it is and creeps along, its wheels turning."""
    with CameraDouble(level=60) as camera, BoardDouble() as board:
        async with ServerDouble() as server:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "pixelopolis", "car", "run", "--id", "car-1", "--server", server.url),
                *("--camera", camera.url, "--board", board.url, "--config", str(config)),
                env={**os.environ, "XDG_STATE_HOME": str(tmp_path), KEY_VARIABLE: KEY},
                stderr=asyncio.subprocess.DEVNULL,
            )
            searching = asyncio.create_task(allow_search(server))
            try:
                await until(lambda: board.fastest_wheel_rad_s > CREEPING_RAD_S, 40)
                yield Running(process, camera, board, server, searching)
            finally:
                searching.cancel()
                await asyncio.gather(searching, return_exceptions=True)
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def test_a_car_runs_tells_and_stops_when_told(config: Path, tmp_path: Path) -> None:
    async with creeping_car(config, tmp_path) as car:
        (hello,) = car.server.hellos()
        assert hello.car_id == "car-1"
        assert hello.stream_url is not None
        await until(lambda: len(car.server.reports()) > 20)
        newest = car.server.reports()[-1]
        assert newest.mode is DriveMode.LOCALISING
        assert newest.speed_mps > 0.02
        assert newest.battery_v > 9
        assert newest.frame_age_s is not None
        async with httpx.AsyncClient(timeout=5.0) as client:
            figures = (await client.get(hello.stream_url.replace("stream.mjpg", "metrics.json"))).json()
            assert figures["loop"]["frame_to_wheels_p50_ms"] < 200
            assert figures["server"]["connected"] is True
            picture = await client.get(hello.stream_url.replace("stream.mjpg", "snapshot.jpg"))
            assert picture.content[:2] == b"\xff\xd8"
        started_s = time.monotonic()
        car.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(car.process.wait(), 5) == 0
        assert time.monotonic() - started_s < 2.0  # 0.3 s on a machine that is not loaded
        await car.wheels_stop(0.3)


async def test_wheels_stop_when_the_car_is_killed(config: Path, tmp_path: Path) -> None:
    async with creeping_car(config, tmp_path) as car:
        car.process.kill()
        assert await car.wheels_stop(0.3) < 0.6  # heartbeat 200 ms, and slack for a loaded machine


async def test_wheels_stop_when_pictures_stop(config: Path, tmp_path: Path) -> None:
    async with creeping_car(config, tmp_path) as car:
        car.camera.frozen = True
        assert await car.wheels_stop(0.5) < 1.0
        await until(lambda: car.server.reports()[-1].mode is DriveMode.STOPPED)
        assert "camera" in car.server.reports()[-1].faults[0]
        car.camera.frozen = False
        await until(lambda: car.board.fastest_wheel_rad_s > CREEPING_RAD_S)


async def test_wheels_stop_when_the_server_dies(config: Path, tmp_path: Path) -> None:
    async with creeping_car(config, tmp_path) as car:
        await car.server.stop()
        assert await car.wheels_stop(1.0) < 1.0


async def test_wheels_stop_when_the_server_falls_silent(config: Path, tmp_path: Path) -> None:
    async with creeping_car(config, tmp_path) as car:
        car.searching.cancel()
        assert await car.wheels_stop(1.0) < 1.5


@pytest.mark.parametrize(
    ("option", "value", "status", "problem"),
    [
        ("--camera", "parrot:1", 2, "camera parrot:1"),
        ("--server", "nowhere", 2, "server nowhere"),
        ("--id", "a car", 2, "--id 'a car'"),
        ("--config", "/no/such/file.yaml", 1, "/no/such/file.yaml"),
        ("--detector", "/no/such/file.tflite", 1, "model /no/such/file.tflite: there is no such file"),
        ("--labels", "/no/such/file.txt", 1, "model /no/such/file.txt: the label file cannot be read"),
        ("--delegate", "libnothing.so", 1, "the delegate libnothing.so cannot be loaded"),
        ("--delegate-option", "usb", 2, "--delegate-option usb: give KEY=VALUE"),
        ("--delegate-option", "device=usb", 1, "detector_delegate_options: there is no detector_delegate"),
        ("--threads", "0", 2, "greater than or equal to 1"),
    ],
)
async def test_a_car_that_cannot_run_says_why(
    config: Path, tmp_path: Path, option: str, value: str, status: int, problem: str
) -> None:
    options = {
        "--id": "car-1",
        "--server": "http://127.0.0.1:9",
        "--camera": "tcp://127.0.0.1:9/car-1",
        "--board": "socket://127.0.0.1:9",
        "--config": str(config),
        option: value,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pixelopolis", "car", "run"),
        *(word for pair in options.items() for word in pair),
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), KEY_VARIABLE: KEY},
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert problem in error.decode()
    assert process.returncode == status
