"""Does a viewer get the next picture? Only if it will soon have taken those before it: fewer, never old ones."""

from __future__ import annotations

from fleet.video.connection import Backlog

LONGEST_WAIT_S = 0.25  # that a picture may have before it in buffers and on the way
FIRST_RATE_BYTES_S = 16_000.0  # of a viewer that has taken nothing yet
LEAST_RATE_BYTES_S = 2_000.0  # so that one that took nothing for long is asked again, ever more rarely
ROUNDING_BYTES = 2_048  # windows are told in steps, and the web server adds some bytes of its own


class Pace:
    """One viewer's rate, measured by what it takes.

    Every look at a backlog tells at least how much was taken until the last acknowledgement. While something older
    than the newest picture was left then, the viewer was busy all the time and its rate is known; otherwise it could
    take at least as much.
    """

    def __init__(self, now_s: float) -> None:
        self._rate_bytes_s = FIRST_RATE_BYTES_S
        self._handed_bytes = 0
        self._newest_bytes = 0
        self._taken_bytes = 0
        self._taken_at_s = now_s

    def allows(self, now_s: float, backlog: Backlog) -> bool:
        """Whether the next picture should go out now."""
        self._measure(now_s - backlog.acknowledged_ago_s, backlog)
        rate = self._rate_bytes_s
        if backlog.waiting:  # unacknowledged for long: slower than it was
            rate = min(rate, self._newest_bytes / max(backlog.acknowledged_ago_s, 1e-3))
        rate = max(rate, LEAST_RATE_BYTES_S)
        read_since = rate * backlog.acknowledged_ago_s
        before = backlog.waiting + max(0.0, backlog.unread - read_since)
        return before <= rate * LONGEST_WAIT_S

    def handed_over(self, size_bytes: int) -> None:
        """A picture has gone out."""
        self._handed_bytes += size_bytes
        self._newest_bytes = size_bytes

    def _measure(self, at_s: float, backlog: Backlog) -> None:
        left = backlog.waiting + backlog.unread
        more = self._handed_bytes - left - self._taken_bytes
        took_s = at_s - self._taken_at_s
        if more <= 0 or took_s <= 0:
            return
        rate = more / took_s
        busy = left > self._newest_bytes + ROUNDING_BYTES
        self._rate_bytes_s = rate if busy else max(rate, self._rate_bytes_s)
        self._taken_bytes += more
        self._taken_at_s = at_s
