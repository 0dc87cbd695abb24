"""The car's own small web server: live picture, still picture, figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from car.stream_hub import StreamHub

BOUNDARY = "pixelopolis-frame"
SNAPSHOT_TIMEOUT_S = 2.0
NO_CACHE = {"Cache-Control": "no-store"}


def stream_app(hub: StreamHub, metrics: Callable[[], dict[str, Any]]) -> Starlette:
    """Routes /stream.mjpg and /snapshot.jpg (plain with ?overlay=0) and /metrics.json."""

    async def stream(request: Request) -> Response:
        return StreamingResponse(
            _parts(hub, _wants_overlay(request)),
            media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
            headers=NO_CACHE,
        )

    async def snapshot(request: Request) -> Response:
        async with hub.watch(_wants_overlay(request)) as viewer:
            try:
                jpeg = await asyncio.wait_for(viewer.next(), SNAPSHOT_TIMEOUT_S)
            except TimeoutError:
                jpeg = None
        if jpeg is None:
            return JSONResponse({"detail": "the camera gives no picture"}, status_code=503)
        return Response(jpeg.data, media_type="image/jpeg", headers=NO_CACHE)

    async def figures(_: Request) -> Response:
        return JSONResponse(metrics(), headers=NO_CACHE)

    return Starlette(
        routes=[
            Route("/stream.mjpg", stream),
            Route("/snapshot.jpg", snapshot),
            Route("/metrics.json", figures),
        ]
    )


def _wants_overlay(request: Request) -> bool:
    return request.query_params.get("overlay", "1") != "0"


async def _parts(hub: StreamHub, overlay: bool) -> AsyncIterator[bytes]:
    async with hub.watch(overlay) as viewer:
        while (jpeg := await viewer.next()) is not None:
            head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg.data)}\r\n\r\n"
            yield head.encode() + jpeg.data + b"\r\n"
