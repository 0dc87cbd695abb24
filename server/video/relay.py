"""Live pictures of the cars for any number of viewers, over one connection for each kind of picture being watched."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

import httpx

from fleet.video.variant import Variant
from server.video.car_pictures import CarPictures, Picture, RelayedViewer

CONNECT_TIMEOUT_S = 2.0
PICTURE_TIMEOUT_S = 3.0  # without data, the connection to the car is opened anew
SNAPSHOT_TIMEOUT_S = 2.0

_log = logging.getLogger(__name__)


class StreamRelay:
    """`CarPictures` of each car and kind that was ever watched."""

    def __init__(self, url_of: Callable[[str], str | None]) -> None:
        """`url_of` gives the address of a car's own stream; it is asked again for each connection."""
        self._url_of = url_of
        timeout = httpx.Timeout(PICTURE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S, pool=None)
        # A car is on this network: proxies of the environment are for elsewhere.
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False, limits=httpx.Limits(max_connections=None))
        self._pictures: dict[tuple[str, Variant], CarPictures] = {}
        self._is_closed = False

    def watch(self, car_id: str, variant: Variant) -> AbstractAsyncContextManager[RelayedViewer]:
        """A viewer of one kind of a car's pictures, counted as long as the context lasts."""
        key = car_id, variant
        if key not in self._pictures:
            self._pictures[key] = CarPictures(car_id, self._client, partial(self._address, car_id, variant))
        if self._is_closed:
            self._pictures[key].close()
        return self._pictures[key].watch()

    async def snapshot(self, car_id: str, variant: Variant) -> Picture | None:
        """The next picture of a car; None if none comes in time."""
        try:
            async with self.watch(car_id, variant) as viewer, asyncio.timeout(SNAPSHOT_TIMEOUT_S):
                return await viewer.next()
        except TimeoutError:
            _log.info("no picture of %s within %.1f s", car_id, SNAPSHOT_TIMEOUT_S)
        return None

    def close_streams(self) -> None:
        """End all viewers' streams."""
        self._is_closed = True
        for pictures in self._pictures.values():
            pictures.close()

    async def stop(self) -> None:
        """End everything."""
        self.close_streams()
        await self._client.aclose()

    def _address(self, car_id: str, variant: Variant) -> httpx.URL | None:
        url = self._url_of(car_id)
        return None if url is None else httpx.URL(url).copy_merge_params(variant.query)
