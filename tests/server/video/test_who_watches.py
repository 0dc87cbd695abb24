"""Who sees what a car sees: operators, and those who have a ride's link, while it is under way."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from fleet.views import RideView
from server.rides.sharing import share_token
from tests.server import visitor
from tests.server.camera import PICTURE_BYTES, STREAM_PATH, Camera
from tests.server.conftest import RunningServer
from tests.server.keys import bearer
from tests.server.waiting import eventually


@pytest.fixture
async def ride(http: httpx.AsyncClient, camera: Camera) -> RideView:
    return await visitor.book(http, await visitor.register(http), "visit-1")


@pytest.fixture
async def anybody(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    """Who has no key."""
    async with httpx.AsyncClient(base_url=server.url, timeout=10.0, trust_env=False) as anybody:
        yield anybody


@asynccontextmanager
async def watching(
    client: httpx.AsyncClient, path: str | None, headers: dict[str, str] | None = None
) -> AsyncIterator[AsyncIterator[bytes]]:
    """The bytes of a stream, at least one picture of which has come."""
    async with client.stream("GET", path or "", headers=headers) as response:
        assert response.status_code == 200
        chunks, seen_bytes = response.aiter_raw(), 0
        while seen_bytes < PICTURE_BYTES:
            seen_bytes += len(await anext(chunks))
        yield chunks


async def ends(chunks: AsyncIterator[bytes]) -> None:
    async with asyncio.timeout(5.0):
        async for _ in chunks:
            pass


async def test_a_ride_shows_its_car_until_it_is_over(
    http: httpx.AsyncClient, anybody: httpx.AsyncClient, ride: RideView
) -> None:
    async with watching(anybody, ride.stream_path) as chunks:
        await visitor.act(http, ride.ride_id, "cancel")
        await ends(chunks)
    assert (await anybody.get(ride.stream_path or "")).status_code == 404


async def test_who_watches_a_ride_chooses_the_picture(
    anybody: httpx.AsyncClient, camera: Camera, ride: RideView
) -> None:
    async with watching(anybody, f"{ride.stream_path}?size=small&overlay=off"):
        assert camera.queries == ["size=small&overlay=off"]
    answer = await anybody.get(f"{ride.stream_path}?size=huge")
    assert answer.status_code == 422
    assert "size" in answer.json()["error"]["message"]


async def test_who_reads_nothing_is_let_go_with_the_ride(
    server: RunningServer, http: httpx.AsyncClient, camera: Camera, ride: RideView
) -> None:
    """Nothing is offered to it any more, and so the car would be asked for pictures for ever."""
    loop = asyncio.get_running_loop()
    with socket.socket() as stuck:
        stuck.setblocking(False)
        await loop.sock_connect(stuck, ("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
        await loop.sock_sendall(stuck, f"GET {ride.stream_path}?size=full HTTP/1.1\r\nHost: car\r\n\r\n".encode())
        await eventually(lambda: camera.number > 60)
        assert camera.open_connections == 1
        await visitor.act(http, ride.ride_id, "cancel")
        await eventually(lambda: camera.open_connections == 0)


async def test_a_ride_without_a_car_shows_nothing(http: httpx.AsyncClient, ride: RideView) -> None:
    waiting = await visitor.book(http, ride.station_id, "visit-2")
    assert (waiting.queue_position, waiting.stream_path) == (1, None)
    path = f"/api/shared/{share_token(waiting.ride_id)}/stream.mjpg"
    assert (await http.get(path)).json()["error"]["message"] == "this ride has no car yet"


async def test_an_operator_watches_until_the_session_is_over(
    server: RunningServer, http: httpx.AsyncClient, camera: Camera
) -> None:
    headers = bearer((await server.context.access.open_session("alice")).key)
    async with watching(http, "/api/cars/car-1/stream.mjpg", headers) as chunks:
        await http.delete("/api/me/session", headers=headers)
        await ends(chunks)


async def test_the_secret_in_a_cars_address_is_neither_stored_nor_logged(
    server: RunningServer, anybody: httpx.AsyncClient, camera: Camera, ride: RideView, caplog: pytest.LogCaptureFixture
) -> None:
    assert server.context.dispatcher.car("car-1").stream_url == f"http://127.0.0.1:{camera.port}{STREAM_PATH}"
    (stored,) = (await server.context.dispatcher._store.load()).cars
    assert stored.record.stream_url == f"http://127.0.0.1:{camera.port}/"
    caplog.set_level(logging.INFO, "server")
    async with watching(anybody, ride.stream_path):
        for refuses in (camera.stop, camera.refuse):
            caplog.clear()
            await refuses()
            await eventually(lambda: "trying again" in caplog.text)
            assert STREAM_PATH not in caplog.text
