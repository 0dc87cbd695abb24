"""`/api/events`: everything that changes, for operators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable

from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from fleet.views import CarView, FleetView, RideView
from server.api.context import Context
from server.api.guards import Caller

router = APIRouter(tags=["operators"])

PERIOD_S = 0.5


@router.get("/events", summary="All changes as they happen", response_class=EventSourceResponse)
async def events(context: Context, caller: Caller) -> AsyncIterable[ServerSentEvent]:
    """Server-sent events named `car`, `ride` and `fleet` with the whole of it as data, whenever it has changed."""
    dispatcher = context.dispatcher
    shown: dict[str, CarView | RideView | FleetView] = {}
    loop = asyncio.get_running_loop()
    while not dispatcher.changed.is_closed and context.access.is_still(caller):
        began_s = loop.time()
        rides = {f"ride {view.ride_id}": view for view in dispatcher.visitors.ride_views()}
        for key in [key for key in shown if key.startswith("ride ") and key not in rides]:
            del shown[key]
            yield ServerSentEvent(event="ride", data=await dispatcher.visitors.ride_view(key.removeprefix("ride ")))
        cars = {f"car {view.car_id}": view for view in dispatcher.car_views()}
        current: dict[str, CarView | RideView | FleetView] = {"fleet": dispatcher.fleet_view(), **cars, **rides}
        for key, view in current.items():
            if shown.get(key) != view:
                shown[key] = view
                yield ServerSentEvent(event=key.split()[0], data=view)
        while loop.time() - began_s < PERIOD_S and not dispatcher.changed.is_closed:
            await dispatcher.changed.wait()
