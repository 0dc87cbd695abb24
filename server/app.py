"""The ASGI application: all endpoints around one dispatcher."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware

from server.api import cars, city, events, health, history, link, metrics, operators, rides, shared_rides, stations
from server.api.context import ServerContext
from server.api.errors import add_error_handlers
from server.api.pages import add_pages
from server.middleware import AddedHeaders, BodyLimit
from server.observability.answer_times import AnswerTimes
from server.views import API_PREFIX

MAX_BODY_BYTES = 16 * 1024

# Pages, scripts and pictures come from this server alone; nobody may frame it. There is no CORS header: closed.
_SECURITY_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; img-src 'self' http: data: blob:; style-src 'self' 'unsafe-inline'; "
        b"frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}
_DESCRIPTION = """
Visitors' stations book rides, cars drive them, operators watch. Cars connect to the WebSocket `/api/cars/link`.

Every error answer has the form `{"error": {"code": ..., "message": ...}}`. Every call may be repeated: the second one
changes nothing and gives the same answer.
"""


def create_app(context: ServerContext) -> FastAPI:
    """An application around a context whose dispatcher has loaded; it starts and stops the dispatcher with itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        context.dispatcher.start()
        try:
            yield
        finally:
            await context.relay.stop()
            await context.dispatcher.stop()

    app = FastAPI(
        title="Pixelopolis",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # the pages for reading it come from another host
        redoc_url=None,
        openapi_url=f"{API_PREFIX}/openapi.json",
        middleware=[
            Middleware(AnswerTimes, metrics=context.dispatcher.metrics),
            Middleware(AddedHeaders, headers=_SECURITY_HEADERS),
            Middleware(BodyLimit, max_bytes=MAX_BODY_BYTES),
        ],
    )
    app.state.context = context
    add_error_handlers(app)
    for noun in (health, city, link, cars, stations, rides, shared_rides, events, history, operators):
        app.include_router(noun.router, prefix=API_PREFIX)
    app.include_router(metrics.router)
    add_pages(app)
    return app
