"""A real fleet for the tests: simulator, server and cars as processes of the real verbs."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixelopolis.demo.fleet import Fleet, FleetOptions
from pixelopolis.demo.keys import station_headers

FleetFactory = Callable[..., Fleet]


@pytest.fixture
def make_fleet(tmp_path: Path) -> FleetFactory:
    """Make a fleet (not started) in a directory of its own; use it as an async context manager."""

    def make(cars: int, *, city: str = "pixelopolis", seed: int = 1_000_001, restarts: bool = False) -> Fleet:
        options = FleetOptions(
            cars=cars, city=city, seed=seed, store=f"sqlite:{tmp_path}/server.sqlite", work_dir=tmp_path
        )
        return Fleet(options, restarts=restarts)

    return make


class Visitor:
    """A station's visitor, over HTTP."""

    def __init__(self, url: str, name: str = "test-station") -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=10.0)
        self.name = name
        self.ride: dict[str, Any] = {}

    async def ask(self) -> None:
        """Ask for a car, which may not be there yet."""
        self.client.headers.update(await station_headers(self.client, self.name))
        station = await self._post("/api/stations", {"device_id": self.name, "name": self.name})
        self.ride = await self._post(
            "/api/rides", {"station_id": station["station_id"], "request_id": uuid.uuid4().hex}
        )

    async def book(self, place: str) -> None:
        """Ask for a car and choose a place."""
        await self.ask()
        await self.choose(place)

    async def choose(self, place: str) -> None:
        """Choose a place as soon as there is a car."""
        await self.wait_for("choosing", timeout_s=60)
        self.ride = await self._post(f"/api/rides/{self.ride['ride_id']}/destination", {"place_id": place})

    async def end(self) -> None:
        """Make room for the next visitor."""
        self.ride = await self._post(f"/api/rides/{self.ride['ride_id']}/end", None)

    async def look(self) -> dict[str, Any]:
        """The ride as it is now."""
        self.ride = (await self.client.get(f"/api/rides/{self.ride['ride_id']}")).raise_for_status().json()
        return self.ride

    async def wait_for(self, state: str, timeout_s: float) -> None:
        """Wait until the ride is in a state."""

        async def reached() -> bool:
            return bool((await self.look())["state"] == state)

        await eventually(reached, timeout_s, f"ride in state {state}; it is {self.ride.get('state')}")

    async def _post(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.client.post(path, json=body)).raise_for_status().json()
        return answer


@pytest.fixture
async def make_visitor() -> AsyncIterator[Callable[..., Visitor]]:
    """Make visitors; their connections are closed at the end."""
    visitors: list[Visitor] = []

    def make(url: str, name: str = "test-station") -> Visitor:
        visitors.append(Visitor(url, name))
        return visitors[-1]

    yield make
    for visitor in visitors:
        await visitor.client.aclose()


async def eventually(done: Callable[[], Awaitable[bool]], timeout_s: float, what: str) -> None:
    """Ask until it is so; a real system of processes has no clock that a test could hand in."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        try:
            if await done():
                return
        except httpx.TransportError:
            pass  # the server may be down on purpose
        if time.monotonic() > deadline_s:
            raise AssertionError(f"waited {timeout_s:.0f} s in vain for: {what}")
        await asyncio.sleep(0.1)


async def truth_of(fleet: Fleet, car_id: str) -> dict[str, Any]:
    """What the simulator knows of a car."""
    status = await fleet.sim_ask(op="status")
    return next(car for car in status["cars"] if car["id"] == car_id)


async def seconds_until_still(fleet: Fleet, car_id: str, timeout_s: float = 5.0) -> float:
    """How long from now until both wheels of a car stand still."""
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < timeout_s:
        truth = await truth_of(fleet, car_id)
        if all(abs(speed_rad_s) < 0.05 for speed_rad_s in truth["wheel_speeds_rad_s"]):
            return time.monotonic() - begun_s
        await asyncio.sleep(0.01)
    raise AssertionError(f"the wheels of {car_id} still turn after {timeout_s} s")


async def until_moving(fleet: Fleet, car_id: str, timeout_s: float = 60.0) -> None:
    """Wait until a car drives at speed."""

    async def moving() -> bool:
        return bool((await truth_of(fleet, car_id))["speed_mps"] > 0.08)

    await eventually(moving, timeout_s, f"{car_id} drives")
