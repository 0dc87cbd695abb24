"""Live pictures of the cars for any number of viewers, over one connection to each car that is being watched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import NamedTuple

import httpx

from server.changes import ChangeSignal
from server.multipart import MultipartError, PictureSplitter, boundary_of

CONNECT_TIMEOUT_S = 2.0
PICTURE_TIMEOUT_S = 3.0  # without data, the connection to the car is opened anew
RECONNECT_PAUSE_S = 0.5
SNAPSHOT_TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)


class Picture(NamedTuple):
    """A JPEG file with the running number that tells it from the one before."""

    number: int
    jpeg: bytes


class _CarStream:
    """The newest picture of one car, fetched while anybody watches."""

    def __init__(self, client: httpx.AsyncClient, url: Callable[[], str | None]) -> None:
        self.picture = Picture(0, b"")
        self.renewed = ChangeSignal()
        self._client = client
        self._url = url
        self._fetcher: asyncio.Task[None] | None = None
        self._viewers = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Fetch pictures inside of this block."""
        self._viewers += 1
        if self._fetcher is None:
            self._fetcher = asyncio.create_task(self._fetch_for_ever())
        try:
            yield
        finally:
            self._viewers -= 1
            if self._viewers == 0:
                self._fetcher.cancel()
                self._fetcher = None

    async def newer(self, than_number: int) -> Picture | None:
        """Wait for another picture; None once the server shuts down."""
        while self.picture.number == than_number and not self.renewed.is_closed:
            await self.renewed.wait()
        return None if self.renewed.is_closed else self.picture

    async def _fetch_for_ever(self) -> None:
        while True:
            url = self._url()
            if url is not None:
                try:
                    await self._fetch(url)
                except (httpx.HTTPError, httpx.InvalidURL, MultipartError) as error:
                    _log.info("pictures from %s: %s; trying again", url, error or type(error).__name__)
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _fetch(self, url: str) -> None:
        async with self._client.stream("GET", url) as response:
            response.raise_for_status()
            splitter = PictureSplitter(boundary_of(response.headers.get("content-type", "")))
            async for data in response.aiter_raw():
                for jpeg in splitter.feed(data)[-1:]:
                    self._show(jpeg)

    def _show(self, jpeg: bytes) -> None:
        self.picture = Picture(self.picture.number + 1, jpeg)
        self.renewed.notify()


class StreamRelay:
    """One `_CarStream` for each car that was ever watched. Slow viewers skip pictures; none is ever queued."""

    def __init__(self, url_of: Callable[[str], str | None]) -> None:
        """`url_of` gives the address of a car's own stream; it is asked again for each connection."""
        self._url_of = url_of
        timeout = httpx.Timeout(PICTURE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S, pool=None)
        # A car is on this network: proxies of the environment are for elsewhere.
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, limits=httpx.Limits(max_connections=None))
        self._streams: dict[str, _CarStream] = {}
        self._is_closed = False

    async def pictures(self, car_id: str) -> AsyncGenerator[Picture, None]:
        """The newest pictures of a car, for one viewer, until the server shuts down."""
        if self._is_closed:
            return
        if car_id not in self._streams:
            self._streams[car_id] = _CarStream(self._client, lambda: self._url_of(car_id))
        stream = self._streams[car_id]
        with stream.watched():
            seen = stream.picture.number
            while (picture := await stream.newer(seen)) is not None:
                seen = picture.number
                yield picture

    async def snapshot(self, car_id: str) -> bytes | None:
        """The next picture of a car; None if none comes in time."""
        try:
            async with aclosing(self.pictures(car_id)) as pictures, asyncio.timeout(SNAPSHOT_TIMEOUT_S):
                async for picture in pictures:
                    return picture.jpeg
        except TimeoutError:
            _log.info("no picture of %s within %.1f s", car_id, SNAPSHOT_TIMEOUT_S)
        return None

    def close_streams(self) -> None:
        """End all viewers' streams."""
        self._is_closed = True
        for stream in self._streams.values():
            stream.renewed.close()

    async def stop(self) -> None:
        """End everything."""
        self.close_streams()
        await self._client.aclose()
