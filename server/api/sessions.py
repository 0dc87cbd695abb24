"""`/api/operators`, `/api/sessions`: how operators come to a password, and with it to a session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.requests import Request
from starlette.responses import Response

from fleet.access import KeyView, LoginRequest, OperatorRequest
from server.api.context import Context
from server.api.errors import INVALID, TOO_OFTEN, UNAVAILABLE, WRONG_SECRET
from server.api.examples import SESSION, shown
from server.api.guards import address_of, set_cookie

router = APIRouter(tags=["access"])

_NEW_OPERATOR = {"name": "alice", "code": "7K2M-Q4XD-9TRB", "password": "a sentence that nobody guesses"}
_LOGIN = {"name": "alice", "password": "a sentence that nobody guesses"}
_ANSWERS = {**shown(SESSION), **INVALID, **WRONG_SECRET, **TOO_OFTEN, **UNAVAILABLE}


@router.post("/operators", summary="Become an operator", responses=_ANSWERS)
async def enrol(
    context: Context,
    request: Request,
    response: Response,
    body: Annotated[OperatorRequest, Body(examples=[_NEW_OPERATOR])],
) -> KeyView:
    """With a code that the server printed at its start, or another operator issued; also for a new password."""
    context.access.enrolments.take(address_of(request))
    await context.access.enrolment.enrol_operator(body)
    session = await context.access.open_session(body.name)
    set_cookie(response, request, session)
    return session


@router.post("/sessions", summary="Log in", responses=_ANSWERS)
async def log_in(
    context: Context, request: Request, response: Response, body: Annotated[LoginRequest, Body(examples=[_LOGIN])]
) -> KeyView:
    """A session of 12 hours: in a cookie for browsers, and as a key for programs."""
    session = await context.access.log_in(body.name, body.password, address_of(request))
    set_cookie(response, request, session)
    return session
