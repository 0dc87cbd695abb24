"""How fast does the way to a viewer carry pictures? Measured by what is acknowledged."""

from __future__ import annotations

LONGEST_WAIT_S = 0.25  # that a picture may have before it in buffers and on the way
FIRST_RATE_BYTES_S = 4_000.0  # before anything was acknowledged


class Line:
    """The rate of one connection.

    Each acknowledgement tells how fast the line is at least. If something was left all the time, that is its rate.
    """

    def __init__(self, now_s: float) -> None:
        self._rate_bytes_s = FIRST_RATE_BYTES_S
        self._carried_bytes = 0
        self._carried_at_s = now_s
        self._newest_bytes = 0

    def picture_handed_over(self, now_s: float, size_bytes: int) -> None:
        """A picture has gone out."""
        if not self._newest_bytes:
            self._carried_at_s = now_s
        self._newest_bytes = size_bytes

    def is_free(self, now_s: float, handed_bytes: int, waiting_bytes: int, acknowledged_ago_s: float) -> bool:
        """Whether a picture that goes out now would soon be there; `waiting_bytes` is what is not acknowledged."""
        self._measure(now_s - acknowledged_ago_s, handed_bytes - waiting_bytes, waiting_bytes)
        rate = self._rate_bytes_s
        if waiting_bytes:  # nothing acknowledged for long: slower than it was
            rate = min(rate, self._newest_bytes / max(acknowledged_ago_s, 1e-3))
        return waiting_bytes <= rate * LONGEST_WAIT_S

    def _measure(self, at_s: float, carried_bytes: int, waiting_bytes: int) -> None:
        more_bytes, took_s = carried_bytes - self._carried_bytes, at_s - self._carried_at_s
        if more_bytes <= 0 or took_s <= 0:
            return
        rate = more_bytes / took_s
        self._rate_bytes_s = rate if waiting_bytes > self._newest_bytes else max(rate, self._rate_bytes_s)
        self._carried_bytes = carried_bytes
        self._carried_at_s = at_s
