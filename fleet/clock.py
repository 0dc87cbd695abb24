"""Clocks: code that waits or stamps takes one, so that it runs on wall time or in lockstep."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock."""

    def now_s(self) -> float:
        """Seconds since an arbitrary but fixed moment; never goes back."""
        ...

    async def sleep(self, duration_s: float) -> None:
        """Return when `duration_s` has passed on this clock."""
        ...


class WallClock:
    """Real time; equal to CLOCK_MONOTONIC, so that processes of one machine agree."""

    def now_s(self) -> float:
        """Seconds of CLOCK_MONOTONIC."""
        return time.monotonic()

    async def sleep(self, duration_s: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(duration_s)


class ManualClock:
    """A clock that stands still until `advance` is called; for tests and lockstep simulation."""

    def __init__(self, now_s: float = 0.0) -> None:
        self._now_s = now_s
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now_s(self) -> float:
        """The time that was set."""
        return self._now_s

    async def sleep(self, duration_s: float) -> None:
        """Wait until `advance` has moved the clock far enough."""
        if duration_s <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + duration_s, next(self._order), woken))
        await woken

    def advance(self, duration_s: float) -> None:
        """Move time forward and wake, in order, every sleeper that is due.

        Raises:
            ValueError: if `duration_s` is negative.
        """
        if duration_s < 0:
            raise ValueError(f"a clock cannot go back: advance({duration_s})")
        self._now_s += duration_s
        while self._sleepers and self._sleepers[0][0] <= self._now_s:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
