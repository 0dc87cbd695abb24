"""The car's own small web server: live picture, still picture, pictures to record, figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from car.jpeg_feed import Jpeg
from car.snapshot import Snapshot
from car.stream_hub import StreamHub
from fleet.recording import MOMENT_HEADER, RECORDING_PATH, DrivenMoment
from fleet.steering import steering_from_curvature

BOUNDARY = "pixelopolis-frame"
SNAPSHOT_TIMEOUT_S = 2.0
NO_CACHE = {"Cache-Control": "no-store"}


def stream_app(hub: StreamHub, metrics: Callable[[], dict[str, Any]]) -> Starlette:
    """Routes /stream.mjpg and /snapshot.jpg (plain with ?overlay=0), /recording.mjpg and /metrics.json."""

    async def stream(request: Request) -> Response:
        return _multipart(_parts(hub, _wants_overlay(request)))

    async def recording(_: Request) -> Response:
        return _multipart(_recorded_parts(hub))

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
            Route(RECORDING_PATH, recording),
            Route("/metrics.json", figures),
        ]
    )


def _wants_overlay(request: Request) -> bool:
    return request.query_params.get("overlay", "1") != "0"


def _multipart(parts: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(parts, media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}", headers=NO_CACHE)


async def _parts(hub: StreamHub, overlay: bool) -> AsyncIterator[bytes]:
    async with hub.watch(overlay) as viewer:
        while (jpeg := await viewer.next()) is not None:
            yield _part(jpeg)


async def _recorded_parts(hub: StreamHub) -> AsyncIterator[bytes]:
    async with hub.record() as viewer:
        while (jpeg := await viewer.next()) is not None:
            moment = driven_moment(jpeg.snapshot, time.time() - time.monotonic())
            yield _part(jpeg, f"{MOMENT_HEADER}: {moment.model_dump_json()}\r\n")


def _part(jpeg: Jpeg, more_headers: str = "") -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg.data)}\r\n{more_headers}\r\n"
    return head.encode() + jpeg.data + b"\r\n"


def driven_moment(snapshot: Snapshot, unix_epoch_offset_s: float) -> DrivenMoment:
    """What the car did on a picture; `unix_epoch_offset_s` is added to its own clock to get the calendar's time."""
    outputs, frame = snapshot.outputs, snapshot.frame
    return DrivenMoment(
        sequence=frame.sequence,
        captured_s=frame.captured_s,
        captured_unix_ms=round((frame.captured_s + unix_epoch_offset_s) * 1000),
        steering=steering_from_curvature(outputs.curvature_per_m),
        speed_mps=outputs.speed_mps,
        command=snapshot.command,
    )
