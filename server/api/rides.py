"""`/api/rides`: all that a visitor does, and sees change, with the key of the station at which they are."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from fastapi.sse import EventSourceResponse, ServerSentEvent

from fleet.messages import Identifier
from fleet.views import DestinationRequest, RideRequest, RideView
from server.api.context import Context
from server.api.errors import INVALID, TOO_OFTEN, UNAVAILABLE, Declared, answers
from server.api.examples import RIDE, STATION, WAITING_RIDE, shown
from server.api.guards import Caller
from server.api.ride_changes import ride_changes
from server.security.principal import NotAllowedError

router = APIRouter(prefix="/rides", tags=["rides"])


async def _own_ride(
    context: Context,
    caller: Caller,
    ride_id: Annotated[Identifier, Path(description="A ride's id.", examples=[RIDE.ride_id])],
) -> RideView:
    view = await context.dispatcher.visitors.ride_view(ride_id)
    if not caller.may_act_for(view.station_device_id):
        raise NotAllowedError(f"your key is of {caller}; ride {ride_id} was booked at another station")
    return view


OwnRide = Annotated[RideView, Depends(_own_ride)]

_NO_RIDE = answers(not_found=(404, "there is no ride 0c7e8d21"))
_WRONG_STATE = answers(wrong_state=(409, "ride 0c7e8d21 is waiting: a place can only be chosen while choosing"))
_CLOSED = answers(
    wrong_state=(409, "ride 0c7e8d21 is waiting: a place can only be chosen while choosing"),
    place_closed=(409, "no car can go to museum now, as roads are closed: choose another place"),
)
_INVALID_ID: Declared = {422: INVALID[422]}
_STEP: Declared = {**shown(RIDE), **_NO_RIDE, **_WRONG_STATE, **_INVALID_ID, **UNAVAILABLE}


@router.post(
    "",
    summary="Ask for a car",
    responses={
        **shown(RIDE, WAITING_RIDE),
        **answers(not_found=(404, "there is no station 5f1c9a52; register it with POST /api/stations")),
        **INVALID,
        **TOO_OFTEN,
        **UNAVAILABLE,
    },
)
async def book(
    context: Context,
    caller: Caller,
    request: Annotated[RideRequest, Body(examples=[{"station_id": STATION.station_id, "request_id": "visit-17"}])],
) -> RideView:
    """The ride is `choosing` when a car is free, else `waiting` with its place in the queue."""
    station = context.dispatcher.visitors.station(request.station_id)
    if not caller.may_act_for(station.device_id):
        raise NotAllowedError(f"your key is of {caller}, not of station {station.station_id}")
    context.access.bookings.take(station.station_id)
    return await context.dispatcher.visitors.book(request.station_id, request.request_id)


@router.get(
    "/{ride_id}",
    summary="A ride",
    responses={**shown(RIDE), **_NO_RIDE, **_INVALID_ID, **UNAVAILABLE},
)
async def ride(ride: OwnRide) -> RideView:
    """The ride as it is now, also when it is over."""
    return ride


@router.post("/{ride_id}/destination", summary="Choose where to go", responses={**_STEP, **_CLOSED, **INVALID})
async def choose(
    context: Context,
    ride: OwnRide,
    request: Annotated[DestinationRequest, Body(examples=[{"place_id": "museum"}])],
) -> RideView:
    """The car sets off. The same place may be chosen again, another one may not."""
    return await context.dispatcher.visitors.choose(ride.ride_id, request.place_id)


@router.post("/{ride_id}/cancel", summary="Give up", responses=_STEP)
async def cancel(context: Context, ride: OwnRide) -> RideView:
    """Possible at any moment; a ride that is over stays as it is."""
    return await context.dispatcher.visitors.cancel(ride.ride_id)


@router.post("/{ride_id}/end", summary="Let the car go after arrival", responses=_STEP)
async def end(context: Context, ride: OwnRide) -> RideView:
    """Without it, the ride ends by itself some time after arrival."""
    return await context.dispatcher.visitors.end(ride.ride_id)


@router.get(
    "/{ride_id}/events",
    summary="A ride's changes as they happen",
    response_class=EventSourceResponse,
    responses={**_NO_RIDE, **_INVALID_ID, **UNAVAILABLE},
)
async def ride_events(context: Context, caller: Caller, ride: OwnRide) -> AsyncIterable[ServerSentEvent]:
    """Server-sent events named `ride` with the whole ride as data; the stream ends when the ride is over."""
    async for view in ride_changes(context.dispatcher, ride.ride_id):
        if not context.access.is_still(caller):
            return
        yield ServerSentEvent(event="ride", data=view)
