"""A simulated fleet put together by itself: claim port, staff and a driver, as processes, with a real server."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixelopolis.demo.fleet import free_port
from server.security.codes import CodeText

PASSWORD = "a sentence that nobody guesses"  # noqa: S105
TIMEOUT_S = 90.0


class City:
    """A server and a simulator of one car."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server_url = f"http://127.0.0.1:{free_port()}"
        (folder / "password").write_text(PASSWORD)
        self.environment = {
            **os.environ,
            "XDG_STATE_HOME": str(folder),
            "PIXELOPOLIS_OPERATOR_CODE": str(CodeText.new()),
            "PIXELOPOLIS_OPERATOR_PASSWORD_FILE": str(folder / "password"),
        }
        port = self.server_url.rpartition(":")[2]
        self.server = self.start("server", "--store", f"sqlite:{folder}/store", "--port", port)
        self.sim = self.start("sim", "run", "--city", "square", "--cars", "1", "--claim-port", "0")
        assert self.sim.stdout is not None
        self.claims = str(json.loads(self.sim.stdout.readline())["claims"])

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "pixelopolis", *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.environment)

    def staff(self, sim: str = "", **environment: str) -> subprocess.Popen[str]:
        options = ("--sim", sim or self.claims, "--server", self.server_url)
        command = [sys.executable, "-m", "pixelopolis", "sim", "staff", *options]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self.environment | environment)

    def key(self) -> str:
        (path,) = (self.folder / "pixelopolis" / "keys").glob("car-1@*.key")
        return path.read_text()

    def until_car(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        login = httpx.post(f"{self.server_url}/api/sessions", json={"name": "staff", "password": PASSWORD})
        headers = {"Authorization": f"Bearer {login.raise_for_status().json()['key']}"}
        deadline_s = time.monotonic() + TIMEOUT_S
        while True:
            cars = httpx.get(f"{self.server_url}/api/cars", headers=headers).raise_for_status().json()
            if len(cars) == 1 and condition(cars[0]):
                return
            assert time.monotonic() < deadline_s, cars
            time.sleep(0.2)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = City(tmp_path_factory.mktemp("city"))
    yield city
    for process in (city.server, city.sim):
        process.terminate()
        process.communicate(timeout=20)


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that ends well when it is told to."""
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


def until_said(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended without saying {words!r}")


@pytest.mark.alone
def test_staff_lets_the_car_in_a_driver_drives_it_and_what_it_leaves_behind_blocks_nothing(
    city: City,
) -> None:
    with ended(city.staff()) as staff:
        until_said(staff, f"{city.server_url} lets in: car-1")
        with ended(city.start("sim", "drive", "--sim", city.claims, "--server", city.server_url)):
            city.until_car(lambda car: bool(car["status"] == "online"))
        city.until_car(lambda car: bool(car["status"] == "lost" and car["road"] is not None))
        city.until_car(lambda car: car["road"] is None)  # half a minute later
        until_said(staff, "car-1 is off the road")
    key = city.key()
    with ended(city.staff()) as staff:
        until_said(staff, "lets in: car-1")
    assert city.key() == key  # one that is valid stays


def test_staff_needs_a_password(city: City) -> None:
    process = city.staff(PIXELOPOLIS_OPERATOR_PASSWORD_FILE="")
    _, words = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 2
    assert "set PIXELOPOLIS_OPERATOR_PASSWORD" in words


def test_an_address_that_is_none_is_refused(city: City) -> None:
    process = city.staff("nowhere")
    _, words = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 2
    assert "--sim 'nowhere': give HOST:PORT" in words
