"""A listening TCP port that closes at once, with every connection on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

MAX_LINE_BYTES = 16 * 1024


class TcpEndpoint:
    """Serves each connection with `handler`, at most `max_connections` at a time; further ones are closed."""

    def __init__(self, handler: Handler, max_connections: int = 64) -> None:
        self.host = ""
        self.port = 0
        self._handler = handler
        self._max_connections = max_connections
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one.

        Raises:
            OSError: naming address and port, if they cannot be had.
        """
        try:
            self._server = await asyncio.start_server(self._accept, host, port, limit=MAX_LINE_BYTES)
        except OSError as error:
            raise OSError(f"cannot listen on {host}:{port}: {error.strerror}; choose another port, or 0") from error
        address = self._server.sockets[0].getsockname()
        self.host, self.port = str(address[0]), int(address[1])

    async def close(self) -> None:
        """Stop listening and end all connections."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= self._max_connections:
            writer.close()
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # TimeoutError and ConnectionError: the other side is gone, and nobody is left to tell.
            with contextlib.suppress(OSError):
                await self._handler(reader, writer)
        finally:
            writer.close()


async def read_line(reader: asyncio.StreamReader) -> bytes:
    """The next line; empty at the end, and for a line of more than `MAX_LINE_BYTES`."""
    try:
        return await reader.readline()
    except ValueError:
        return b""
