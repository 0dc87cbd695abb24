"""`/api/operator/codes`, `/enrolled`, `/audit`: operators let others in and out, and see what was done."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from fleet.access import AuditView, CodeRequest, CodeView, EnrolledRole, EnrolledView, Role
from fleet.messages import Identifier
from server.api.context import Context
from server.api.errors import INVALID, UNAVAILABLE, answers
from server.api.examples import AUDIT, CODE, ENROLLED, shown
from server.api.guards import Caller
from server.rides.under_way import UnknownError

router = APIRouter(prefix="/operator", tags=["operators"])

Before = Annotated[int | None, Query(ge=1, lt=2**63, description="Only entries with lower numbers: the next page.")]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.post("/codes", summary="Issue a one-time code", responses={**shown(CODE), **INVALID, **UNAVAILABLE})
async def issue_code(
    context: Context, caller: Caller, body: Annotated[CodeRequest, Body(examples=[{"role": "car", "name": "car-1"}])]
) -> CodeView:
    """For a device or another operator. To replace the key of a device that is enrolled, the code must name it."""
    return await context.access.enrolment.issue_code(Role(body.role), body.name, caller.name, valid_s=body.valid_s)


@router.get("/enrolled", summary="Who is enrolled", responses=shown(ENROLLED, is_list=True))
async def enrolled(context: Context) -> list[EnrolledView]:
    """Stations, cars and operators; never their keys."""
    return context.access.enrolment.enrolled()


@router.delete(
    "/enrolled/{role}/{name}",
    summary="Revoke a key",
    status_code=204,
    responses={**answers(not_found=(404, "no car car-9 is enrolled")), 422: INVALID[422], **UNAVAILABLE},
)
async def revoke(
    context: Context,
    role: Annotated[EnrolledRole, Path(examples=["car"])],
    name: Annotated[Identifier, Path(examples=["car-1"])],
) -> None:
    """At once: a car's link ends, and the car stops; an operator's sessions end, too."""
    if not await context.access.enrolment.revoke(Role(role), name):
        raise UnknownError(f"no {role} {name} is enrolled")


@router.get(
    "/audit",
    summary="What operators did",
    responses={**shown(AUDIT, is_list=True), 422: INVALID[422], **UNAVAILABLE},
)
async def audit(context: Context, limit: Limit = 100, before: Before = None) -> list[AuditView]:
    """Newest first: every call of an operator that may change something, log-ins, and devices with whose code."""
    return [
        AuditView(
            number=entry.number,
            at_unix_s=entry.event.at_s,
            operator=entry.event.operator or "",
            kind=entry.event.kind,
            detail=entry.event.detail or "",
        )
        for entry in await context.access.audit_log(limit, before)
    ]
