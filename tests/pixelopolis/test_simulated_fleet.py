"""A simulated fleet put together by itself: claim port, staff and a driver, as processes, with a real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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

    def let_cars_in(self, sim: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        options = ("--sim", sim or self.claims, "--server", self.server_url)
        command = [sys.executable, "-m", "pixelopolis", "sim", "staff", *options]
        settings = self.environment | environment
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, env=settings)

    def until_online(self) -> None:
        login = httpx.post(f"{self.server_url}/api/sessions", json={"name": "staff", "password": PASSWORD})
        headers = {"Authorization": f"Bearer {login.raise_for_status().json()['key']}"}
        deadline_s = time.monotonic() + TIMEOUT_S
        while True:
            cars = httpx.get(f"{self.server_url}/api/cars", headers=headers).raise_for_status().json()
            if [car["status"] for car in cars] == ["online"]:
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


@pytest.mark.alone
def test_staff_lets_the_car_in_and_a_driver_drives_it(city: City) -> None:
    first = city.let_cars_in()
    assert first.returncode == 0, first.stderr
    assert "lets in: car-1" in first.stderr
    keys = list((city.folder / "pixelopolis" / "keys").iterdir())
    assert [path.name.partition("@")[0] for path in keys] == ["car-1"]
    before = keys[0].read_text()
    assert city.let_cars_in().returncode == 0
    assert keys[0].read_text() == before  # a key that is valid stays

    driver = city.start("sim", "drive", "--sim", city.claims, "--server", city.server_url)
    try:
        city.until_online()
    finally:
        driver.send_signal(signal.SIGTERM)
        driver.communicate(timeout=20)
    assert driver.returncode == 0


def test_staff_needs_a_password(city: City) -> None:
    refused = city.let_cars_in(PIXELOPOLIS_OPERATOR_PASSWORD_FILE="")
    assert refused.returncode == 2
    assert "set PIXELOPOLIS_OPERATOR_PASSWORD" in refused.stderr


def test_an_address_that_is_none_is_refused(city: City) -> None:
    refused = city.let_cars_in("nowhere")
    assert refused.returncode == 2
    assert "--sim 'nowhere': give HOST:PORT" in refused.stderr
