"""Times every answer, by route."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.observability.metrics import Metrics

NO_ROUTE = "none"  # what was asked for does not exist: anything, so it is no label


class AnswerTimes:
    """Middleware. Streams count when they begin; WebSockets do not count."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun_s = time.perf_counter()

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                taken_s = time.perf_counter() - begun_s
                self._metrics.answered(scope["method"], _route(scope), message["status"], taken_s)
            await send(message)

        await self._app(scope, receive, send_timed)


def _route(scope: Scope) -> str:
    """The path that was asked for, with parameters by their names; FastAPI tells it without its router's prefix."""
    own = getattr(scope.get("route"), "path", None)
    if own is None:
        return NO_ROUTE
    asked = scope["path"].split("/")
    return "/".join(asked[: len(asked) - own.count("/")]) + str(own)
