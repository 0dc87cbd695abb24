"""`/api/operator`: stop all, hold or send a car, close an edge, and take it back."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Path

from fleet.messages import Identifier
from fleet.views import CarView, FleetView, SendRequest
from server.api.context import Context
from server.api.errors import INVALID, UNAVAILABLE, Declared, answers
from server.api.examples import CAR, FLEET, HELD_CAR, LIFTED_CAR, SENT_CAR, STOPPED_FLEET, shown
from server.fleet_control import operations

router = APIRouter(prefix="/operator", tags=["operators"])
brakes = APIRouter(prefix="/operator", tags=["operators"])  # what stops cars, and so waits for nothing

CarId = Annotated[Identifier, Path(description="A car's id.", examples=[CAR.car_id])]
EdgeId = Annotated[int, Path(description="An edge's id.", examples=[15])]

_INVALID_ID: Declared = {422: INVALID[422]}
_OF_CAR: Declared = {**answers(not_found=(404, "there is no car car-9")), **_INVALID_ID, **UNAVAILABLE}
_OF_EDGE: Declared = {
    **answers(not_found=(404, "there is no edge 99 in city pixelopolis")),
    **_INVALID_ID,
    **UNAVAILABLE,
}
_REFUSED = (
    "edge 5 cannot be closed: without edges [4, 5] the longest closed way round has room for 9 cars, but 12 drive"
)
_NO_ROOM = answers(refused=(409, _REFUSED))


@router.get("/fleet", summary="What operators have ordered", responses=shown(FLEET))
async def fleet(context: Context) -> FleetView:
    """Closed edges, whether all cars are stopped, and what follows from it. What holds for one car is shown with it."""
    return context.dispatcher.fleet_view()


@brakes.post("/stop", summary="Stop all cars", responses={**shown(STOPPED_FLEET), **UNAVAILABLE})
async def stop(context: Context) -> FleetView:
    """Every car stands within its braking distance, also where the answer is 503: then only a restart forgets it."""
    await context.dispatcher.brake(operations.stop_all)
    return context.dispatcher.fleet_view()


@router.post("/resume", summary="Let all cars go on", responses={**shown(FLEET), **UNAVAILABLE})
async def resume(context: Context) -> FleetView:
    """Cars that are held by themselves stay held."""
    await context.dispatcher.operate(operations.resume_all)
    return context.dispatcher.fleet_view()


@router.post("/edges/{edge}/close", summary="Close an edge", responses={**shown(FLEET), **_OF_EDGE, **_NO_ROOM})
async def close(context: Context, edge: EdgeId) -> FleetView:
    """No car enters it any more, cars on it leave, and visitors on their way to a place there choose again."""
    await context.dispatcher.operate(partial(operations.close_edge, edge=edge))
    return context.dispatcher.fleet_view()


@router.post("/edges/{edge}/open", summary="Open an edge", responses={**shown(FLEET), **_OF_EDGE})
async def open_edge(context: Context, edge: EdgeId) -> FleetView:
    """Cars may enter it again."""
    await context.dispatcher.operate(partial(operations.open_edge, edge=edge))
    return context.dispatcher.fleet_view()


@brakes.post("/cars/{car_id}/hold", summary="Hold a car", responses={**shown(HELD_CAR), **_OF_CAR})
async def hold(context: Context, car_id: CarId) -> CarView:
    """It stands within its braking distance and keeps its road; the others are routed round it. 503 as for all cars."""
    await context.dispatcher.brake(partial(operations.hold_car, car_id=car_id))
    return context.dispatcher.car_view(car_id)


@router.post("/cars/{car_id}/release", summary="Release a car", responses={**shown(CAR), **_OF_CAR})
async def release(context: Context, car_id: CarId) -> CarView:
    """A car that was held or sent somewhere takes visitors again."""
    await context.dispatcher.operate(partial(operations.release_car, car_id=car_id))
    return context.dispatcher.car_view(car_id)


@router.post(
    "/cars/{car_id}/lift",
    summary="A car is off the road",
    responses={**shown(LIFTED_CAR), **_OF_CAR, **answers(refused=(409, "car-1 may be connected: switch it off first"))},
)
async def lift(context: Context, car_id: CarId) -> CarView:
    """A car that is silent was taken off the road by hand: what it blocked is free. Say so only when it is true."""
    await context.dispatcher.lift_car(car_id)
    return context.dispatcher.car_view(car_id)


@router.post(
    "/cars/{car_id}/send",
    summary="Send a car somewhere",
    responses={
        **shown(SENT_CAR),
        **INVALID,
        **_OF_CAR,
        **answers(refused=(409, "car-2 is sent to edge 7 already: choose another edge")),
    },
)
async def send(
    context: Context,
    car_id: CarId,
    request: Annotated[SendRequest, Body(examples=[{"place_id": "museum"}, {"edge": 12}])],
) -> CarView:
    """It ends the ride that it is on, drives there, and stands until it is released."""
    await context.dispatcher.operate(
        partial(operations.send_car, car_id=car_id, place_id=request.place_id, edge=request.edge)
    )
    return context.dispatcher.car_view(car_id)
