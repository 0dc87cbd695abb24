"""Pictures on demand: each car's camera has a slot every period, and one is taken only when somebody asked for it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAMERA_FPS = 25.0


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: raw BGR bytes, when it was taken, and its running number from 1."""

    sequence: int
    captured_s: float
    pixels: bytes


class CameraFeed:
    """One car's camera."""

    def __init__(self, car_id: str, phase_s: float, period_s: float) -> None:
        self.car_id = car_id
        self.frozen = False
        self.taken = 0
        self.asked_s = math.inf
        self._phase_s = phase_s
        self._period_s = period_s
        self._last_slot = -1
        self._waiting: list[asyncio.Future[Shot]] = []

    def ask(self, now_s: float) -> asyncio.Future[Shot]:
        """A future of the next picture that will be taken."""
        if not self._waiting:
            self.asked_s = now_s
        shot: asyncio.Future[Shot] = asyncio.get_running_loop().create_future()
        self._waiting.append(shot)
        return shot

    def is_due(self, now_s: float) -> bool:
        """Whether somebody waits and this period's picture has not been taken."""
        self._waiting = [shot for shot in self._waiting if not shot.done()]
        return bool(self._waiting) and not self.frozen and self._slot(now_s) > self._last_slot

    def deliver(self, pixels: bytes, captured_s: float, now_s: float) -> None:
        """Hand a picture to all who wait, and use up the slot of this moment."""
        self.taken += 1
        self._last_slot = self._slot(now_s)
        shot = Shot(self.taken, captured_s, pixels)
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(shot)

    def _slot(self, now_s: float) -> int:
        return math.floor((now_s - self._phase_s) / self._period_s)


class CameraFeeds:
    """All cameras. They take turns, so that no moment has to render them all."""

    def __init__(
        self,
        car_ids: Sequence[str],
        take: Callable[[str], tuple[NDArray[np.uint8], float]],
        now_s: Callable[[], float],
        fps: float = CAMERA_FPS,
    ) -> None:
        """`take` renders a car's picture and says of what moment it is, on the clock `now_s`."""
        self.fps = fps
        self.busy_s = 0.0
        self._take = take
        self._now_s = now_s
        period_s = 1.0 / fps
        self._feeds = {car: CameraFeed(car, k / len(car_ids) * period_s, period_s) for k, car in enumerate(car_ids)}

    def feed(self, car_id: str) -> CameraFeed:
        """A car's camera.

        Raises:
            KeyError: if there is no such car.
        """
        return self._feeds[car_id]

    @property
    def car_ids(self) -> tuple[str, ...]:
        """The cars."""
        return tuple(self._feeds)

    def ask(self, car_id: str) -> asyncio.Future[Shot]:
        """A future of the next picture of a car's camera, taken after now.

        Raises:
            KeyError: if there is no such car.
        """
        return self._feeds[car_id].ask(self._now_s())

    def take_due(self, limit: int = 1) -> int:
        """Take at most `limit` pictures that are due, those asked for first first; how many were taken."""
        now_s = self._now_s()
        due = sorted((f for f in self._feeds.values() if f.is_due(now_s)), key=lambda feed: feed.asked_s)
        for feed in due[:limit]:
            started_s = self._now_s()
            picture, captured_s = self._take(feed.car_id)
            feed.deliver(picture.tobytes(), captured_s, started_s)
            self.busy_s += self._now_s() - started_s
        return min(limit, len(due))
