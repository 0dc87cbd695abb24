"""`/api/cars`: the cars, and what they see, for operators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from fleet.messages import Identifier
from fleet.video.multipart import NOT_STORED, TIMESTAMP_HEADER, timestamp_text
from fleet.views import CarView
from server.api.context import Context
from server.api.errors import INVALID, answers, error_answer
from server.api.examples import CAR, shown
from server.api.guards import Caller
from server.api.live_pictures import LIVE, AskedPictures, live_pictures

router = APIRouter(prefix="/cars", tags=["cars"])

CarId = Annotated[Identifier, Path(description="A car's id.", examples=[CAR.car_id])]

_NO_CAR = {**answers(not_found=(404, "there is no car car-9")), 422: INVALID[422]}
_NO_PICTURE = answers(no_picture=(503, "car-1 sends no pictures now"))


@router.get(
    "",
    summary="All cars",
    responses={200: {"content": {"application/json": {"example": [CAR.model_dump(mode="json")]}}}},
)
async def cars(context: Context) -> list[CarView]:
    """Every car that ever joined this server, lost ones included."""
    return context.dispatcher.car_views()


@router.get("/{car_id}", summary="A car", responses={**shown(CAR), **_NO_CAR})
async def car(context: Context, car_id: CarId) -> CarView:
    """One car as it is now."""
    return context.dispatcher.car_view(car_id)


@router.get(
    "/{car_id}/stream.mjpg",
    summary="What a car sees, live",
    response_class=StreamingResponse,
    responses={**LIVE, **_NO_CAR},
)
async def stream(
    context: Context, caller: Caller, request: Request, car_id: CarId, asked: AskedPictures
) -> StreamingResponse:
    """Motion JPEG, for an `img` element. A viewer that cannot keep up gets fewer pictures, and smaller ones.

    Each part has an `X-Timestamp`: when the picture was taken, in seconds since 1970 by the car's clock.
    """
    context.dispatcher.car(car_id)
    return live_pictures(context.relay, car_id, asked, request, lambda: context.access.is_still(caller))


@router.get(
    "/{car_id}/snapshot.jpg",
    summary="What a car sees now",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **_NO_CAR, **_NO_PICTURE},
)
async def snapshot(context: Context, car_id: CarId, asked: AskedPictures) -> Response:
    """The next picture that the car takes, with its `X-Timestamp`."""
    context.dispatcher.car(car_id)
    picture = await context.relay.snapshot(car_id, asked.still)
    if picture is None:
        answer: JSONResponse = error_answer(503, "no_picture", f"{car_id} sends no pictures now")
        return answer
    headers = {TIMESTAMP_HEADER: timestamp_text(picture.taken_unix_s), **NOT_STORED}
    return Response(picture.jpeg, media_type="image/jpeg", headers=headers)
