"""A double of a car on a real WebSocket: reports often, drives fast, and comes back when the server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from city.city import City
from fleet.access import Role
from fleet.messages import FROM_SERVER, DriveMode, Hello, Refusal, Report
from pixelopolis.bench.served.car_double import CarDouble
from tests.server.keys import bearer, enrol, operator_key

TICK_S = 0.04
SPEED_MPS = 2.0
RECONNECT_PAUSE_S = 0.1


class LiveCar(CarDouble):
    """Give `stream_url` before it connects. `refusals` collects what the server did not like. It enrols by itself.

    A car that `stands` reports and does not drive; one that `is_silent` does not even report.
    """

    def __init__(self, city: City, car_id: str, edge: int, s_m: float, link_url: str) -> None:
        super().__init__(city, car_id, edge, s_m)
        self.link_url = link_url
        self.stream_url: str | None = None
        self.key: str | None = None
        self.refusals: list[str] = []
        self.links = 0  # how often it has connected
        self.stands = False
        self.is_silent = False
        self.faults: tuple[str, ...] = ()
        self.speed_mps = SPEED_MPS

    @property
    def hello(self) -> Hello:
        return super().hello.model_copy(update={"stream_url": self.stream_url})

    def report(self) -> Report:
        """What it says now."""
        return super().report().model_copy(update={"faults": self.faults})

    async def run(self) -> None:
        while True:
            try:
                headers = bearer(await self._own_key())
                async with connect(self.link_url, proxy=None, additional_headers=headers) as link:
                    self.links += 1
                    await link.send(self.hello.model_dump_json())
                    await asyncio.gather(self._hear_all(link), self._report(link))
            except (ConnectionClosed, InvalidHandshake, OSError, httpx.TransportError):
                self.release = None  # silence stops a car
                await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _own_key(self) -> str:
        if self.key is None:
            url = self.link_url.removesuffix("/api/cars/link").replace("ws://", "http://")
            async with httpx.AsyncClient(base_url=url, timeout=10.0, trust_env=False) as http:
                while operator_key(url) is None:  # noqa: ASYNC110  # the server may be started later
                    await asyncio.sleep(RECONNECT_PAUSE_S)
                self.key = await enrol(http, Role.CAR, self.car_id)
        return self.key

    async def _hear_all(self, link: ClientConnection) -> None:
        async for text in link:
            message = FROM_SERVER.validate_json(text)
            if isinstance(message, Refusal):
                self.refusals.append(message.reason)
            self.hear(message)

    async def _report(self, link: ClientConnection) -> None:
        while True:
            if not self.is_silent:
                await link.send(self.report().model_dump_json())
            await asyncio.sleep(TICK_S)
            if not self.stands and self.mode is not DriveMode.LOCALISING:
                self.drive(self.speed_mps * TICK_S)


@asynccontextmanager
async def running(*cars: LiveCar) -> AsyncIterator[None]:
    """The cars run inside of this block."""
    tasks = [asyncio.create_task(car.run()) for car in cars]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
