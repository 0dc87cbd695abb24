"""A running server on a free port, and clients for it."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from websockets.asyncio.client import ClientConnection, connect

from city.city import City
from city.files import city_text, load_city
from fleet.access import Role
from fleet.clock import WallClock
from server.access_options import AccessOptions
from server.api.context import ServerContext
from server.app import create_app
from server.dispatch.dispatcher import Dispatcher
from server.observability.ride_traces import RideTraces
from server.security.access import Access
from server.security.rates import Limits, Rate
from server.serve import listen, make_server
from server.store.open import open_store
from server.video.relay import StreamRelay
from tests.server import visitor
from tests.server.camera import Camera
from tests.server.keys import bearer, know_operator, operator_key
from tests.server.live_car import LiveCar, running
from tests.server.scene import Scene
from tests.server.stand_in import StandIn
from tests.server.waiting import eventually

UNLIMITED = Limits(*[Rate(10_000, 0.001)] * 4)  # tests are not patient


class RunningServer:
    """A server that listens on 127.0.0.1, in this process."""

    def __init__(self, context: ServerContext, address: str, stop: Callable[[], Awaitable[None]]) -> None:
        self.context = context
        self.url = address
        self.link_url = f"{address.replace('http', 'ws', 1)}/api/cars/link"
        self.stop = stop

    async def enrolled(self, role: Role, name: str) -> dict[str, str]:
        """The headers of a device that holds a key; an earlier one of the same device is void."""
        return bearer((await self.context.access.enrolment.enrol_without_code(role, name)).key)

    @asynccontextmanager
    async def linked(self, car_id: str = "car-1", key: dict[str, str] | None = None) -> AsyncIterator[ClientConnection]:
        """A car's link, with a new key if none is given."""
        headers = key or await self.enrolled(Role.CAR, car_id)
        async with connect(self.link_url, proxy=None, additional_headers=headers) as link:
            yield link


@asynccontextmanager
async def running_server(
    store_url: str = "sqlite::memory:",
    limits: Limits = UNLIMITED,
    options: AccessOptions | None = None,
    tracing: TracerProvider | None = None,
    port: int = 0,
) -> AsyncIterator[RunningServer]:
    """With one operator, who is logged in; port 0 picks a free one."""
    options = options or AccessOptions()
    listener = listen("127.0.0.1", port)
    store = await open_store(store_url)
    follower = None if tracing is None else RideTraces(tracing)
    dispatcher = Dispatcher(load_city("pixelopolis"), store, WallClock(), seed=1, follower=follower)
    await dispatcher.load()
    access = Access(
        store,
        time.monotonic,
        time.time,
        dispatcher.happened,
        limits=limits,
        is_open_on_loopback=options.is_open_on_loopback,
    )
    await access.load()
    relay = StreamRelay(lambda car_id: dispatcher.car(car_id).stream_url)
    context = ServerContext(dispatcher, relay, city_text("pixelopolis"), access)
    server = make_server(create_app(context, has_tls=options.tls is not None, tracing=tracing), context, options)
    serving = asyncio.create_task(server.serve(sockets=[listener]))

    async def stop() -> None:
        server.should_exit = True
        await serving

    await eventually(lambda: server.started)
    address = f"{'https' if options.tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    running = RunningServer(context, address, stop)
    know_operator(running.url, (await access.open_session("tester")).key)
    try:
        yield running
    finally:
        await stop()


@pytest.fixture
async def server() -> AsyncIterator[RunningServer]:
    async with running_server() as server:
        yield server


@pytest.fixture
async def http(server: RunningServer) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's; what visitors do has the key of their station, see `tests.server.visitor`."""
    async with client(server) as client_of_operator:
        yield client_of_operator


def client(server: RunningServer, *, timeout_s: float = 10.0) -> httpx.AsyncClient:
    """A client with the key of the server's operator."""
    headers = bearer(operator_key(server.url) or "")
    return httpx.AsyncClient(base_url=server.url, headers=headers, timeout=timeout_s, trust_env=False)


@pytest.fixture(scope="session")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture
def scene(city: City) -> Scene:
    return Scene(city)


@pytest.fixture
async def camera(server: RunningServer, http: httpx.AsyncClient, city: City) -> AsyncIterator[Camera]:
    """That of the only car, `car-1`."""
    camera = Camera()
    await camera.start()
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    car.stream_url = camera.url
    async with running(car):
        await visitor.cars_online(http, 1)
        yield camera
    await camera.stop()


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
