"""`/api/shared`: what the token of a ride opens, for whoever has it: to watch, while the ride is under way.

Visitors take it along on their phones. There is nothing here that changes a ride.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterable
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from fleet.messages import Identifier
from fleet.views import SharedRideView
from server.api.context import Context
from server.api.errors import INVALID, UNAVAILABLE, answers, error_answer
from server.api.examples import RIDE, SHARED_RIDE, shown
from server.api.live_pictures import LIVE, AskedPictures, live_pictures
from server.api.ride_changes import ride_changes
from server.dispatch.views import shared_ride_view
from server.public_address import NoPublicAddressError, public_address
from server.rides.sharing import share_token, shared_ride
from server.rides.under_way import UnknownError

router = APIRouter(tags=["shared rides"])

_TOKEN = share_token(RIDE.ride_id)
_UNKNOWN = {**answers(not_found=(404, "this link belongs to no ride that is under way")), 422: INVALID[422]}


async def _shared_ride_id(
    context: Context, token: Annotated[Identifier, Path(description="From a ride's code.", examples=[_TOKEN])]
) -> str:
    return shared_ride(context.dispatcher.fleet.rides.all, token).ride_id


SharedRideId = Annotated[str, Depends(_shared_ride_id)]


@router.get(
    "/shared/{token}/code.svg",
    summary="A code that takes a ride along on a phone",
    response_class=Response,
    responses={
        200: {"content": {"image/svg+xml": {}}},
        **answers(no_public_address=(404, "no phone reaches 127.0.0.1: start the server with --public-url")),
        422: INVALID[422],
    },
)
async def code(context: Context, request: Request, ride_id: SharedRideId) -> Response:
    """A QR code of the link to the page with which others watch the ride. The link cannot change anything."""
    url = request.url
    try:
        address = public_address(context.public_url, url.scheme, url.hostname or "", url.port)
    except NoPublicAddressError as error:
        answer: JSONResponse = error_answer(404, "no_public_address", str(error))
        return answer
    svg = io.BytesIO()
    segno.make_qr(f"{address}/?ride={share_token(ride_id)}").save(svg, kind="svg", light="white", omitsize=True)
    return Response(svg.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.get("/shared/{token}", summary="A shared ride", responses={**shown(SHARED_RIDE), **_UNKNOWN, **UNAVAILABLE})
async def ride(context: Context, ride_id: SharedRideId) -> SharedRideView:
    """The ride as those see it who only watch it."""
    return shared_ride_view(await context.dispatcher.visitors.ride_view(ride_id))


@router.get(
    "/shared/{token}/events",
    summary="A shared ride's changes as they happen",
    response_class=EventSourceResponse,
    responses={**_UNKNOWN, **UNAVAILABLE},
)
async def ride_events(context: Context, ride_id: SharedRideId) -> AsyncIterable[ServerSentEvent]:
    """Server-sent events named `ride` with the whole shared ride as data, until it is over."""
    async for view in ride_changes(context.dispatcher, ride_id):
        yield ServerSentEvent(event="ride", data=shared_ride_view(view))


@router.get(
    "/shared/{token}/stream.mjpg",
    summary="What a shared ride's car sees, live",
    response_class=StreamingResponse,
    responses={**LIVE, **_UNKNOWN},
)
async def stream(context: Context, request: Request, ride_id: SharedRideId, asked: AskedPictures) -> StreamingResponse:
    """Motion JPEG as operators have it, for an `img` element, while the ride has this car and is not over."""
    car_id = context.dispatcher.fleet.rides.get(ride_id).car_id
    if car_id is None:
        raise UnknownError("this ride has no car yet")
    return live_pictures(context.relay, car_id, asked, request, lambda: _has_car(context, ride_id, car_id))


def _has_car(context: Context, ride_id: str, car_id: str) -> bool:
    ride = context.dispatcher.fleet.rides.of_car(car_id)
    return ride is not None and ride.ride_id == ride_id
