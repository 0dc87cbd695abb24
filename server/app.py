"""The ASGI application: all endpoints around one dispatcher."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.types import Scope

from fleet.access import Role
from server.api import (
    cars,
    city,
    drive,
    enrolled,
    enrolments,
    events,
    health,
    history,
    link,
    me,
    metrics,
    operators,
    pages,
    rides,
    sessions,
    shared_rides,
    stations,
)
from server.api.context import ServerContext
from server.api.errors import NOT_ALLOWED, add_error_handlers
from server.api.guards import Guard, Only, anyone
from server.dispatch.views import API_PREFIX
from server.middleware import AddedHeaders, BodyLimit, HangUps, OwnOrigin
from server.observability.answer_times import AnswerTimes

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

MAX_BODY_BYTES = 16 * 1024

# Who may call what. A router that is not here is not served; what an operator changes by one is in the audit log.
_ROUTERS: tuple[tuple[APIRouter, Guard], ...] = (
    (health.router, anyone),
    (city.router, anyone),
    (enrolments.router, anyone),  # the code is the proof
    (sessions.router, anyone),  # code or password are the proof
    (shared_rides.router, anyone),  # the token is the proof
    (me.router, Only(Role.STATION, Role.CAR, Role.OPERATOR)),
    (link.router, Only(Role.CAR)),
    (stations.router, Only(Role.STATION, Role.OPERATOR)),
    (rides.router, Only(Role.STATION, Role.OPERATOR)),
    (cars.router, Only(Role.OPERATOR)),
    (events.router, Only(Role.OPERATOR)),
    (history.router, Only(Role.OPERATOR)),
    (operators.brakes, Only(Role.OPERATOR, at_once=True)),  # no store may hold up a stop
    (operators.router, Only(Role.OPERATOR)),
    (drive.router, Only(Role.OPERATOR)),
    (enrolled.router, Only(Role.OPERATOR)),
)

# Pages, scripts and pictures come from this server alone; nobody may frame it. There is no CORS header: closed.
SECURITY_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}
# Only sent over TLS: https://www.rfc-editor.org/rfc/rfc6797#section-7.2
_TRANSPORT_SECURITY = {b"strict-transport-security": b"max-age=31536000"}
_STREAMS = ("/events", ".mjpg")
_DESCRIPTION = """
Visitors' stations book rides, cars drive them, operators watch. Cars connect to the WebSocket
`/api/cars/link`, operators who drive one by hand to `/api/operator/cars/{car_id}/drive`.

Stations and cars enrol once, with an operator's code, and send the key that they get with each call, as
`Authorization: Bearer KEY`; so do programs of operators. Browsers of operators have their session in a cookie.

Every error answer has the form `{"error": {"code": ..., "message": ...}}`. Every call may be repeated: the second one
changes nothing and gives the same answer.
"""


def _is_untraced(scope: Scope) -> bool:
    """Links and streams, which last for hours, and addresses with a token in them."""
    path = str(scope["path"])
    return scope["type"] != "http" or path.endswith(_STREAMS) or path.startswith(f"{API_PREFIX}/shared/")


def create_app(context: ServerContext, *, has_tls: bool = False, tracing: TracerProvider | None = None) -> FastAPI:
    """An application around a context whose dispatcher has loaded; it starts and stops the dispatcher with itself.

    With `tracing`, every call is a span there, in its caller's trace if that is told (`traceparent`).
    """
    headers = SECURITY_HEADERS | (_TRANSPORT_SECURITY if has_tls else {})

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
        telemetry={
            "tracing": tracing is not None,
            "tracer_provider": tracing,
            "operation_spans": False,
            "metrics": False,  # those are in `server.observability`
            "logs": False,
            "exclude": _is_untraced,
        },
        middleware=[
            Middleware(AnswerTimes, metrics=context.dispatcher.metrics),
            Middleware(AddedHeaders, headers=headers),
            Middleware(OwnOrigin, public_url=context.public_url),
            Middleware(BodyLimit, max_bytes=MAX_BODY_BYTES),
            Middleware(HangUps),
        ],
    )
    app.state.context = context
    add_error_handlers(app)
    for router, guard in _ROUTERS:
        refusals = {} if guard is anyone else NOT_ALLOWED
        app.include_router(router, prefix=API_PREFIX, dependencies=[Depends(guard)], responses=refusals)
    for router in (metrics.router, pages.router):
        app.include_router(router, dependencies=[Depends(anyone)])
    app.mount("/static", pages.static_files(), name="static")
    return app
