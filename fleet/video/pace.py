"""Does a viewer get the next picture? Only if it will soon have taken those before it: fewer, never old ones."""

from __future__ import annotations

from fleet.video.connection import Backlog
from fleet.video.line import Line
from fleet.video.reader import Reader


class Pace:
    """One viewer's line and what it reads."""

    def __init__(self, now_s: float) -> None:
        self._line = Line(now_s)
        self._reader = Reader(now_s)
        self._handed_bytes = 0

    def allows(self, now_s: float, backlog: Backlog) -> bool:
        """Whether the next picture should go out now."""
        if not self._handed_bytes:
            return True
        ago_s, waiting_bytes = backlog.acknowledged_ago_s, backlog.waiting_bytes
        if not self._line.is_free(now_s, self._handed_bytes, waiting_bytes, ago_s):
            return False
        if backlog.window_bytes is None:
            return True
        return self._reader.is_ready(now_s, now_s - ago_s, backlog.window_bytes)

    def picture_handed_over(self, now_s: float, size_bytes: int) -> None:
        """A picture has gone out."""
        self._handed_bytes += size_bytes
        self._line.picture_handed_over(now_s, size_bytes)
        self._reader.picture_handed_over(now_s, size_bytes)

    def probe_handed_over(self, size_bytes: int) -> None:
        """Something has gone out only to be acknowledged."""
        self._handed_bytes += size_bytes
