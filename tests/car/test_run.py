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

from car.check import check_car
from car.config import CarConfig, ConfigError, load_config, shipped_model
from fleet.messages import DriveMode, Search
from tests.car.board_double import BoardDouble
from tests.car.camera_double import CameraDouble
from tests.car.server_double import ServerDouble, until

CREEPING_RAD_S = 1.2


@pytest.fixture
def config(models: Path, tmp_path: Path) -> Path:
    path = tmp_path / "car.yaml"
    path.write_text(f"lane_model: {models}/plain.tflite\ndetector_model: {models}/detector.tflite\n")
    return path


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
                env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
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
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert problem in error.decode()
    assert process.returncode == status


def test_check_of_a_car_that_is_fit(config: Path) -> None:
    with CameraDouble(level=60) as camera, BoardDouble() as board:
        results = {result.part: result for result in check_car(camera.url, board.url, config)}
    assert list(results) == ["camera", "lane model", "detector", "board"]
    assert "320 x 240" in results["camera"].found
    assert "battery" in results["board"].found
    assert results["lane model"].fit
    assert results["detector"].fit


def test_check_names_everything_that_is_wrong(tmp_path: Path) -> None:
    empty = tmp_path / "car.yaml"
    empty.write_text("lane_model: none.tflite\ndetector_model: none.tflite\n")
    results = check_car("v4l2:99", "/dev/no-such-board", empty)
    assert not any(result.fit for result in results)
    found = [result.found for result in results]
    assert "/dev/video99" in found[0]
    assert "none" in found[1]
    assert "/dev/no-such-board" in found[3]


def test_configuration_has_defaults_that_need_no_file() -> None:
    assert load_config(None) == CarConfig()
    assert shipped_model("lane").name == "lane.tflite"
    assert shipped_model("lane").parent.name == "shipped"


def test_configuration_paths_are_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "car.yaml").write_text("lane_model: mine.tflite\ncamera: {pitch_deg: 20}\n")
    config = load_config(tmp_path / "car.yaml")
    assert config.lane_model == tmp_path / "mine.tflite"
    assert config.camera.geometry().pitch_rad == pytest.approx(0.349, abs=0.001)
    assert config.detector_model == shipped_model("detector")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("speed: 1", "speed"),
        ("speed_scale: 9", "speed_scale"),
        ("camera: {pitch_deg: up}", "camera.pitch_deg"),
        ("[1]", "car.yaml"),
        ("a: [", "is not YAML"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "car.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"car\.yaml") as caught:
        load_config(path)
    assert problem in str(caught.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.yaml")
