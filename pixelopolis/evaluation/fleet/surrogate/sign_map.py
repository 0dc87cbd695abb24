"""Which signs stand near a place, without looking at all of a large city's."""

from __future__ import annotations

import math
from collections.abc import Iterator

from city.city import City, Sign
from city.geometry import Pose


class SignMap:
    """The signs of a city in squares as wide as a car sees."""

    def __init__(self, city: City, reach_m: float) -> None:
        self._reach_m = reach_m
        self._squares: dict[tuple[int, int], list[tuple[int, Sign]]] = {}
        for number, sign in enumerate(city.signs):
            self._squares.setdefault(self._square(sign.pose.x_m, sign.pose.y_m), []).append((number, sign))

    def near(self, pose: Pose) -> Iterator[tuple[int, Sign]]:
        """The signs within reach, with their numbers."""
        column, row = self._square(pose.x_m, pose.y_m)
        for near_column in (column - 1, column, column + 1):
            for near_row in (row - 1, row, row + 1):
                for number, sign in self._squares.get((near_column, near_row), ()):
                    if math.hypot(sign.pose.x_m - pose.x_m, sign.pose.y_m - pose.y_m) < self._reach_m:
                        yield number, sign

    def _square(self, x_m: float, y_m: float) -> tuple[int, int]:
        return math.floor(x_m / self._reach_m), math.floor(y_m / self._reach_m)
