"""Live pictures: many viewers, one connection to the car, nobody gets old pictures."""

from __future__ import annotations

import asyncio
import gc
import socket
import tracemalloc
from pathlib import Path

import httpx
import pytest

from fleet.video.connection import SEND_BUFFER_BYTES
from fleet.video.multipart import CONTENT_TYPE
from server.serve import listen
from server.video.multipart import PictureSplitter
from tests.server import visitor
from tests.server.camera import PICTURE_BYTES, Camera, asking, viewer
from tests.server.conftest import RunningServer
from tests.server.waiting import eventually


async def test_many_viewers_one_connection_to_the_car(http: httpx.AsyncClient, camera: Camera) -> None:
    async def watch() -> list[int]:
        async with viewer(http) as numbers:
            return [await anext(numbers) for _ in range(15)]

    for numbers in await asyncio.gather(*(watch() for _ in range(10))):
        assert numbers == sorted(set(numbers))
    assert camera.connections == 1
    await eventually(lambda: camera.open_connections == 0)  # the last viewer has left


async def test_each_kind_of_picture_is_fetched_while_somebody_watches_it(
    http: httpx.AsyncClient, camera: Camera
) -> None:
    async with (
        viewer(http) as one,
        viewer(http, "size=small&overlay=off") as two,
        viewer(http, "overlay=off&size=small") as three,
    ):
        for numbers in (one, two, three):
            await anext(numbers)
        assert sorted(camera.queries) == ["size=full&overlay=on", "size=small&overlay=off"]
        assert camera.open_connections == 2
    await eventually(lambda: camera.open_connections == 0)


async def test_a_viewer_that_keeps_up_gets_the_best_picture(http: httpx.AsyncClient, camera: Camera) -> None:
    async with viewer(http, "overlay=off") as numbers:
        async for _ in numbers:
            if len(camera.queries) == 2:
                break
    assert camera.queries == ["size=coarse&overlay=off", "size=full&overlay=off"]


@pytest.mark.parametrize("query", ["size=huge", "overlay=0"])
async def test_what_cannot_be_had_is_said(http: httpx.AsyncClient, camera: Camera, query: str) -> None:
    for path in ("stream.mjpg", "snapshot.jpg"):
        answer = await http.get(f"/api/cars/car-1/{path}?{query}")
        assert answer.status_code == 422
        assert query.split("=")[0] in answer.json()["error"]["message"]
    assert camera.connections == 0


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


@pytest.mark.alone
async def test_a_viewer_that_reads_nothing_skips_pictures_and_does_not_hold_up_others(
    server: RunningServer, http: httpx.AsyncClient, camera: Camera
) -> None:
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1])
    loop = asyncio.get_running_loop()
    with socket.socket() as stuck:
        stuck.setblocking(False)
        await loop.sock_connect(stuck, (host, port))
        await loop.sock_sendall(stuck, asking(server.url, "size=full"))
        async with viewer(http) as numbers:
            first = await anext(numbers)
            await eventually(lambda: camera.number > first + 60)
            last = first
            async for number in numbers:
                last = number
                if camera.number - number < 10:
                    break
        assert camera.number - last < 10
        waiting = await loop.sock_recv(stuck, 100 * PICTURE_BYTES)
        assert len(waiting) < 3 * PICTURE_BYTES, "of more than sixty pictures, the next ones it reads are new"


@pytest.mark.alone
async def test_a_crawling_viewer_gets_new_pictures(server: RunningServer, camera: Camera) -> None:
    """It reads 100 KB a second, and is behind by two pictures at most, of twenty that a second brings."""
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1])
    loop = asyncio.get_running_loop()
    splitter = PictureSplitter(CONTENT_TYPE.partition("=")[2].encode())
    behind: list[int] = []
    with socket.socket() as crawling:
        crawling.setblocking(False)
        await loop.sock_connect(crawling, (host, port))
        await loop.sock_sendall(crawling, asking(server.url, "size=full"))
        async with asyncio.timeout(20.0):
            while len(behind) < 8:
                await asyncio.sleep(0.02)
                pictures = splitter.feed(await loop.sock_recv(crawling, 2_000))
                behind += [camera.number - int.from_bytes(picture.jpeg[:4], "big") for picture in pictures]
    assert max(behind) <= 60, behind  # 50 pictures a second


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet.video.connection.VANISHED_S", 1.0)


async def test_a_viewer_that_never_reads_is_given_up(
    short_patience: None, server: RunningServer, camera: Camera
) -> None:
    """Its system is there and acknowledges, as that of a browser whose page hangs."""
    loop = asyncio.get_running_loop()
    with socket.socket() as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.setblocking(False)
        await loop.sock_connect(stuck, ("127.0.0.1", int(server.url.rsplit(":", 1)[1])))
        await loop.sock_sendall(stuck, asking(server.url))
        await eventually(lambda: camera.open_connections == 1)
        await eventually(lambda: camera.open_connections == 0)


@pytest.mark.slow
async def test_a_thousand_viewers_that_vanish_leave_nothing_behind(
    server: RunningServer, http: httpx.AsyncClient, camera: Camera
) -> None:
    """Some hang up properly, some in the middle of a picture that they have not read."""
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1])

    async def vanish(k: int) -> None:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(asking(server.url, f"load={k}"))
        await reader.readuntil(b"\r\n\r\n")
        if k % 2:
            await reader.readexactly(PICTURE_BYTES)
        writer.transport.abort() if k % 3 else writer.close()

    async def vanish_all(count: int) -> None:
        for begun in range(0, count, 50):
            await asyncio.gather(*(vanish(k) for k in range(begun, begun + 50)))

    def held() -> tuple[int, int]:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())

    async with viewer(http) as numbers:  # the connection to the car stays
        await vanish_all(100)  # what is made once is there after it
        await eventually(lambda: camera.open_connections == 1)
        before = held()
        tracemalloc.start()
        memory_before = tracemalloc.get_traced_memory()[0]
        await vanish_all(1000)
        await eventually(lambda: camera.open_connections == 1 and held() == before)
        grown_bytes = tracemalloc.get_traced_memory()[0] - memory_before
        tracemalloc.stop()
        await anext(numbers)
    assert grown_bytes < 1000 * 1000, "less than a kilobyte for each"


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
    assert float(answer.headers["x-timestamp"]) == int.from_bytes(answer.content[:4], "big") + 0.25
    assert camera.queries == ["size=full&overlay=on"]
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
