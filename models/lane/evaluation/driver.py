"""Who can be at the wheel in an evaluation: a network behind a camera, or somebody who sees nothing."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from car.perception.lane import LaneModel
from city.city import Command
from city.route_line import RouteLine
from fleet.steering import steering_from_curvature
from models.lane.closed_loop.journey import Moment, Steer
from models.lane.photographing.photographer import Photographer
from models.lane.photographing.scenes import Leader, Mounting
from models.lane.shipped import shipped_model
from models.lane.variants import VARIANTS

EXPERT = "expert"
STRAIGHT = "straight"
MEAN = "mean"
BLIND_DRIVERS = {
    EXPERT: "knows where it is",
    STRAIGHT: "never steers",
    MEAN: "always steers the mean of what its route asks for",
}
GLIMPSES_KEPT = 32

Driver = str | Path  # one of BLIND_DRIVERS, or a .tflite file


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a network saw at one moment, what it said, and what the expert would have."""

    frame: NDArray[np.uint8]  # (240, 320, 3) BGR
    command: Command
    said: float
    expert: float


class CameraDriver:
    """A network that steers by what a camera on the car sees; it keeps its last glimpses."""

    def __init__(
        self,
        model: LaneModel,
        photographer: Photographer,
        mounting: Mounting,
        leader: Leader,
        rng: np.random.Generator,
    ) -> None:
        """A driver who has seen nothing yet; `rng` makes the camera's noise."""
        self._model = model
        self._photographer = photographer
        self._mounting = mounting
        self._leader = leader
        self._rng = rng
        self.glimpses: deque[Glimpse] = deque(maxlen=GLIMPSES_KEPT)
        model.reset()

    def __call__(self, moment: Moment) -> float:
        """Steering for a moment of the journey."""
        cars = self._leader.seen_from(moment.label.station_m)
        frame = self._photographer.take(self._mounting.seat(moment.pose), self._mounting.camera, cars, self._rng)
        said = self._model.look(frame, moment.command).steering
        self.glimpses.append(Glimpse(frame, moment.command, said, moment.label.steering))
        return said


def blind_driver(name: str, line: RouteLine) -> Steer:
    """The driver of this name, one of `BLIND_DRIVERS`, for a route."""
    if name == EXPERT:
        return lambda moment: moment.label.steering
    constant = 0.0 if name == STRAIGHT else mean_steering(line)
    return _constant(constant)


def _constant(steering: float) -> Callable[[Moment], float]:
    def steer(moment: Moment) -> float:  # noqa: ARG001  # it looks at nothing
        return steering

    return steer


def mean_steering(line: RouteLine) -> float:
    """The steering that a route asks for on average: more than anyone who always steers the same could know."""
    turned_rad = sum(float(s.curve.headings_rad[-1] - s.curve.headings_rad[0]) for s in line.segments)
    return steering_from_curvature(turned_rad / line.length_m)


def driver_named(name: str) -> Driver:
    """The driver that a name stands for: one who sees nothing, a variant's shipped model, or a `.tflite` file.

    Raises:
        ValueError: if there is none such; says what there is.
    """
    if name in BLIND_DRIVERS:
        return name
    path = shipped_model(VARIANTS[name]) if name in VARIANTS else Path(name)
    if path.suffix != ".tflite":
        known = ", ".join([*BLIND_DRIVERS, *VARIANTS])
        raise ValueError(f"there is no driver {name!r}; give one of {known}, or a .tflite file")
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file; train it with `pixelopolis train lane` or give another")
    return path


def fingerprint(driver: Driver) -> str:
    """What tells this driver from all others: its name, or the checksum of its file and of the sidecar beside it."""
    if isinstance(driver, str):
        return driver
    checksum = hashlib.sha256(driver.read_bytes())
    checksum.update(driver.with_suffix(".json").read_bytes())
    return f"sha256:{checksum.hexdigest()}"
