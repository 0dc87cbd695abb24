"""A camera endpoint as the simulator has one: real sockets, frames on demand, and every way to misbehave."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from car.camera.tcp_source import HEADER, MAGIC, boot_id


@dataclass
class CameraDouble:
    """Serves `tcp://127.0.0.1:port/car-1`, a frame every `period_s`, filled with its number if not with `level`."""

    level: int | None = None
    period_s: float = 0.02
    age_s: float = 0.0
    same_boot: bool = True
    greeting: dict[str, Any] | bytes | None = None
    garbage: bytes | None = None  # sent in place of a frame
    frozen: bool = False
    port: int = 0
    requests: int = 0
    greetings: list[str] = field(default_factory=list)
    _connections: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.drop()
        for thread in self._threads:
            thread.join(timeout=2)

    @property
    def url(self) -> str:
        """Its address."""
        return f"tcp://127.0.0.1:{self.port}/car-1"

    def drop(self) -> None:
        """Cut every connection."""
        while self._connections:
            connection = self._connections.pop()
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            lines = connection.makefile("rb")
            self.greetings.append(lines.readline().decode())
            greeting: dict[str, Any] | bytes = self.greeting or {
                "ok": True,
                "width": 320,
                "height": 240,
                "fps": 25,
                "boot_id": boot_id() if self.same_boot else "another machine",
            }
            connection.sendall(greeting if isinstance(greeting, bytes) else json.dumps(greeting).encode() + b"\n")
            while lines.readline() == b"NEXT\n":
                self.requests += 1
                time.sleep(self.period_s)
                while self.frozen:
                    time.sleep(0.01)
                connection.sendall(self.garbage if self.garbage is not None else self._frame())
        except (OSError, ValueError):
            return

    def _frame(self) -> bytes:
        picture = np.full((240, 320, 3), self.requests % 256 if self.level is None else self.level, np.uint8)
        captured_s = time.monotonic() - self.age_s if self.same_boot else 12345.0
        head = HEADER.pack(MAGIC, self.requests, captured_s, round(self.age_s * 1e6), picture.nbytes)
        return head + picture.tobytes()
