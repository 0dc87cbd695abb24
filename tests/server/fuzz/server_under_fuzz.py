"""A server in a process of its own, with one of everything in it, and keys of everybody who may call it."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from city.files import load_city
from fleet.access import Role
from fleet.views import CarView, SharedCarView
from server.rides.sharing import share_token
from server.security.codes import CodeText
from server.serve import listen
from tests.server.keys import PASSWORD, bearer, know_operator
from tests.server.live_car import LiveCar, running

START_TIMEOUT_S = 40.0
STOP_TIMEOUT_S = 20.0
PUBLIC_URL = "http://192.0.2.7:5355"  # so that there are codes for phones
WORDS_OF_TROUBLE = ("ERROR", "CRITICAL", "Traceback")
CAR, STATION, EXPENDABLE = "car-1", "tablet-1", "expendable-1"
RIDES = 3  # one more than cars, so that somebody waits


class ServerUnderFuzz:
    """Its address, its log, and what is in it.

    Every call comes from another address, as if a proxy said so: limits on tries from one address are left alone.
    """

    def __init__(self, url: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.link_url = f"{url.replace('http', 'ws', 1)}/api/cars/link"
        self.keys: dict[Role, dict[str, str]] = {Role.VISITOR: {}}
        self.known: dict[str, list[str]] = {}  # ids that exist, by the name of the parameter or the key of a body
        self._log = log
        self._process = process
        self._addresses = itertools.count(1)
        self._http = httpx.Client(base_url=url, timeout=10.0, trust_env=False)

    def headers(self, role: Role) -> dict[str, str]:
        """Of a caller."""
        return {**self.keys[role], **self._address()}

    def _address(self) -> dict[str, str]:
        number = next(self._addresses)
        return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}

    def post(self, path: str, body: dict[str, object], role: Role = Role.OPERATOR) -> dict[str, str]:
        """The answer to a call that has to succeed."""
        answer = self._http.post(path, json=body, headers=self.headers(role))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def enrolled(self, role: Role, name: str) -> dict[str, str]:
        """The headers of somebody who has just enrolled; an earlier key of theirs is void."""
        code = self.post("/api/operator/codes", {"role": role, "name": name})["code"]
        if role is Role.OPERATOR:
            return bearer(self.post("/api/operators", {"name": name, "code": code, "password": PASSWORD})["key"])
        return bearer(self.post("/api/enrolments", {"role": role, "name": name, "code": code})["key"])

    def furnish(self, operator_code: str) -> None:
        """An operator, a station with rides, and a car's key."""
        body: dict[str, object] = {"name": "tester", "code": operator_code, "password": PASSWORD}
        key = self.post("/api/operators", body, Role.VISITOR)["key"]
        know_operator(self.url, key)
        self.keys[Role.OPERATOR] = bearer(key)
        self.keys[Role.STATION] = self.enrolled(Role.STATION, STATION)
        self.keys[Role.CAR] = self.enrolled(Role.CAR, "car-2")
        station_id = self.post("/api/stations", {"device_id": STATION, "name": "Desk"}, Role.STATION)["station_id"]
        bookings = [{"station_id": station_id, "request_id": f"visit-{k}"} for k in range(RIDES)]
        rides = [self.post("/api/rides", {**booking}, Role.STATION)["ride_id"] for booking in bookings]
        self.known = {
            "ride_id": rides,
            "token": [share_token(ride_id) for ride_id in rides],
            "car_id": [CAR],
            "station_id": [station_id],
            "device_id": [STATION],
            "request_id": [booking["request_id"] for booking in bookings],
            "place_id": sorted(load_city("pixelopolis").places),
            "edge": ["1", "4", "15"],
            "name": [EXPENDABLE],
            "role": [Role.STATION, Role.CAR, Role.OPERATOR],
        }

    def wait_for_car(self, car_id: str = CAR) -> None:
        """Return when a car is there and reports."""
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while self.car(car_id).get("status") != "online":
            assert time.monotonic() < deadline_s, f"{car_id} does not come"
            time.sleep(0.05)

    def car(self, car_id: str) -> dict[str, object]:
        """A car as operators see it."""
        return dict(self._http.get(f"/api/cars/{car_id}", headers=self.headers(Role.OPERATOR)).json())

    def check_cars_are_shown(self) -> None:
        """Whatever they have reported, operators and visitors see all cars."""
        for path, view in (("/api/cars", CarView), ("/api/traffic", SharedCarView)):
            answer = self._http.get(path, headers=self.headers(Role.OPERATOR))
            assert answer.status_code == 200, answer.text
            assert [view.model_validate(each) for each in answer.json()]

    def wait_until_up(self) -> None:
        """Return when it answers."""
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not self.is_well():
            assert self._process.poll() is None, self._log.read_text("utf-8")
            assert time.monotonic() < deadline_s, "the server does not answer"
            time.sleep(0.05)

    def is_well(self) -> bool:
        """Whether it serves."""
        try:
            return self._http.get("/api/health").is_success
        except httpx.TransportError:
            return False

    def trouble(self) -> list[str]:
        """Lines of its log that tell of an error of its own."""
        lines = self._log.read_text("utf-8").splitlines()
        return [line for line in lines if any(word in line for word in WORDS_OF_TROUBLE)]

    def stop(self) -> None:
        """Tell it to end; return when it has."""
        self._process.terminate()
        self._process.wait(STOP_TIMEOUT_S)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


@contextmanager
def server_under_fuzz(folder: Path, *options: str) -> Iterator[ServerUnderFuzz]:
    """A server as operators start it, behind a proxy that says who calls."""
    with listen("127.0.0.1", 0) as listener:
        port = int(listener.getsockname()[1])
    code, log = str(CodeText.new()), folder / "server.log"
    words = ["--store", f"sqlite:{folder / 'store'}", "--port", str(port)]
    words += ["--trust-proxy", "127.0.0.1", "--public-url", PUBLIC_URL]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "pixelopolis", "server", *words, *options],
            env={**os.environ, "PIXELOPOLIS_OPERATOR_CODE": code},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    server = ServerUnderFuzz(f"http://127.0.0.1:{port}", log, process)
    try:
        server.wait_until_up()
        server.furnish(code)
        yield server
    finally:
        server.close()
        process.kill()
        process.wait()


@contextmanager
def car_at(server: ServerUnderFuzz, car_id: str = CAR) -> Iterator[LiveCar]:
    """A car that drives meanwhile, in a thread of its own."""
    loop = asyncio.new_event_loop()
    car = LiveCar(load_city("pixelopolis"), car_id, 2, 0.3, server.link_url)
    done = asyncio.Event()

    async def drive() -> None:
        async with running(car):
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(drive(),))
    thread.start()
    try:
        server.wait_for_car(car_id)
        yield car
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()
