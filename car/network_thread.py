"""One thread with an event loop for everything that goes over the network: link and stream."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from car.connection.link import Link
from car.video.stream_hub import StreamHub
from fleet.video.connection import TransportInScope, prepare_listener

STOP_TIMEOUT_S = 0.5
BACKLOG = 64


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens on `host`; port 0 picks a free one.

    Raises:
        OSError: if the port is taken; names it.
    """
    listening = socket.socket()
    try:
        prepare_listener(listening)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise OSError(f"stream: cannot listen on {host}:{port} ({error}); choose another --stream-port") from error
    return listening


def address_towards(server_url: str) -> str:
    """The address of this machine under which the server's side can reach it; this machine only if in doubt."""
    parts = urlsplit(server_url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # connecting UDP sends nothing
        try:
            probe.connect((parts.hostname, parts.port or 80))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


class _Http(TransportInScope, H11Protocol):
    """HTTP as uvicorn speaks it everywhere."""


class Network:
    """Runs link and stream until stopped."""

    def __init__(self, link: Link | None, hub: StreamHub, app: Starlette, listening: socket.socket) -> None:
        self._link = link
        self._hub = hub
        self._listening = listening
        self._server = uvicorn.Server(
            uvicorn.Config(app, http=_Http, log_config=None, access_log=False, lifespan="off", ws="none")
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="network", daemon=True)

    def start(self) -> None:
        """Start the thread; returns when it listens."""
        self._thread.start()
        self._started.wait()

    def stop(self) -> None:
        """End every connection and the thread; takes at most a second."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(timeout=2 * STOP_TIMEOUT_S)
        self._listening.close()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._hub.attach()
        serving = asyncio.create_task(self._server.serve(sockets=[self._listening]))
        linking = asyncio.create_task(self._link.run()) if self._link is not None else None
        self._started.set()
        await self._stop.wait()
        if linking is not None:
            linking.cancel()
        self._hub.close()
        self._server.should_exit = True
        _, pending = await asyncio.wait([serving], timeout=STOP_TIMEOUT_S)
        for task in pending:
            task.cancel()
        await asyncio.gather(serving, *([linking] if linking else []), return_exceptions=True)
