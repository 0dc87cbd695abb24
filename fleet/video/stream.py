"""One viewer's stream, from whoever has pictures: the newest that it can take, in a size that it keeps up with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fleet.clock import Clock
from fleet.video.connection import Connection
from fleet.video.ladder import Ladder
from fleet.video.multipart import DELIMITER, FIRST_PROBE, PROBE
from fleet.video.pace import Pace
from fleet.video.variant import PictureSize, StreamRequest, Variant

PROBE_PERIOD_S = 0.09  # a viewer that has not read the last one yet would seem to have more unread than it has
MOST_PROBES = 40  # between two pictures


class LivePicture(Protocol):
    """A picture as it goes out."""

    @property
    def part(self) -> bytes:
        """The same bytes for all who watch."""
        ...


class Watcher(Protocol):
    """Gives one kind of pictures."""

    async def next(self) -> LivePicture | None:
        """The newest picture once there is one that was not given yet; None at the end."""
        ...


Watch = Callable[[Variant], AbstractAsyncContextManager[Watcher]]


class _Viewer:
    """What one viewer can take."""

    def __init__(self, request: StreamRequest, connection: Connection, clock: Clock) -> None:
        self._fixed = request.size.fixed
        self._connection = connection
        self._clock = clock
        self._pace = Pace(clock.now_s())
        self._ladder = Ladder(clock.now_s())
        self._probe = FIRST_PROBE
        self._probes = 0  # since the last picture
        self._probed_at_s = clock.now_s()

    @property
    def size(self) -> PictureSize:
        """Of the pictures that it should get now."""
        return self._fixed or self._ladder.size

    def offer(self, picture: LivePicture) -> bytes:
        """What goes out to it now that there is this picture: the picture, a probe, or nothing."""
        now_s = self._clock.now_s()
        backlog = self._connection.backlog()
        allowed = self._pace.allows(now_s, backlog)
        self._ladder.offered(now_s, allowed)
        if allowed:
            self._probes = 0
            self._pace.picture_handed_over(now_s, len(picture.part))
            return picture.part
        if backlog.waiting_bytes or now_s - self._probed_at_s < PROBE_PERIOD_S or self._probes >= MOST_PROBES:
            return b""
        self._probes += 1
        self._probed_at_s = now_s
        probe, self._probe = self._probe, PROBE
        self._pace.probe_handed_over(len(probe))
        return probe


async def stream_parts(
    watch: Watch, request: StreamRequest, connection: Connection, clock: Clock
) -> AsyncGenerator[bytes, None]:
    """The bytes of one viewer's stream, until there are no more pictures."""
    viewer = _Viewer(request, connection, clock)
    yield DELIMITER
    while True:
        size = viewer.size
        async with watch(request.variant(size)) as watcher:
            while viewer.size == size:
                picture = await watcher.next()
                if picture is None:
                    return
                if going_out := viewer.offer(picture):
                    yield going_out
