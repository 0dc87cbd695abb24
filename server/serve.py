"""The server as a process: socket, uvicorn, and an end that does not wait for viewers."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from city.files import city_text, parse_city
from fleet.clock import WallClock
from fleet.video.connection import TransportInScope, prepare_listener
from server.api.context import ServerContext
from server.app import create_app
from server.cluster.member import ClusterMember
from server.cluster.open import open_lease_book
from server.dispatcher import Dispatcher
from server.relay import StreamRelay
from server.store.open import open_store

BACKLOG = 1024
MAX_MESSAGE_BYTES = 64 * 1024
KEEP_ALIVE_S = 30
GRACE_S = 2  # for answers under way when the server is told to stop


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one.

    Raises:
        OSError: naming the address, if it cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        prepare_listener(listener)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on {host}:{port} ({error}); choose others with --host and --port") from error
    return listener


class Streams(Protocol):
    """Answers and links that would never end by themselves."""

    async def close_streams(self) -> None:
        """End them."""
        ...


class _Http(TransportInScope, HttpToolsProtocol):
    """HTTP as uvicorn speaks it fastest."""


class _Server(uvicorn.Server):
    """Uvicorn that ends open streams before it waits for connections to close."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._streams.close_streams()
        await super().shutdown(sockets)


def make_server(app: ASGIApp, streams: Streams) -> uvicorn.Server:
    """A uvicorn server for `app`; its `serve(sockets=[...])` runs until it is told to stop."""
    config = uvicorn.Config(
        app,
        http=_Http,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    return _Server(config, streams)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What to serve, and where.

    Attributes:
        city: a shipped city, `random:SEED`, or a file.
        store_url: see `open_store`.
        host: address to listen on.
        port: port to listen on; 0 picks a free one.
        seed: of the choices of roaming cars.
        public_url: where visitors' phones reach the servers; None for the address that the station's browser uses.
        cluster_url: where other servers on the same store reach this one; None for a server that is alone.
    """

    city: str
    store_url: str
    host: str
    port: int
    seed: int = 0
    public_url: str | None = None
    cluster_url: str | None = None


async def make_context(options: ServerOptions) -> ServerContext:
    """The parts of a server that decides, loaded; an application around them starts and stops them.

    Raises:
        CityError: if the city is wrong.
        StoreError: if the store cannot be opened or read.
    """
    text = city_text(options.city)
    city = parse_city(text, source=options.city)
    dispatcher = Dispatcher(city, await open_store(options.store_url), WallClock(), seed=options.seed)
    try:
        await dispatcher.load()
    except BaseException:
        await dispatcher.stop()
        raise
    relay = StreamRelay(lambda car_id: dispatcher.car(car_id).stream_url)
    return ServerContext(dispatcher, relay, text, options.public_url)


async def serve(options: ServerOptions) -> None:
    """Serve until told to stop.

    Raises:
        CityError: if the city is wrong.
        StoreError: if the store cannot be opened or read.
        OSError: if the address cannot be listened on.
    """
    parse_city(city_text(options.city), source=options.city)  # a mistake should be said before anything is opened
    with listen(options.host, options.port) as listener:
        if options.cluster_url is None:
            context = await make_context(options)
            await make_server(create_app(context), context).serve(sockets=[listener])
            return
        book = await open_lease_book(options.store_url)
        member = ClusterMember(options.cluster_url, book, partial(leading_app, options), WallClock())
        member.start()
        try:
            await make_server(member, member).serve(sockets=[listener])
        finally:
            await member.stop()


@asynccontextmanager
async def leading_app(options: ServerOptions) -> AsyncIterator[FastAPI]:
    """The application of a server for as long as it leads, up and running."""
    app = create_app(await make_context(options))
    async with app.router.lifespan_context(app):
        yield app
