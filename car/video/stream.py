"""The car's own small web server: live picture, still picture, pictures to record, figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from car.snapshot import Snapshot
from car.video.stream_hub import StreamHub
from fleet.clock import WallClock
from fleet.recording import MOMENT_HEADER, RECORDING_PATH, DrivenMoment
from fleet.steering import steering_from_curvature
from fleet.video.connection import connection_of
from fleet.video.multipart import CONTENT_TYPE, DELIMITER, NOT_STORED, TIMESTAMP_HEADER, picture_part, timestamp_text
from fleet.video.stream import stream_parts
from fleet.video.variant import StreamRequest

SNAPSHOT_TIMEOUT_S = 2.0


def stream_app(hub: StreamHub, metrics: Callable[[], dict[str, Any]], hidden_path: str = "") -> Starlette:
    """Routes /stream.mjpg and /snapshot.jpg (see `StreamRequest`), /recording.mjpg and /metrics.json.

    With a `hidden_path` (`/SECRET`) they are below it, for those who were told; figures are shown without it, too.
    """
    clock = WallClock()

    async def stream(request: Request) -> Response:
        asked = _asked(request)
        return _multipart(stream_parts(hub.watch, asked, connection_of(request.scope), clock))

    async def recording(_: Request) -> Response:
        return _multipart(_recorded_parts(hub))

    async def snapshot(request: Request) -> Response:
        async with hub.watch(_asked(request).still) as viewer:
            try:
                jpeg = await asyncio.wait_for(viewer.next(), SNAPSHOT_TIMEOUT_S)
            except TimeoutError:
                jpeg = None
        if jpeg is None:
            return JSONResponse({"detail": "the camera gives no picture"}, status_code=503)
        headers = {TIMESTAMP_HEADER: timestamp_text(jpeg.taken_unix_s), **NOT_STORED}
        return Response(jpeg.data, media_type="image/jpeg", headers=headers)

    async def figures(_: Request) -> Response:
        return JSONResponse(metrics(), headers=NOT_STORED)

    open_to_all = Route("/metrics.json", figures)
    pictures = [Route("/stream.mjpg", stream), Route("/snapshot.jpg", snapshot), Route(RECORDING_PATH, recording)]
    return Starlette(routes=[open_to_all, Mount(hidden_path, routes=[*pictures, open_to_all])])


def _asked(request: Request) -> StreamRequest:
    try:
        return StreamRequest.from_query(request.query_params)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error


def _multipart(parts: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(parts, media_type=CONTENT_TYPE, headers=NOT_STORED)


async def _recorded_parts(hub: StreamHub) -> AsyncIterator[bytes]:
    yield DELIMITER
    async with hub.record() as viewer:
        while (jpeg := await viewer.next()) is not None:
            moment = driven_moment(jpeg.snapshot, time.time() - time.monotonic())
            yield picture_part(jpeg.data, {MOMENT_HEADER: moment.model_dump_json()})


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
