"""Drives to be made, planned by seed, and drives that were made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.lane.evaluation.conditions import NORMAL, Condition
from models.lane.evaluation.crossings import Crossings
from models.lane.photographing.scenes import HELD_OUT_SEED

EPISODE_S = 60.0
LOST = ("departure", "wrong_turn")  # why a drive ended of a car that left its way
KEPT_DECIMALS = 5  # of metres, in what is kept of a drive
DEFAULT_CITY = "pixelopolis"
DEFAULT_CITY_EVERY = 4  # the other episodes are in random cities, each in one of its own
SHIPPED_STREETS = ("square", "curvy", "straight")  # every other episode; the rest are random circuits
HELD_OUT_SEEDS = 900_000_000  # as many as city names have digits for
SEEDS_PER_PLAN = 10_007


class Course(StrEnum):
    """Where to drive."""

    CITIES = "cities"  # crossings, where the command tells the way
    STREETS = "streets"  # ways without a choice, which a model without commands can drive as well


@dataclass(frozen=True, slots=True)
class Episode:
    """One drive to be made."""

    seed: int
    index: int
    condition: Condition
    city: str
    seconds: float = EPISODE_S

    def file_stem(self, why: str) -> str:
        """How the files about this drive are called that ended for the reason `why`."""
        city = re.sub(r"[^\w.]+", "-", self.city).strip("-.")
        return f"{self.index:03d}-{self.condition.name}-{city}-{why}"


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """One drive that was made."""

    episode: Episode
    seconds: float
    why: str  # as in JourneyEnd
    lateral_m: NDArray[np.float32]  # one per frame, left of the commanded line positive, with KEPT_DECIMALS
    path_m: NDArray[np.float32]  # (n, 2), likewise
    outside_s: float  # how long some part of a wheel was outside the car's own lane
    lane_width_m: float
    crossings: Crossings
    saw_pictures: bool  # so that the look mattered

    @property
    def lost(self) -> bool:
        """Whether the car left its way."""
        return self.why in LOST

    @property
    def distance_m(self) -> float:
        """How far the car drove."""
        return float(np.hypot(*np.diff(self.path_m.astype(np.float64), axis=0).T).sum())


def episodes(
    count: int,
    seed: int,
    conditions: Sequence[Condition] = (NORMAL,),
    city: str | None = None,
    *,
    course: Course = Course.CITIES,
    seconds: float = EPISODE_S,
) -> list[Episode]:
    """`count` episodes that take turns through the conditions; random cities are held-out ones."""
    return chosen_episodes(range(count), seed, conditions, city, course=course, seconds=seconds)


def chosen_episodes(
    indices: Iterable[int],
    seed: int,
    conditions: Sequence[Condition] = (NORMAL,),
    city: str | None = None,
    *,
    course: Course = Course.CITIES,
    seconds: float = EPISODE_S,
) -> list[Episode]:
    """Those episodes of a plan that have these numbers; the plan is the same however many are driven."""
    return [
        Episode(
            seed,
            index,
            conditions[index % len(conditions)],
            city or _city_name(course, index // len(conditions), seed * SEEDS_PER_PLAN + index),
            seconds,
        )
        for index in indices
    ]


def _city_name(course: Course, turn: int, number: int) -> str:
    """The city of a plan's `turn`th round through the conditions."""
    held_out = HELD_OUT_SEED + number % HELD_OUT_SEEDS
    if course is Course.STREETS:
        shipped, is_circuit = divmod(turn, 2)
        return f"circuit:{held_out}" if is_circuit else SHIPPED_STREETS[shipped % len(SHIPPED_STREETS)]
    return f"random:{held_out}" if turn % DEFAULT_CITY_EVERY else DEFAULT_CITY
