"""The newest picture of one kind of one car, fetched over one connection while anybody watches."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx

from fleet.video.multipart import TIMESTAMP_HEADER, picture_part, timestamp_text
from server.changes import ChangeSignal
from server.video.multipart import MultipartError, PictureSplitter, SentPicture, boundary_of

RECONNECT_PAUSE_S = 0.5

_log = logging.getLogger(__name__)


class Picture(NamedTuple):
    """A JPEG file with the running number that tells it from the one before."""

    number: int
    jpeg: bytes
    taken_unix_s: float  # by the car's clock; when it came here, if the car does not tell
    part: bytes  # of a multipart stream, the same for all who watch


class CarPictures:
    """Wakes all viewers at each picture; those that are busy then miss it, and none is ever queued."""

    def __init__(self, car_id: str, client: httpx.AsyncClient, url: Callable[[], httpx.URL | None]) -> None:
        """`url` is asked again for each connection."""
        self._car_id = car_id
        self._newest = Picture(0, b"", 0.0, b"")
        self._renewed = ChangeSignal()
        self._client = client
        self._url = url
        self._fetcher: asyncio.Task[None] | None = None
        self._viewers = 0

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[RelayedViewer]:
        """A viewer; pictures are fetched as long as there is one."""
        self._viewers += 1
        if self._fetcher is None:
            self._fetcher = asyncio.create_task(self._fetch_for_ever())
        try:
            yield RelayedViewer(self, self._newest.number)
        finally:
            self._viewers -= 1
            if self._viewers == 0:
                self._fetcher.cancel()
                self._fetcher = None

    async def newer(self, than_number: int) -> Picture | None:
        """Wait for another picture; None once closed."""
        while self._newest.number == than_number and not self._renewed.is_closed:
            await self._renewed.wait()
        return None if self._renewed.is_closed else self._newest

    def close(self) -> None:
        """End all viewers' streams."""
        self._renewed.close()

    async def _fetch_for_ever(self) -> None:
        while True:
            try:
                await self._fetch(self._url())
            except (httpx.HTTPError, httpx.InvalidURL, MultipartError) as error:  # the address is a secret
                _log.info("pictures of %s: %s; trying again", self._car_id, error or type(error).__name__)
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _fetch(self, url: httpx.URL | None) -> None:
        if url is None:
            return
        async with self._client.stream("GET", url) as response:
            if response.is_error:
                raise MultipartError(f"status {response.status_code}")
            splitter = PictureSplitter(boundary_of(response.headers.get("content-type", "")))
            async for data in response.aiter_raw():
                for sent in splitter.feed(data)[-1:]:
                    self._show(sent)

    def _show(self, sent: SentPicture) -> None:
        taken_unix_s = time.time() if sent.taken_unix_s is None else sent.taken_unix_s
        part = picture_part(sent.jpeg, {TIMESTAMP_HEADER: timestamp_text(taken_unix_s)})
        self._newest = Picture(self._newest.number + 1, sent.jpeg, taken_unix_s, part)
        self._renewed.notify()


class RelayedViewer:
    """One who watches through the relay: gets each picture at most once, and never an old one."""

    def __init__(self, pictures: CarPictures, seen_number: int) -> None:
        self._pictures = pictures
        self._seen_number = seen_number

    async def next(self) -> Picture | None:
        """The next picture; None once the server shuts down."""
        picture = await self._pictures.newer(self._seen_number)
        if picture is not None:
            self._seen_number = picture.number
        return picture
