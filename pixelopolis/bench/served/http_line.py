"""HTTP as cheap as it gets for the one who asks: one connection, one call at a time, JSON only.

The machine is shared with the server that is measured, and httpx takes as long for a call as the server does.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

_LENGTH = b"content-length: "
_DATA = b"data: "


class Answer(NamedTuple):
    """Of a server."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  # any JSON
        """What it says."""
        return json.loads(self.body)


class Stopwatch:
    """How long calls took, by route, and how they were answered."""

    def __init__(self) -> None:
        self.times_ms: dict[str, list[float]] = defaultdict(list)
        self.statuses: dict[tuple[str, int], int] = defaultdict(int)

    def take(self, route: str, status: int, time_ms: float) -> None:
        """Note a call."""
        self.times_ms[route].append(time_ms)
        self.statuses[route, status] += 1


class HttpLine:
    """A connection, opened when it is needed. Every call may be repeated, so one that broke is made again once."""

    def __init__(self, url: str, headers: Mapping[str, str], watch: Stopwatch) -> None:
        """`url` is of a server on this machine, without TLS."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        lines = [f"host: {parts.netloc}", *(f"{name}: {text}" for name, text in headers.items())]
        self._head = "".join(f"{line}\r\n" for line in lines).encode()
        self._watch = watch
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, route: str | None = None
    ) -> Answer:
        """One call; its time is noted under its route, or its path.

        Raises:
            OSError: if there is no answer.
        """
        content = b"" if body is None else json.dumps(body).encode()
        begun_s = time.perf_counter()
        try:
            answer = await self._exchange(method, path, content)
        except (OSError, EOFError):
            self.close()  # a connection that the server had closed meanwhile
            answer = await self._exchange(method, path, content)
        self._watch.take(f"{method} {route or path}", answer.status, 1e3 * (time.perf_counter() - begun_s))
        return answer

    async def _exchange(self, method: str, path: str, content: bytes) -> Answer:
        reader, _ = await self._send(method, path, content)
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]
        return Answer(_status(head), await reader.readexactly(int(length or 0)))

    async def _send(
        self, method: str, path: str, content: bytes, *, is_last: bool = False
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is None:
            self._ends = await asyncio.open_connection(self._host, self._port)
        _, writer = self._ends
        head = f"{method} {path} HTTP/1.1\r\n".encode() + self._head + b"content-length: %d\r\n" % len(content)
        kind = b"content-type: application/json\r\n" if content else b""
        end = b"connection: close\r\n" if is_last else b""
        writer.write(head + kind + end + b"\r\n" + content)
        return self._ends

    async def events(self, path: str, *, route: str) -> AsyncIterator[Any]:
        """Server-sent events' data, as they come; the last call of this line. The route's time is that of the first.

        Raises:
            OSError: if the server refuses, or breaks off.
        """
        begun_s = time.perf_counter()
        reader, _ = await self._send("GET", path, b"", is_last=True)
        status = _status(await reader.readuntil(b"\r\n\r\n"))
        if status != HTTPStatus.OK:
            self._watch.take(f"GET {route}", status, 1e3 * (time.perf_counter() - begun_s))
            raise OSError(f"{path}: status {status}")
        is_first = True
        while True:
            try:
                event = await reader.readuntil(b"\n\n")
            except asyncio.IncompleteReadError as end:
                if end.partial.strip(b"\r\n0"):
                    raise OSError(f"{path}: the stream broke off") from end
                return
            if is_first:
                self._watch.take(f"GET {route}", status, 1e3 * (time.perf_counter() - begun_s))
                is_first = False
            data = event.partition(_DATA)[2]
            if data:
                yield json.loads(data)


def _status(head: bytes) -> int:
    return int(head.split(b" ", 2)[1])
