"""The server as a process of its own: killed, started again, told to stop."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from city.city import City
from fleet.views import RideState
from server.security.codes import CodeText
from server.serve import ServerOptions, listen, serve
from server.store.base import StoreError
from tests.server import visitor
from tests.server.keys import bearer, become_operator
from tests.server.live_car import LiveCar, running
from tests.server.stand_in import StandIn
from tests.server.waiting import eventually

_PROGRAM = "import typer; from pixelopolis.commands.server import server; typer.run(server)"


@pytest.fixture
def port() -> int:
    with listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def process(http: httpx.AsyncClient, store: str, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """The server; `http` gets the key of an operator of it."""
    options = ("--store", store, "--port", str(port))
    code = str(CodeText.new())
    running_process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _PROGRAM, *options),
        env={**os.environ, "PIXELOPOLIS_OPERATOR_CODE": code},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def answers() -> bool:
        assert running_process.returncode is None, "the server has ended"
        try:
            return (await http.get("/api/health")).is_success
        except httpx.TransportError:
            return False

    try:
        await eventually(answers, timeout_s=40.0)
        http.headers.update(bearer(await become_operator(http, code)))
        yield running_process
    finally:
        if running_process.returncode is None:
            running_process.kill()
        await running_process.wait()


@pytest.fixture
async def http(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10.0, trust_env=False) as client:
        yield client


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path}/store"


@pytest.fixture(params=["sqlite", "mongodb"])
def store_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    stand_in: StandIn = request.getfixturevalue("stand_in")
    return stand_in.url(f"test_{uuid.uuid4().hex}")


async def test_killed_in_mid_ride_and_started_again(
    http: httpx.AsyncClient, port: int, city: City, store_url: str
) -> None:
    cars = [LiveCar(city, f"car-{edge}", edge, 0.3, f"ws://127.0.0.1:{port}/api/cars/link") for edge in (2, 6)]
    async with running(*cars):
        async with process(http, store_url, port) as server:
            await visitor.cars_online(http, 2)
            station = await visitor.register(http)
            rides = [await visitor.book(http, station, f"visit-{k}") for k in range(3)]
            await visitor.act(http, rides[0].ride_id, "destination", {"place_id": "wedding_hall"})
            server.send_signal(signal.SIGKILL)  # at once after the answer
            await server.wait()
        assert all(car.release is None for car in cars) or await _silent(cars)
        async with process(http, store_url, port):
            assert await visitor.register(http) == station
            again = [await visitor.ride(http, ride.ride_id) for ride in rides]
            assert [view.car_id for view in again] == [ride.car_id for ride in rides]
            assert again[0].place_id == "wedding_hall"
            assert [view.state for view in again[1:]] == [RideState.CHOOSING, RideState.WAITING]
            arrived = await visitor.until(http, rides[0].ride_id, RideState.ARRIVED)
            assert arrived.car_id == rides[0].car_id
            await visitor.act(http, rides[0].ride_id, "end")
            assert (await visitor.until(http, rides[2].ride_id, RideState.CHOOSING)).car_id == rides[0].car_id


async def _silent(cars: list[LiveCar]) -> bool:
    await eventually(lambda: all(car.release is None for car in cars))
    return True


async def test_ctrl_c_with_open_streams_ends_at_once(http: httpx.AsyncClient, port: int, sqlite_url: str) -> None:
    async with process(http, sqlite_url, port) as server:
        events = visitor.events(http, f"/api/rides/{await _waiting_ride(http)}/events")
        await anext(events)
        server.send_signal(signal.SIGINT)
        async with asyncio.timeout(2.0):
            await server.wait()
        async for _ in events:
            pass


async def _waiting_ride(http: httpx.AsyncClient) -> str:
    return (await visitor.book(http, await visitor.register(http), "visit-1")).ride_id


@pytest.mark.parametrize(
    ("city", "store", "host", "message"),
    [
        ("pixelopolis", "mysql:x", "127.0.0.1", "sqlite:PATH"),
        ("atlantis", "sqlite::memory:", "127.0.0.1", "atlantis"),
        ("pixelopolis", "sqlite::memory:", "192.0.2.1", "cannot listen on 192.0.2.1"),
    ],
)
async def test_what_cannot_be_served_is_named(city: str, store: str, host: str, message: str) -> None:
    with pytest.raises((ValueError, OSError, RuntimeError), match=message):
        await serve(ServerOptions(city, store, host, 0))


async def test_a_second_server_on_the_same_store_ends(http: httpx.AsyncClient, port: int, sqlite_url: str) -> None:
    async with process(http, sqlite_url, port):
        with pytest.raises(StoreError, match="another server uses it"):
            await serve(ServerOptions("pixelopolis", sqlite_url, "127.0.0.1", 0))


async def test_a_full_disk_until_there_is_room_again(http: httpx.AsyncClient, port: int, sqlite_url: str) -> None:
    async with process(http, sqlite_url, port) as server:
        station = await visitor.register(http)
        first = await visitor.book(http, station, "visit-1")
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, hard))  # no file may grow any more
        refused = await http.post("/api/rides", json={"station_id": station, "request_id": "visit-2"})
        assert refused.status_code == 503
        assert "is the disk full?" in refused.json()["error"]["message"]
        assert await visitor.ride(http, first.ride_id) == first
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))

        async def works() -> bool:
            return (await http.get("/api/health")).is_success

        await eventually(works)
        assert (await visitor.book(http, station, "visit-2")).queue_position == 2
