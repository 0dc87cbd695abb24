"""So many of an even stream and no more, without a hiccup where the stream is not quite even."""

from __future__ import annotations


class RateLimit:
    """Lets through at most `rate_hz` on average; half a period too early is early enough."""

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1 / rate_hz
        self._due_s = float("-inf")

    def allows(self, now_s: float) -> bool:
        """Whether what comes now goes on."""
        earliest_s = self._due_s - self._period_s / 2
        if now_s < earliest_s:
            return False
        self._due_s = max(self._due_s, now_s - self._period_s / 2) + self._period_s
        return True
