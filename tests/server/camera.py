"""A car's own stream, and those who watch it through the relay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx

from server.video.multipart import PictureSplitter, boundary_of
from tests.server.keys import operator_key

PICTURE_BYTES = 20_000
STREAM_PATH = "/secret/stream.mjpg"


class Camera:
    """A car's own stream: pictures that begin with their number, fifty each second."""

    period_s = 0.02

    def __init__(self) -> None:
        self.connections = 0
        self.number = 0
        self.queries: list[str] = []
        self.port = 0
        self._refuses = False
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def open_connections(self) -> int:
        """How many it serves."""
        return len(self._serving)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{STREAM_PATH}"

    def picture(self) -> bytes:
        """The one of the present number."""
        return self.number.to_bytes(4, "big").ljust(PICTURE_BYTES, b".")

    async def stop(self) -> None:
        """Hear nobody any more, and cut those who watch; all of it has ended then."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def refuse(self) -> None:
        """Start again, for nobody."""
        self._refuses = True
        await self.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        self.connections += 1
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path, _, query = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode().partition("?")
        self.queries.append(query)
        if path != STREAM_PATH or self._refuses:
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=f\r\n\r\n")
        while not reader.at_eof():
            self.number += 1
            picture = self.picture()
            head = (
                f"--f\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n"
                f"X-Timestamp: {self.number}.250000\r\n\r\n"
            )
            writer.write(head.encode() + picture + b"\r\n")
            await writer.drain()
            await asyncio.sleep(self.period_s)


@asynccontextmanager
async def viewer(http: httpx.AsyncClient, query: str = "size=full") -> AsyncIterator[AsyncIterator[int]]:
    """The numbers of the pictures that a viewer gets, whose timestamps must be those that the camera sent."""

    async def numbers(response: httpx.Response) -> AsyncIterator[int]:
        splitter = PictureSplitter(boundary_of(response.headers["content-type"]))
        async for chunk in response.aiter_raw():
            for picture in splitter.feed(chunk):
                number = int.from_bytes(picture.jpeg[:4], "big")
                assert picture.taken_unix_s == number + 0.25
                yield number

    async with http.stream("GET", f"/api/cars/car-1/stream.mjpg?{query}") as response:
        assert response.status_code == 200
        yield numbers(response)


def asking(server_url: str, query: str = "") -> bytes:
    """An operator's request as it goes over the line, for viewers that are sockets."""
    path = f"/api/cars/car-1/stream.mjpg?{query}"
    return f"GET {path} HTTP/1.1\r\nHost: car\r\nAuthorization: Bearer {operator_key(server_url)}\r\n\r\n".encode()
