"""One viewer's stream, from whoever has pictures: the newest that it can take, in a size that it keeps up with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fleet.clock import Clock
from fleet.video.connection import Connection
from fleet.video.ladder import Ladder
from fleet.video.pace import Pace
from fleet.video.variant import PictureSize, StreamRequest, Variant


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

    @property
    def size(self) -> PictureSize:
        """Of the pictures that it should get now."""
        return self._fixed or self._ladder.size

    def takes(self, picture: LivePicture) -> bool:
        """Whether it gets this picture."""
        now_s = self._clock.now_s()
        takes = self._pace.allows(now_s, self._connection.backlog())
        self._ladder.offered(now_s, takes)
        if takes:
            self._pace.handed_over(len(picture.part))
        return takes


async def stream_parts(
    watch: Watch, request: StreamRequest, connection: Connection, clock: Clock
) -> AsyncGenerator[bytes, None]:
    """The parts of one viewer's stream, until there are no more pictures."""
    viewer = _Viewer(request, connection, clock)
    while True:
        size = viewer.size
        async with watch(request.variant(size)) as watcher:
            while viewer.size == size:
                picture = await watcher.next()
                if picture is None:
                    return
                if viewer.takes(picture):
                    yield picture.part
