"""Watches by the truth how near cars come to each other: a run without touches may have been a lucky one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from city.geometry import Pose
from sim.contact import gap_m, near_ones


@dataclass(frozen=True, slots=True)
class Gap:
    """Two cars were so close."""

    gap_m: float
    car_ids: tuple[str, str]
    at_s: float


NO_GAP = Gap(math.inf, ("", ""), 0.0)


@dataclass(frozen=True, slots=True)
class Touch:
    """What touched, or the one car that touched a wall."""

    car_ids: tuple[str, ...]
    at_s: float


class ClosenessWatch:
    """The smallest gap between two cars, and who touched when."""

    def __init__(self) -> None:
        self.smallest = NO_GAP
        self.touches: list[Touch] = []
        self._counts: dict[str, int] = {}

    def look(self, now_s: float, poses: Mapping[str, Pose], counts: Mapping[str, int]) -> None:
        """Take in where all are now.

        Args:
            now_s: when.
            poses: of all that stand or drive on the road.
            counts: how often each has touched something so far.
        """
        for one, others in near_ones(poses).items():
            for other in (name for name in others if name > one):
                apart_m = gap_m(poses[one], poses[other])
                if apart_m < self.smallest.gap_m:
                    self.smallest = Gap(apart_m, (one, other), now_s)
        touching = tuple(name for name, count in counts.items() if count > self._counts.get(name, 0))
        if touching:
            self.touches.append(Touch(touching, now_s))
            self._counts.update(counts)
