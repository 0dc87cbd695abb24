"""`/api/cars`: the cars, and what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse, StreamingResponse

from fleet.messages import Identifier
from fleet.views import CarView
from server.api.context import Context
from server.api.errors import INVALID, answers, error_answer
from server.api.examples import CAR, shown
from server.relay import StreamRelay

router = APIRouter(prefix="/cars", tags=["cars"])

BOUNDARY = "pixelopolis-picture"
_NOT_STORED = {"Cache-Control": "no-store"}

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
    responses={200: {"content": {f"multipart/x-mixed-replace; boundary={BOUNDARY}": {}}}, **_NO_CAR},
)
async def stream(context: Context, car_id: CarId) -> StreamingResponse:
    """Motion JPEG, for an `img` element. A viewer that cannot keep up skips pictures."""
    context.dispatcher.car(car_id)
    return StreamingResponse(
        _parts(context.relay, car_id),
        media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
        headers=_NOT_STORED,
    )


async def _parts(relay: StreamRelay, car_id: str) -> AsyncIterator[bytes]:
    async with aclosing(relay.pictures(car_id)) as pictures:
        async for picture in pictures:
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture.jpeg)}\r\n\r\n"
            yield head.encode() + picture.jpeg + b"\r\n"


@router.get(
    "/{car_id}/snapshot.jpg",
    summary="What a car sees now",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, **_NO_CAR, **_NO_PICTURE},
)
async def snapshot(context: Context, car_id: CarId) -> Response:
    """The next picture that the car takes."""
    context.dispatcher.car(car_id)
    jpeg = await context.relay.snapshot(car_id)
    if jpeg is None:
        answer: JSONResponse = error_answer(503, "no_picture", f"{car_id} sends no pictures now")
        return answer
    return Response(jpeg, media_type="image/jpeg", headers=_NOT_STORED)
