"""A running server on a free port, and clients for it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from city.city import City
from city.files import city_text, load_city
from fleet.clock import WallClock
from server.api.context import ServerContext
from server.app import create_app
from server.dispatcher import Dispatcher
from server.relay import StreamRelay
from server.serve import listen, make_server
from server.store.open import open_store
from tests.server.stand_in import StandIn
from tests.server.waiting import eventually


class RunningServer:
    """A server that listens on 127.0.0.1, in this process."""

    def __init__(self, context: ServerContext, port: int, stop: Callable[[], Awaitable[None]]) -> None:
        self.context = context
        self.url = f"http://127.0.0.1:{port}"
        self.link_url = f"ws://127.0.0.1:{port}/api/cars/link"
        self.stop = stop


@asynccontextmanager
async def running_server(store_url: str = "sqlite::memory:") -> AsyncIterator[RunningServer]:
    listener = listen("127.0.0.1", 0)
    dispatcher = Dispatcher(load_city("pixelopolis"), await open_store(store_url), WallClock(), seed=1)
    await dispatcher.load()
    context = ServerContext(
        dispatcher, StreamRelay(lambda car_id: dispatcher.car(car_id).stream_url), city_text("pixelopolis")
    )
    server = make_server(create_app(context), context)
    serving = asyncio.create_task(server.serve(sockets=[listener]))

    async def stop() -> None:
        server.should_exit = True
        await serving

    await eventually(lambda: server.started)
    try:
        yield RunningServer(context, listener.getsockname()[1], stop)
    finally:
        await stop()


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    async with running_server() as server:
        yield server


@pytest.fixture
async def http(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=10.0, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One database server for all tests that only use it; each takes a database of its own."""
    with StandIn(tmp_path_factory.mktemp("stand-in")) as stand_in:
        yield stand_in


@pytest.fixture
def garbage_collected() -> Iterator[None]:
    """What the test has left behind is collected at its end, not in another test."""
    yield
    gc.collect()
