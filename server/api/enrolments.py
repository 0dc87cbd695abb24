"""`/api/enrolments`: a device changes a one-time code for a key of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.requests import Request

from fleet.access import EnrolmentRequest, KeyView, Role
from server.api.context import Context
from server.api.errors import INVALID, TOO_OFTEN, UNAVAILABLE, WRONG_SECRET
from server.api.examples import KEY, shown
from server.api.guards import address_of
from server.public_address import is_loopback
from server.security.principal import WrongSecretError

router = APIRouter(tags=["access"])

_EXAMPLE = {"role": "station", "name": "tablet-1", "code": "7K2M-Q4XD-9TRB"}


@router.post(
    "/enrolments",
    summary="Enrol a device",
    responses={**shown(KEY), **INVALID, **WRONG_SECRET, **TOO_OFTEN, **UNAVAILABLE},
)
async def enrol(
    context: Context, request: Request, body: Annotated[EnrolmentRequest, Body(examples=[_EXAMPLE])]
) -> KeyView:
    """The key is told once; whoever enrols the same device again makes it void. An operator issues the code."""
    access = context.access
    access.enrolments.take(address_of(request))
    if body.code is not None:
        return await access.enrolment.enrol(body)
    if body.role != Role.STATION or not (access.is_open_on_loopback and _is_from_this_machine(request)):
        raise WrongSecretError("this server enrols nobody without a code; ask an operator for one")
    return await access.enrolment.enrol_without_code(Role.STATION, body.name)


def _is_from_this_machine(request: Request) -> bool:
    """Whether nobody else can be behind the call: no proxy, and no page that gave its own name to this address."""
    is_forwarded = any(name.startswith(("x-forwarded-", "forwarded")) for name in request.headers)
    named, client = request.url.hostname or "", request.client
    return not is_forwarded and is_loopback(named) and client is not None and is_loopback(client.host)
