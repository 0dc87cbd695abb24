"""Two server processes on one database: many visitors at once, and the leader killed in the middle of rides."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from city.city import City
from fleet.views import RideState, RideView
from server.serve import listen
from tests.server import visitor
from tests.server.cluster.conftest import OPERATOR_CODE, operator_of
from tests.server.keys import bearer
from tests.server.live_car import LiveCar, running
from tests.server.stand_in import allow_lost_sockets
from tests.server.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(600), allow_lost_sockets]

VISITS = 60
STATIONS = 16
HOLD_S = 0.05
POLL_S = 0.1
PLACES = ("museum", "planetarium", "wedding_hall")
_PROGRAM = "import typer; from pixelopolis.commands.server import server; typer.run(server)"


class ServerProcess:
    """One of several servers, as operators start it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.link_url = f"ws://127.0.0.1:{port}/api/cars/link"

    async def leads(self, http: httpx.AsyncClient) -> bool:
        """A server that follows does not pass on what was passed on to it."""
        answer = await http.get(f"{self.url}/api/health", headers={"X-Pixelopolis-Forwarded-By": "a test"})
        return answer.is_success


@asynccontextmanager
async def server_process(http: httpx.AsyncClient, store_url: str) -> AsyncIterator[ServerProcess]:
    with listen("127.0.0.1", 0) as listener:
        port = int(listener.getsockname()[1])
    words = ("--store", store_url, "--port", str(port), "--cluster-url", f"http://127.0.0.1:{port}")
    environment = {**os.environ, "PIXELOPOLIS_OPERATOR_CODE": str(OPERATOR_CODE)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _PROGRAM, *words, env=environment)
    server = ServerProcess(process, port)

    async def answers() -> bool:
        assert process.returncode is None, "the server has ended"
        try:
            return (await http.get(f"{server.url}/api/health")).is_success
        except httpx.TransportError:
            return False

    try:
        await eventually(answers, timeout_s=60.0)
        async with httpx.AsyncClient(base_url=server.url, timeout=20.0, trust_env=False) as near:
            http.headers.update(bearer(await operator_of(store_url, near)))
        yield server
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=20.0, trust_env=False) as client:
        yield client


class Claims:
    """What many visitors were given, asking both servers; each answer is checked against all others."""

    def __init__(self, http: httpx.AsyncClient, urls: tuple[str, str]) -> None:
        self._http = http
        self._urls = urls
        self.held: Counter[str] = Counter()
        self.given = 0
        self.doubled = 0

    async def visit(self, number: int, station_id: str) -> None:
        """Ask for a car, keep it for a moment and let it go; every call goes to the other server."""
        here, there = self._urls[number % 2], self._urls[(number + 1) % 2]
        booking = {"station_id": station_id, "request_id": f"visit-{number}"}
        ride = _ride(await self._http.post(f"{here}/api/rides", json=booking))
        assert _ride(await self._http.post(f"{there}/api/rides", json=booking)).ride_id == ride.ride_id
        while ride.state is not RideState.CHOOSING or ride.car_id is None:
            await asyncio.sleep(POLL_S)
            ride = _ride(await self._http.get(f"{there}/api/rides/{ride.ride_id}"))
        self.held[ride.car_id] += 1
        self.given += 1
        self.doubled += self.held[ride.car_id] > 1
        await asyncio.sleep(HOLD_S)
        self.held[ride.car_id] -= 1
        _ride(await self._http.post(f"{here}/api/rides/{ride.ride_id}/cancel"))


def _ride(answer: httpx.Response) -> RideView:
    assert answer.status_code == 200, answer.text
    return RideView.model_validate(answer.json())


async def test_visitors_of_two_servers_never_get_the_same_car(
    http: httpx.AsyncClient, store_url: str, city: City
) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(server_process(http, store_url)) for _ in range(2)]
        cars = [LiveCar(city, f"car-{k}", edge, 0.3, servers[k % 2].link_url) for k, edge in enumerate((1, 3, 5))]
        await stack.enter_async_context(running(*cars))
        claims = Claims(http, (servers[0].url, servers[1].url))
        numbers = iter(range(VISITS))

        async def station(name: str) -> None:
            answer = await http.post(f"{servers[0].url}/api/stations", json={"device_id": name, "name": name})
            for number in numbers:
                await claims.visit(number, answer.json()["station_id"])

        await asyncio.gather(*(station(f"tablet-{k}") for k in range(STATIONS)))
    assert (claims.given, claims.doubled) == (VISITS, 0)


async def test_a_killed_leader_loses_no_ride(http: httpx.AsyncClient, store_url: str, city: City) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(server_process(http, store_url))
        second = await stack.enter_async_context(server_process(http, store_url))
        assert await first.leads(http)
        assert not await second.leads(http)
        cars = [LiveCar(city, f"car-{k}", edge, 0.3, second.link_url) for k, edge in enumerate((1, 3, 5))]
        await stack.enter_async_context(running(*cars))
        async with httpx.AsyncClient(base_url=second.url, headers=http.headers, timeout=20.0, trust_env=False) as near:
            await visitor.cars_online(near, 3)
            rides = []
            for k, place in enumerate(PLACES):
                ride = await visitor.book(near, await visitor.register(near, f"tablet-{k}"), "visit-1")
                rides.append(await visitor.act(near, ride.ride_id, "destination", {"place_id": place}))
            first.process.send_signal(signal.SIGKILL)
            await eventually(lambda: all(car.release is None for car in cars), timeout_s=5.0)
            await eventually(lambda: second.leads(http), timeout_s=15.0)
            for ride in rides:
                arrived = await _arrived(near, ride.ride_id)
                assert (arrived.car_id, arrived.place_id) == (ride.car_id, ride.place_id)
            assert [car.refusals for car in cars] == [[], [], []]


async def _arrived(http: httpx.AsyncClient, ride_id: str) -> RideView:
    async with asyncio.timeout(60.0):
        while True:
            answer = await http.get(f"/api/rides/{ride_id}")
            if answer.is_success and answer.json()["state"] == "arrived":
                return RideView.model_validate(answer.json())
            await asyncio.sleep(0.1)
