"""`/api/health`: can the server serve? `/api/live`: does it run at all?"""

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


@router.get("/health", summary="Can the server serve?", responses=UNAVAILABLE)
async def health(context: Context) -> HealthView:
    """Answers as soon as the store is loaded; 503 while nothing can be stored, and so no visitor can be served."""
    context.dispatcher.check_store()
    fleet = context.dispatcher.fleet
    return HealthView(city=fleet.city.name, cars=len(fleet.cars))


@router.get("/live", summary="Does the server run?")
async def live() -> dict[str, str]:
    """Always answers; restarting a server that does not is right, while one without its store only has to wait."""
    return {"status": "ok"}
