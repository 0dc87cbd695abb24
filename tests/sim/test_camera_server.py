"""The camera protocol over real sockets, with pictures that tell when they were taken."""

import asyncio
import contextlib
import json
import struct
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from car.camera.tcp_source import TcpCameraSource
from fleet.clock import ManualClock
from sim.endpoints.camera_feed import CameraFeeds
from sim.endpoints.camera_server import HEADER, MAGIC, CameraServer
from sim.endpoints.tcp_endpoint import TcpEndpoint

BYTES = 320 * 240 * 3


class Studio:
    """A camera server whose clock runs by itself only while `running`."""

    def __init__(self) -> None:
        self.clock = ManualClock(50.0)
        self.feeds = CameraFeeds(("car-1", "car-2"), self._take, self.clock.now_s)
        self.endpoint = TcpEndpoint(CameraServer(self.feeds, self.clock.now_s).serve, max_connections=4)

    def _take(self, car_id: str) -> tuple[NDArray[np.uint8], float]:
        shade = self.feeds.feed(car_id).taken % 250
        return np.full((240, 320, 3), shade, np.uint8), self.clock.now_s()

    async def run(self) -> None:
        while True:
            self.clock.advance(0.01)
            self.feeds.take_due()
            await asyncio.sleep(0.001)

    async def connect(self, hello: bytes = b"HELLO car-1\n") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self.endpoint.host, self.endpoint.port)
        writer.write(hello)
        return reader, writer


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    studio = Studio()
    await studio.endpoint.open("127.0.0.1", 0)
    running = asyncio.create_task(studio.run())
    yield studio
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await studio.endpoint.close()


async def next_frame(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, float, int, bytes]:
    """Ask for a frame: (sequence, capture time, age in µs, pixels)."""
    writer.write(b"NEXT\n")
    async with asyncio.timeout(20):
        magic, sequence, captured_s, age_us, length = HEADER.unpack(await reader.readexactly(HEADER.size))
        assert magic == MAGIC
        assert length == BYTES
        return sequence, captured_s, age_us, await reader.readexactly(length)


async def test_greeting_and_frames(studio: Studio) -> None:
    reader, writer = await studio.connect()
    greeting = json.loads(await reader.readline())
    assert (greeting["ok"], greeting["width"], greeting["height"], greeting["fps"]) == (True, 320, 240, 25)
    frames = [await next_frame(reader, writer) for _ in range(5)]
    assert [sequence for sequence, *_ in frames] == [1, 2, 3, 4, 5]
    assert [pixels[0] for *_, pixels in frames] == [0, 1, 2, 3, 4]
    times_s = [captured_s for _, captured_s, _, _ in frames]
    assert min(np.diff(times_s)) > 0
    assert times_s[-1] - times_s[0] > 0.12  # four slots on, less than one of them early
    writer.close()


async def test_the_header_is_as_the_contract_says() -> None:
    assert HEADER.size == struct.calcsize("<4sQdII") == 28
    assert MAGIC == b"PXF1"


async def test_after_a_pause_the_next_frame_is_fresh(studio: Studio) -> None:
    reader, writer = await studio.connect()
    await reader.readline()
    sequence, *_ = await next_frame(reader, writer)
    await studio.clock.sleep(1.0)
    asked_s = studio.clock.now_s()
    after, captured_s, _, _ = await next_frame(reader, writer)
    assert after == sequence + 1  # nothing was rendered, let alone queued, meanwhile
    assert captured_s >= asked_s
    writer.close()


async def test_the_cars_own_reader_understands(studio: Studio) -> None:
    source = TcpCameraSource(f"tcp://127.0.0.1:{studio.endpoint.port}/car-2")
    await asyncio.to_thread(source.open)
    try:
        picture, _ = await asyncio.to_thread(source.read)
    finally:
        source.close()
    assert picture.shape == (240, 320, 3)


@pytest.mark.parametrize(
    ("hello", "error"),
    [
        (b"HELLO car-9\n", "there is no camera 'car-9'; there are car-1, car-2"),
        (b"GET / HTTP/1.1\n", "say HELLO"),
        (b"\xff\xfe\n", "say HELLO"),
    ],
)
async def test_a_wrong_greeting_is_answered_and_ends(studio: Studio, hello: bytes, error: str) -> None:
    reader, writer = await studio.connect(hello)
    answer = json.loads(await reader.readline())
    assert answer["ok"] is False
    assert error in answer["error"]
    assert await reader.read() == b""
    writer.close()


async def test_something_else_than_next_ends_the_connection(studio: Studio) -> None:
    reader, writer = await studio.connect(b"HELLO car-1\nPLEASE\n")
    await reader.readline()
    assert "expected NEXT" in json.loads(await reader.readline())["error"]
    assert await reader.read() == b""
    writer.close()


async def test_an_endless_line_ends_the_connection(studio: Studio) -> None:
    reader, writer = await studio.connect(b"H" * 100_000)
    with contextlib.suppress(ConnectionError):
        assert b'"ok": false' in await reader.read()
    writer.close()


async def test_one_who_leaves_a_frozen_camera_is_noticed(studio: Studio) -> None:
    studio.feeds.feed("car-1").frozen = True
    for _ in range(8):  # twice as many as may be connected at a time
        reader, writer = await studio.connect(b"HELLO car-1\nNEXT\n")
        assert json.loads(await reader.readline())["ok"]
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.02)
    studio.feeds.feed("car-1").frozen = False


async def test_too_many_connections_are_closed(studio: Studio) -> None:
    connections = [await studio.connect() for _ in range(4)]
    for reader, _ in connections:
        await reader.readline()
    extra, writer = await studio.connect(b"")
    assert await extra.read() == b""
    for _, each in [*connections, (extra, writer)]:
        each.close()
