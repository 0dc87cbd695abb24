"""A server as a car meets it: one port, the city over HTTP and the link over a real WebSocket."""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from city.files import city_text
from fleet.messages import FROM_CAR, Hello, Message, Report, Welcome


@dataclass
class ServerDouble:
    """Remembers what the cars say, says what the test says."""

    port: int = 0
    welcome: Message | None = field(default_factory=lambda: Welcome(city="pixelopolis"))
    city_requests: int = 0
    heard: list[Hello | Report] = field(default_factory=list)
    connections: list[ServerConnection] = field(default_factory=list)
    _server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(self._talk, "127.0.0.1", self.port, process_request=self._answer)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Cut every line, as a process does that dies."""
        if self._server is not None:
            for connection in self.connections:
                connection.transport.abort()
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def say(self, *messages: Message | str | bytes) -> None:
        """Send to the newest car."""
        for message in messages:
            text = message.model_dump_json() if isinstance(message, Message) else message
            await self.connections[-1].send(text)

    def reports(self) -> list[Report]:
        """Every report so far."""
        return [message for message in self.heard if isinstance(message, Report)]

    def hellos(self) -> list[Hello]:
        """Every hello so far."""
        return [message for message in self.heard if isinstance(message, Hello)]

    async def _talk(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        async for text in connection:
            message = FROM_CAR.validate_json(text)
            self.heard.append(message)
            if isinstance(message, Hello) and self.welcome is not None:
                await connection.send(self.welcome.model_dump_json())

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/api/city.yaml":
            self.city_requests += 1
            return connection.respond(http.HTTPStatus.OK, city_text("pixelopolis"))
        return None if request.path == "/api/cars/link" else connection.respond(http.HTTPStatus.NOT_FOUND, "")


async def until(condition: Callable[[], object], timeout_s: float = 8.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event to offer
            await asyncio.sleep(0.01)
