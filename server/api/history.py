"""`/api/history`: what has happened, as it is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from fleet.views import HistoryEntryView
from server.api.context import Context
from server.api.errors import INVALID, UNAVAILABLE
from server.api.examples import HISTORY_ENTRY

router = APIRouter(prefix="/history", tags=["operators"])

MAX_ENTRIES = 500

Limit = Annotated[int, Query(ge=1, le=MAX_ENTRIES, description="At most so many.")]
Before = Annotated[int | None, Query(ge=1, lt=2**63, description="Only entries with lower numbers: the next page.")]


@router.get(
    "",
    summary="What has happened, newest first",
    responses={
        200: {"content": {"application/json": {"example": [HISTORY_ENTRY.model_dump(mode="json")]}}},
        422: INVALID[422],
        **UNAVAILABLE,
    },
)
async def history(context: Context, limit: Limit = 50, before: Before = None) -> list[HistoryEntryView]:
    """Rides and cars by kind of event; all that ever happened, page by page."""
    return await context.dispatcher.visitors.history(limit, before)
