"""What is done with every request and answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from anyio import BrokenResourceError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.errors import error_answer

_log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})  # they change nothing


class AddedHeaders:
    """Adds the same headers to every answer."""

    def __init__(self, app: ASGIApp, headers: Mapping[bytes, bytes]) -> None:
        self._app = app
        self._headers = list(headers.items())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._headers]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


class HangUps:
    """Takes it for the end of an answer that whoever gets it hangs up while a server-sent event is on its way.

    FastAPI 0.165 takes it for an error: https://github.com/fastapi/fastapi/discussions/15725
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        try:
            await self._app(scope, receive, send)
        except* BrokenResourceError:
            _log.debug("%s: the viewer has hung up", scope.get("path"))


class BodyLimit:
    """Refuses request bodies that are too large, by their declared length or while they come in."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        reason = f"a request body may have {self._max_bytes} bytes"
        declared = dict(scope.get("headers", ())).get(b"content-length", b"")
        if scope["type"] == "http" and declared.isdigit() and int(declared) > self._max_bytes:
            await error_answer(413, "too_large", reason)(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b"")) if message["type"] == "http.request" else 0
            if received > self._max_bytes:
                raise HTTPException(413, reason)
            return message

        await self._app(scope, receive_limited, send)


class OwnOrigin:
    """Refuses what other sites' pages send: calls that may change something, and WebSockets.

    A browser tells the origin of the page with each of these; what is no browser tells none.
    """

    def __init__(self, app: ASGIApp, public_url: str | None) -> None:
        """`public_url` is where browsers reach this server, if that is not the host that it is asked for."""
        self._app = app
        self._public = urlsplit(public_url).netloc if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        is_safe = scope["type"] == "lifespan" or scope.get("method") in SAFE_METHODS
        if is_safe or self._is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        await error_answer(403, "foreign_origin", "another site's page may not do this")(scope, receive, send)

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in (headers.get("host"), self._public)
