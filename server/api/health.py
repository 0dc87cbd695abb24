"""`/api/health`: is the server up?"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from server.api.context import Context
from server.api.errors import UNAVAILABLE

router = APIRouter(tags=["server"])


class HealthView(BaseModel):
    """The server answers, and this is what it serves."""

    status: str = "ok"
    city: str
    cars: int


@router.get("/health", summary="Is the server up?", responses=UNAVAILABLE)
async def health(context: Context) -> HealthView:
    """Answers as soon as the store is loaded; 503 while nothing can be stored, and so no visitor can be served."""
    context.dispatcher.check_store()
    fleet = context.dispatcher.fleet
    return HealthView(city=fleet.city.name, cars=len(fleet.cars))
