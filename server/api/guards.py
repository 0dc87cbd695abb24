"""Who may call what. Every router is served behind one of these guards; `server.app` says which.

A device sends its key, and an operator's program that of its session, as `Authorization: Bearer KEY`. An operator's
browser has the session in a cookie, which no script can read and no other site makes it send.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from fleet.access import KeyView, Role
from server.api.context import Context
from server.middleware import SAFE_METHODS
from server.security.principal import NotAllowedError, Principal, UnknownKeyError
from server.security.rates import address_block

COOKIE = "pixelopolis_session"
_COOKIE_PATH = "/api"
_MOST_DETAIL = 500  # characters of a call in the audit log

Guard = Callable[..., Awaitable[None]]


def _key(connection: HTTPConnection) -> str:
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    if scheme:
        return key.strip() if scheme.lower() == "bearer" else ""
    # The middleware has refused foreign origins; a browser that tells none is none of those that keep SameSite.
    is_safe = connection.scope["type"] == "http" and connection.scope["method"] in SAFE_METHODS
    return connection.cookies.get(COOKIE, "") if is_safe or "origin" in connection.headers else ""


async def _caller(connection: HTTPConnection, context: Context) -> Principal:
    key = _key(connection)
    if not key:
        raise UnknownKeyError("this needs a key: enrol this device, or log in")
    return context.access.identify(key)


Caller = Annotated[Principal, Depends(_caller)]


async def _described(request: Request) -> str:
    """A call as it stands in the audit log: in one line, whatever was sent."""
    body = (await request.body()).decode(errors="replace")
    query = f"?{request.url.query}" if request.url.query else ""
    words = f"{request.method} {request.url.path}{query} {body}".strip()[:_MOST_DETAIL]
    return "".join(each if each.isprintable() else " " for each in words)


class Only:
    """A guard that lets these roles pass. What an operator then changes is in the audit log before it is done.

    With `at_once`, the call does not wait for that, as for a stop of cars: safety comes before the log.
    """

    def __init__(self, *roles: Role, at_once: bool = False) -> None:
        self._roles = roles
        self._at_once = at_once

    async def __call__(self, connection: HTTPConnection, caller: Caller, context: Context) -> None:
        """Let a call pass, or raise what is answered instead."""
        if caller.role not in self._roles:
            raise NotAllowedError(f"this is for {' and '.join(self._roles)}; your key is of {caller}")
        if caller.role is not Role.OPERATOR or not isinstance(connection, Request):
            return
        if connection.method not in SAFE_METHODS:
            detail = await _described(connection)
            if self._at_once:
                context.access.record_meanwhile(caller.name, detail)
            else:
                await context.access.record(caller.name, detail)


async def anyone() -> None:
    """A guard that lets everybody pass, with or without a key."""


def address_of(connection: HTTPConnection) -> str:
    """Where a call comes from, as the limits count it."""
    return address_block(connection.client.host if connection.client else "")


def set_cookie(response: Response, connection: HTTPConnection, session: KeyView) -> None:
    """Give a session to an operator's browser, for as long as that runs."""
    is_secure = connection.url.scheme in ("https", "wss")
    response.set_cookie(COOKIE, session.key, path=_COOKIE_PATH, httponly=True, samesite="strict", secure=is_secure)


def clear_cookie(response: Response) -> None:
    """Take it back."""
    response.delete_cookie(COOKIE, path=_COOKIE_PATH, httponly=True, samesite="strict")
