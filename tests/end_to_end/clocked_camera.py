"""A camera between simulator and car that writes the time of each picture over its upper edge."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import numpy as np

from car.camera.tcp_source import HEADER
from pixelopolis.bench.stream.clock_strip import write_clock

WIDTH_PX, HEIGHT_PX = 320, 240


class ClockedCameras:
    """Listens at `url(car_id)`; `upstream` tells host and port of the real cameras, when the first car connects."""

    def __init__(self, upstream: Callable[[], tuple[str, int]]) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = self._server.sockets[0].getsockname()[1]

    def url(self, car_id: str) -> str:
        return f"tcp://127.0.0.1:{self._port}/{car_id}"

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, from_car: asyncio.StreamReader, to_car: asyncio.StreamWriter) -> None:
        from_camera, to_camera = await asyncio.open_connection(*self._upstream())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            to_camera.write(await from_car.readline())
            to_car.write(await from_camera.readline())
            while request := await from_car.readline():
                to_camera.write(request)
                head = await from_camera.readexactly(HEADER.size)
                _, _, captured_s, _, length = HEADER.unpack(head)
                picture = np.frombuffer(await from_camera.readexactly(length), np.uint8)
                picture = picture.reshape(HEIGHT_PX, WIDTH_PX, 3).copy()
                write_clock(picture, captured_s + time.time() - time.monotonic())
                to_car.write(head)
                to_car.write(picture.tobytes())
                await to_car.drain()
        to_camera.close()
        to_car.close()
