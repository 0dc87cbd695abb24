"""`/api/city`: the map, for pages and for cars; `/api/traffic`: where cars are on it, for anyone."""

from __future__ import annotations

from fastapi import APIRouter, Response

from fleet.views import CityView, SharedCarView
from server.api.context import Context
from server.dispatch.views import city_view, shared_car_view

router = APIRouter(tags=["city"])

YAML_TYPE = "application/yaml"


@router.get("/city", summary="The map as a page draws it")
async def city(context: Context) -> CityView:
    """Lanes, movements through nodes, and places, in metres."""
    return city_view(context.dispatcher.fleet.city)


@router.get(
    "/city.yaml",
    summary="The city file",
    response_class=Response,
    responses={200: {"content": {YAML_TYPE: {"schema": {"type": "object"}}}}},
)
async def city_yaml(context: Context) -> Response:
    """The file from which server and cars build the same city."""
    return Response(context.city_yaml, media_type=YAML_TYPE)


@router.get("/traffic", summary="Where cars are")
async def traffic(context: Context) -> list[SharedCarView]:
    """Cars that know where they are, for a map that everybody may see: nobody can tell from it who rides where to."""
    return [shared_car_view(car) for car in context.dispatcher.car_views() if car.x_m is not None]
