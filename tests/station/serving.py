"""Runs the double on a port of this machine, and lets it vanish and come back."""

from __future__ import annotations

import socket
import threading

import uvicorn

from tests.station.double import CityDouble

HOST = "127.0.0.1"
PATIENCE_S = 20.0


class RunningDouble:
    """A city double behind a real port."""

    def __init__(self, double: CityDouble) -> None:
        self.double = double
        self._port = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.start()

    @property
    def url(self) -> str:
        """Address of the station page."""
        return f"http://{HOST}:{self._port}/"

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self._port))
        listener.listen()  # a page may connect before the server loop runs
        self._port = listener.getsockname()[1]
        self.double.closing = False
        config = uvicorn.Config(self.double.app(), log_level="critical", lifespan="off", timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]})
        self._thread.start()

    def stop(self) -> None:
        """Vanish: end all streams, close the port."""
        if self._server is None or self._thread is None:
            return
        self.double.closing = True
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            raise RuntimeError(f"the double at {self.url} did not stop within {PATIENCE_S} s")
        self._server = self._thread = None
