"""The server as a process: socket, uvicorn, and an end that does not wait for viewers."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from city.files import city_text, parse_city
from fleet.clock import WallClock
from server.api.context import ServerContext
from server.app import create_app
from server.dispatcher import Dispatcher
from server.relay import StreamRelay
from server.store.open import open_store

SEND_BUFFER_BYTES = 65536  # so that a slow viewer's picture goes stale in our hands, where newer ones replace it
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
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(f"cannot listen on {host}:{port} ({error}); choose others with --host and --port") from error
    return listener


class _Server(uvicorn.Server):
    """Uvicorn that ends open streams before it waits for connections to close."""

    def __init__(self, config: uvicorn.Config, context: ServerContext) -> None:
        super().__init__(config)
        self._context = context

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._context.close_streams()
        await super().shutdown(sockets)


def make_server(app: FastAPI, context: ServerContext) -> uvicorn.Server:
    """A uvicorn server for `app`; its `serve(sockets=[...])` runs until it is told to stop."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    return _Server(config, context)


async def serve(
    city_name: str, store_url: str, host: str, port: int, *, seed: int = 0, public_url: str | None = None
) -> None:
    """Serve until told to stop.

    Args:
        city_name: a shipped city, `random:SEED`, or a file.
        store_url: see `open_store`.
        host: address to listen on.
        port: port to listen on.
        seed: of the choices of roaming cars.
        public_url: where visitors' phones reach this server; None for the address that the station's browser uses.

    Raises:
        CityError: if the city is wrong.
        StoreError: if the store cannot be opened or read.
        OSError: if the address cannot be listened on.
    """
    text = city_text(city_name)
    city = parse_city(text, source=city_name)
    with listen(host, port) as listener:
        dispatcher = Dispatcher(city, await open_store(store_url), WallClock(), seed=seed)
        relay = StreamRelay(lambda car_id: dispatcher.car(car_id).stream_url)
        await _serve(ServerContext(dispatcher, relay, text, public_url), listener)


async def _serve(context: ServerContext, listener: socket.socket) -> None:
    try:
        await context.dispatcher.load()
    except BaseException:
        await context.dispatcher.stop()
        raise
    await make_server(create_app(context), context).serve(sockets=[listener])
