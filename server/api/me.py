"""`/api/me`: whose key this is, and the end of a session."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from fleet.access import CallerView
from server.api.context import Context
from server.api.examples import CALLER, shown
from server.api.guards import Caller, clear_cookie

router = APIRouter(tags=["access"])


@router.get("/me", summary="Whose key is this?", responses=shown(CALLER))
async def me(caller: Caller) -> CallerView:
    """For a device that wants to know whether its key is still good."""
    return CallerView(role=caller.role, name=caller.name)


@router.delete("/me/session", summary="Log out", status_code=204)
async def log_out(context: Context, caller: Caller, response: Response) -> None:
    """Ends the session at once, streams included. A device's key ends so, too."""
    await context.access.log_out(caller)
    clear_cookie(response)
