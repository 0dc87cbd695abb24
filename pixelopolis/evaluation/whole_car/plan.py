"""Which rides to drive, and driving them by several workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from models.common.workers.base import Workers
from models.common.workers.processes import Processes
from models.lane.photographing.looks import LOOKS
from models.lane.photographing.scenes import HELD_OUT_SEED
from pixelopolis.evaluation.whole_car.moments import Ride
from pixelopolis.evaluation.whole_car.ride import RidePlan, ride

RIDE_S = 90.0
DEFAULT_CITY_SHARE = 0.4
HARD_LOOK_SHARE = 0.4
MAX_PROCESSES = 4


def plan_rides(minutes: float, seed: int) -> list[RidePlan]:
    """Rides of `minutes` in all, in the default city and unseen random ones, in unseen lights.

    Every other one comes up to cars that stand.
    """
    count = max(1, round(minutes * 60 / RIDE_S))
    return [_plan(seed, index, min(RIDE_S, minutes * 60 / count)) for index in range(count)]


def _plan(seed: int, index: int, seconds: float) -> RidePlan:
    rng = np.random.default_rng([HELD_OUT_SEED, seed, index])
    default = rng.random() < DEFAULT_CITY_SHARE
    city = "pixelopolis" if default else f"random:{HELD_OUT_SEED + int(rng.integers(HELD_OUT_SEED))}"
    look = str(rng.choice(sorted(LOOKS))) if rng.random() < HARD_LOOK_SHARE else None
    return RidePlan(seed, index, city, look, with_leader=index % 2 == 1, seconds=seconds)


def drive_rides(
    plans: Sequence[RidePlan], detector: Path | None = None, workers: Workers | None = None
) -> Iterator[Ride]:
    """Drive plans; rides come as they are done.

    Args:
        plans: what to drive.
        detector: a `.tflite`; the shipped one when not given.
        workers: who lets it drive; as many processes as there are cores, four at most, when not given.

    Raises:
        ModelError: if a model cannot be used.
        RenderError: if this machine cannot render.
    """
    workers = workers or Processes.one_per_core(most=MAX_PROCESSES)
    yield from workers.each(partial(ride, detector=detector), plans)
