"""A car's live pictures for one viewer, in the kind and size that they ask for, for as long as they may watch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse

from fleet.clock import WallClock
from fleet.video.connection import connection_of
from fleet.video.multipart import CONTENT_TYPE, NOT_STORED
from fleet.video.stream import stream_parts
from fleet.video.variant import OverlayChoice, SizeChoice, StreamRequest, Variant
from server.api.errors import Declared
from server.video.car_pictures import Picture, RelayedViewer
from server.video.relay import StreamRelay

LIVE: Declared = {200: {"content": {CONTENT_TYPE: {}}}}

_CLOCK = WallClock()

Size = Annotated[SizeChoice, Query(description="How large; `auto` is whichever the viewer keeps up with.")]
Overlay = Annotated[OverlayChoice, Query(description="Whether what the car makes of its picture is drawn on it.")]


def _asked(size: Size = SizeChoice.AUTO, overlay: Overlay = OverlayChoice.ON) -> StreamRequest:
    return StreamRequest(size, overlay)


AskedPictures = Annotated[StreamRequest, Depends(_asked)]


def live_pictures(
    relay: StreamRelay, car_id: str, asked: StreamRequest, request: Request, may_watch: Callable[[], bool]
) -> StreamingResponse:
    """The stream; `may_watch` is asked again for each picture."""
    watch = partial(_watch, relay, car_id, may_watch)
    parts = stream_parts(watch, asked, connection_of(request.scope), _CLOCK)
    return StreamingResponse(parts, media_type=CONTENT_TYPE, headers=NOT_STORED)


class _AllowedViewer:
    """A viewer for whom there are no more pictures once they may not watch."""

    def __init__(self, viewer: RelayedViewer, may_watch: Callable[[], bool]) -> None:
        self._viewer = viewer
        self._may_watch = may_watch

    async def next(self) -> Picture | None:
        """The next picture; None at the end."""
        picture = await self._viewer.next()
        return picture if self._may_watch() else None


@asynccontextmanager
async def _watch(
    relay: StreamRelay, car_id: str, may_watch: Callable[[], bool], variant: Variant
) -> AsyncIterator[_AllowedViewer]:
    async with relay.watch(car_id, variant) as viewer:
        yield _AllowedViewer(viewer, may_watch)
