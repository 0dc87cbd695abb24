"""`/api/stations`: visitors' stations introduce themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from fleet.views import StationRequest, StationView
from server.api.context import Context
from server.api.errors import INVALID, UNAVAILABLE
from server.api.examples import STATION, shown

router = APIRouter(tags=["stations"])

_EXAMPLE = {"device_id": "tablet-1", "name": "Front desk"}


@router.post("/stations", summary="Register a station", responses={**shown(STATION), **INVALID, **UNAVAILABLE})
async def register_station(
    context: Context, request: Annotated[StationRequest, Body(examples=[_EXAMPLE])]
) -> StationView:
    """The same device is the same station, however often it registers."""
    return await context.dispatcher.register_station(request.device_id, request.name)
