"""The server as a process of its own: killed, started again, told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from city.city import City
from fleet.views import RideState
from server.serve import listen, serve
from server.store.base import StoreError
from tests.server import visitor
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually

_PROGRAM = "import typer; from pixelopolis.commands.server import server; typer.run(server)"


@pytest.fixture
def port() -> int:
    with listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


@asynccontextmanager
async def process(http: httpx.AsyncClient, store: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    options = ("--store", f"sqlite:{store}", "--port", str(port))
    running_process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )

    async def answers() -> bool:
        assert running_process.returncode is None, "the server has ended"
        try:
            return (await http.get("/api/health")).is_success
        except httpx.TransportError:
            return False

    try:
        await eventually(answers, timeout_s=40.0)
        yield running_process
    finally:
        if running_process.returncode is None:
            running_process.kill()
        await running_process.wait()


@pytest.fixture
async def http(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10.0, trust_env=False) as client:
        yield client


async def test_killed_in_mid_ride_and_started_again(
    http: httpx.AsyncClient, port: int, city: City, tmp_path: Path
) -> None:
    cars = [LiveCar(city, f"car-{edge}", edge, 0.3, f"ws://127.0.0.1:{port}/api/cars/link") for edge in (2, 6)]
    async with running(*cars):
        async with process(http, tmp_path / "store", port) as server:
            await visitor.cars_online(http, 2)
            station = await visitor.register(http)
            rides = [await visitor.book(http, station, f"visit-{k}") for k in range(3)]
            await visitor.act(http, rides[0].ride_id, "destination", {"place_id": "wedding_hall"})
            server.send_signal(signal.SIGKILL)  # at once after the answer
            await server.wait()
        assert all(car.release is None for car in cars) or await _silent(cars)
        async with process(http, tmp_path / "store", port):
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


async def test_ctrl_c_with_open_streams_ends_at_once(http: httpx.AsyncClient, port: int, tmp_path: Path) -> None:
    async with process(http, tmp_path / "store", port) as server:
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
        await serve(city, store, host, 0)


async def test_a_second_server_on_the_same_store_ends(http: httpx.AsyncClient, port: int, tmp_path: Path) -> None:
    async with process(http, tmp_path / "store", port):
        with pytest.raises(StoreError, match="another server uses it"):
            await serve("pixelopolis", f"sqlite:{tmp_path / 'store'}", "127.0.0.1", 0)
