"""What every endpoint gets: the dispatcher, the picture relay, the city's text, and who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from server.dispatch.dispatcher import Dispatcher
from server.security.access import Access
from server.video.relay import StreamRelay


@dataclass(frozen=True, slots=True)
class ServerContext:
    """The parts of one running server."""

    dispatcher: Dispatcher
    relay: StreamRelay
    city_yaml: str
    access: Access
    public_url: str | None = None  # where visitors' phones reach this server, if the operator says so

    async def close_streams(self) -> None:
        """End all open streams and links; called first when the server shuts down."""
        self.dispatcher.close_streams()
        self.relay.close_streams()


def _context(connection: HTTPConnection) -> ServerContext:
    return cast("ServerContext", connection.app.state.context)


Context = Annotated[ServerContext, Depends(_context)]
