"""The server as a process: socket, uvicorn, and an end that does not wait for viewers."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from city.files import city_text, parse_city
from fleet.clock import WallClock
from fleet.video.connection import TransportInScope, prepare_listener
from server.access_options import AccessOptions
from server.api.context import ServerContext
from server.app import create_app
from server.cluster.member import ClusterMember
from server.cluster.open import open_lease_book
from server.dispatch.dispatcher import Dispatcher
from server.security.access import Access
from server.store.open import open_store
from server.video.relay import StreamRelay

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from server.observability.ride_traces import RideTraces

BACKLOG = 1024
MAX_MESSAGE_BYTES = 64 * 1024
KEEP_ALIVE_S = 30
GRACE_S = 2  # for answers under way when the server is told to stop
_NO_OPTIONS = AccessOptions()


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


def _is_no_false_alarm(record: logging.LogRecord) -> bool:
    """Uvicorn 0.54 takes a WebSocket that was refused with a status and a reason for one that was not answered."""
    return record.msg != "ASGI callable returned without completing handshake."


class Streams(Protocol):
    """Answers and links that would never end by themselves."""

    async def close_streams(self) -> None:
        """End them."""
        ...


class _Http(TransportInScope, HttpToolsProtocol):
    """HTTP as uvicorn speaks it fastest."""


class _WebSocket(WebSocketsSansIOProtocol):
    """WebSockets with text that is no UTF-8 as what it is, bytes: uvicorn 0.54 logs it as an error of its own."""

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message on."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                self.curr_msg_data_type = "bytes"
        super().send_receive_event_to_app()


class _Server(uvicorn.Server):
    """Uvicorn that ends open streams before it waits for connections to close."""

    def __init__(self, config: uvicorn.Config, streams: Streams, tracing: TracerProvider | None) -> None:
        super().__init__(config)
        self._streams = streams
        self._tracing = tracing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._streams.close_streams()
        await super().shutdown(sockets)
        if self._tracing is not None:  # now, as uvicorn ends the process by the signal that told it to stop
            await asyncio.to_thread(self._tracing.force_flush)


def make_server(
    app: ASGIApp, streams: Streams, access: AccessOptions = _NO_OPTIONS, tracing: TracerProvider | None = None
) -> uvicorn.Server:
    """A uvicorn server for `app`; its `serve(sockets=[...])` runs until it is told to stop, and what is traced is sent.

    Raises:
        OSError: naming the files, if the certificate or its key cannot be used.
    """
    logging.getLogger("uvicorn.error").addFilter(_is_no_false_alarm)
    config = uvicorn.Config(
        app,
        http=_Http,
        ws=_WebSocket,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
        proxy_headers=bool(access.trusted_proxies),
        forwarded_allow_ips=list(access.trusted_proxies),
        ssl_certfile=access.tls.certificate if access.tls else None,
        ssl_keyfile=access.tls.key if access.tls else None,
    )
    try:
        config.load()
    except OSError as error:  # that of TLS is one, too
        raise OSError(f"TLS with {config.ssl_certfile} and {config.ssl_keyfile}: {error}") from error
    return _Server(config, streams, tracing)


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
        access: see `AccessOptions`.
        tracing: where spans go; None for no traces.
    """

    city: str
    store_url: str
    host: str
    port: int
    seed: int = 0
    public_url: str | None = None
    cluster_url: str | None = None
    access: AccessOptions = _NO_OPTIONS
    tracing: TracerProvider | None = None

    @property
    def url(self) -> str:
        """Where this machine reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # looked for, not listened on
        named = f"[{host}]" if ":" in host else host
        return f"{'https' if self.access.tls else 'http'}://{named}:{self.port}"


async def make_context(options: ServerOptions) -> ServerContext:
    """The parts of a server that decides, loaded; an application around them starts and stops them.

    Raises:
        CityError: if the city is wrong.
        StoreError: if the store cannot be opened or read.
    """
    text = city_text(options.city)
    city = parse_city(text, source=options.city)
    store, clock = await open_store(options.store_url), WallClock()
    dispatcher = Dispatcher(city, store, clock, seed=options.seed, follower=_ride_traces(options.tracing))
    access = Access(
        store, clock.now_s, time.time, dispatcher.happened, is_open_on_loopback=options.access.is_open_on_loopback
    )
    try:
        await dispatcher.load()
        await access.load()
        code = await access.enrolment.first_code(options.access.operator_code)
    except BaseException:
        await dispatcher.stop()
        raise
    if code is not None and options.access.operator_code is None:
        options.access.tell(options.url, code.code)
    relay = StreamRelay(lambda car_id: dispatcher.car(car_id).stream_url)
    return ServerContext(dispatcher, relay, text, access, options.public_url)


def _ride_traces(provider: TracerProvider | None) -> RideTraces | None:
    if provider is None:
        return None
    from server.observability.ride_traces import RideTraces  # needs what only the extra `tracing` brings

    return RideTraces(provider)


async def serve(options: ServerOptions) -> None:
    """Serve until told to stop.

    Raises:
        CityError: if the city is wrong.
        StoreError: if the store cannot be opened or read.
        OSError: if the address cannot be listened on, or the certificate cannot be used.
    """
    parse_city(city_text(options.city), source=options.city)  # a mistake should be said before anything is opened
    with listen(options.host, options.port) as listener:
        options = replace(options, port=listener.getsockname()[1])
        if options.cluster_url is None:
            await _serve_alone(options, listener)
            return
        book = await open_lease_book(options.store_url)
        member = ClusterMember(options.cluster_url, book, partial(leading_app, options), WallClock())
        member.start()
        try:
            await make_server(member, member, options.access, options.tracing).serve(sockets=[listener])
        finally:
            await member.stop()


async def _serve_alone(options: ServerOptions, listener: socket.socket) -> None:
    context = await make_context(options)
    try:
        app = create_app(context, has_tls=options.access.tls is not None, tracing=options.tracing)
        server = make_server(app, context, options.access, options.tracing)
    except BaseException:
        await context.dispatcher.stop()
        raise
    await server.serve(sockets=[listener])


@asynccontextmanager
async def leading_app(options: ServerOptions) -> AsyncIterator[FastAPI]:
    """The application of a server for as long as it leads, up and running."""
    app = create_app(await make_context(options), has_tls=options.access.tls is not None, tracing=options.tracing)
    async with app.router.lifespan_context(app):
        yield app
