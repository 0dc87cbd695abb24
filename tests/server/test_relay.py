"""Live pictures: many viewers, one connection to the car, nobody gets old pictures."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from city.city import City
from fleet.video.connection import SEND_BUFFER_BYTES
from server.serve import listen
from tests.server import visitor
from tests.server.conftest import RunningServer
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually

PICTURE_BYTES = 20_000


class Camera:
    """A car's own stream: pictures that begin with their number, fifty each second."""

    def __init__(self) -> None:
        self.open_connections = 0
        self.connections = 0
        self.number = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_connections += 1
        self.connections += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=f\r\n\r\n")
            while self._server is not None and self._server.is_serving() and not reader.at_eof():
                self.number += 1
                picture = self.number.to_bytes(4, "big").ljust(PICTURE_BYTES, b".")
                head = f"--f\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                writer.write(head.encode() + picture + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            self.open_connections -= 1
            writer.close()


@pytest.fixture
async def camera(server: RunningServer, http: httpx.AsyncClient, city: City) -> AsyncIterator[Camera]:
    camera = Camera()
    await camera.start()
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    car.stream_url = f"http://127.0.0.1:{camera.port}/stream.mjpg"
    async with running(car):
        await visitor.cars_online(http, 1)
        yield camera
    await camera.stop()


@asynccontextmanager
async def viewer(http: httpx.AsyncClient) -> AsyncIterator[AsyncIterator[int]]:
    """The numbers of the pictures that a viewer gets."""

    async def numbers(response: httpx.Response) -> AsyncIterator[int]:
        data = b""
        async for chunk in response.aiter_raw():
            data += chunk
            while (body := data.find(b"\r\n\r\n")) >= 0 and len(data) >= body + 4 + PICTURE_BYTES:
                yield int.from_bytes(data[body + 4 : body + 8], "big")
                data = data[body + 4 + PICTURE_BYTES :]

    async with http.stream("GET", "/api/cars/car-1/stream.mjpg") as response:
        assert response.status_code == 200
        yield numbers(response)


async def test_many_viewers_one_connection_to_the_car(http: httpx.AsyncClient, camera: Camera) -> None:
    async def watch() -> list[int]:
        async with viewer(http) as numbers:
            return [await anext(numbers) for _ in range(15)]

    for numbers in await asyncio.gather(*(watch() for _ in range(10))):
        assert numbers == sorted(set(numbers))
    assert camera.connections == 1
    await eventually(lambda: camera.open_connections == 0)  # the last viewer has left


async def test_a_viewer_comes_back(http: httpx.AsyncClient, camera: Camera) -> None:
    for connections in (1, 2):
        async with viewer(http) as numbers:
            await anext(numbers)
        await eventually(lambda: camera.open_connections == 0)
        assert camera.connections == connections


async def test_the_picture_goes_on_when_the_car_comes_back(http: httpx.AsyncClient, camera: Camera) -> None:
    async with viewer(http) as numbers:
        before = await anext(numbers)
        await camera.stop()
        await eventually(lambda: camera.open_connections == 0)
        await camera.start()
        async with asyncio.timeout(10.0):
            async for number in numbers:
                if camera.connections == 2 and number > before:
                    break


async def test_a_slow_viewer_skips_pictures_and_does_not_hold_up_others(
    server: RunningServer, http: httpx.AsyncClient, camera: Camera
) -> None:
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1])
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(slow, (host, port))
        request = f"GET /api/cars/car-1/stream.mjpg HTTP/1.1\r\nHost: {host}\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(slow, request.encode())
        async with viewer(http) as numbers:  # the slow one reads nothing at all meanwhile
            first = await anext(numbers)
            await eventually(lambda: camera.number > first + 60)
            last = first
            async for number in numbers:
                last = number
                if camera.number - number < 10:
                    break
        assert camera.number - last < 10


def test_send_buffer_is_small() -> None:
    with listen("127.0.0.1", 0) as listener:
        # Linux doubles what is asked for.
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER_BYTES


def test_an_address_in_use_is_named() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(OSError, match=rf"cannot listen on 127\.0\.0\.1:{port}"):
            listen("127.0.0.1", port)


async def test_snapshot(http: httpx.AsyncClient, camera: Camera) -> None:
    answer = await http.get("/api/cars/car-1/snapshot.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert len(answer.content) == PICTURE_BYTES
    await camera.stop()
    await eventually(lambda: camera.open_connections == 0)
    answer = await http.get("/api/cars/car-1/snapshot.jpg")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_picture"


async def test_shutdown_does_not_wait_for_viewers(
    server: RunningServer, http: httpx.AsyncClient, camera: Camera
) -> None:
    async with viewer(http) as numbers:
        await anext(numbers)
        events = visitor.events(http, "/api/events")
        await anext(events)
        async with asyncio.timeout(1.5):
            await server.stop()
        async for _ in numbers:  # both streams have come to their end
            pass
        async for _ in events:
            pass
