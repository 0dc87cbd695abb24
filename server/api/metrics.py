"""`/metrics`, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from server.api.context import Context

router = APIRouter(tags=["server"])


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(context: Context) -> Response:
    """Cars, rides, events, steps and answers in Prometheus's text format; no visitor or ride can be told from it."""
    return Response(generate_latest(context.dispatcher.metrics.registry), media_type=CONTENT_TYPE_LATEST)
