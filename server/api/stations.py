"""`/api/stations`: visitors' stations introduce themselves, each with its own key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from fleet.views import StationRequest, StationView
from server.api.context import Context
from server.api.errors import INVALID, UNAVAILABLE
from server.api.examples import STATION, shown
from server.api.guards import Caller
from server.security.principal import NotAllowedError

router = APIRouter(tags=["stations"])

_EXAMPLE = {"device_id": "tablet-1", "name": "Front desk"}


@router.post(
    "/stations",
    summary="Register a station",
    responses={**shown(STATION), **INVALID, **UNAVAILABLE},
)
async def register_station(
    context: Context, caller: Caller, request: Annotated[StationRequest, Body(examples=[_EXAMPLE])]
) -> StationView:
    """The same device is the same station, however often it registers. A device registers itself only."""
    if not caller.may_act_for(request.device_id):
        raise NotAllowedError(f"your key is of {caller}, not of station {request.device_id}")
    return await context.dispatcher.visitors.register_station(request.device_id, request.name)
