"""The way that a car is about to drive, as it lies before the car; places are told along it and to its left.

Vehicle frame: origin at the middle of the drive axle, x ahead, y to the left, metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from car.localisation.correction import Stance, car_pose
from car.localisation.track import Track
from city.city import City

REACH_M, STEP_M = 1.4, 0.07
AHEAD_M = np.arange(0.0, REACH_M + STEP_M, STEP_M)
STRAIGHT_PER_M = 1e-3  # curvatures below this are none


class Path(Protocol):
    """Where a car is about to drive."""

    def locate(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Distance along the path from the axle, and offset to its left, of a point in the vehicle frame."""
        ...


@dataclass(frozen=True, slots=True)
class Arc:
    """As the wheels are set now: all that is known without a map."""

    curvature_per_m: float

    def locate(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Distance along the arc from the axle, and offset to its left."""
        if abs(self.curvature_per_m) < STRAIGHT_PER_M:
            return x_m, y_m
        radius_m = 1 / self.curvature_per_m
        side = math.copysign(1.0, radius_m)
        angle_rad = math.atan2(side * x_m, side * (radius_m - y_m))
        return abs(radius_m) * abs(angle_rad), side * (abs(radius_m) - math.hypot(x_m, radius_m - y_m))


class Line:
    """As the map has it; beyond its last point it goes straight on."""

    def __init__(self, points_m: NDArray[np.float64]) -> None:
        """Join points (n, 2), the first at the axle's height."""
        self.points_m = points_m
        self._starts = points_m[:-1]
        self._steps = points_m[1:] - points_m[:-1]
        self._lengths_m = np.hypot(self._steps[:, 0], self._steps[:, 1])

    def locate(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Distance along the line from its first point, and offset to its left, of the nearest point of the line."""
        lengths_m = self._lengths_m
        away = np.array([x_m, y_m]) - self._starts
        shares = np.maximum((away * self._steps).sum(axis=1) / lengths_m**2, 0.0)
        shares[:-1] = np.minimum(shares[:-1], 1.0)
        gaps = away - shares[:, None] * self._steps
        k = int((gaps * gaps).sum(axis=1).argmin())
        along_m = float(lengths_m[:k].sum() + shares[k] * lengths_m[k])
        direction = self._steps[k] / lengths_m[k]
        return along_m, float(direction[0] * away[k, 1] - direction[1] * away[k, 0])


def line_ahead(city: City, track: Track, stance: Stance) -> Line:
    """The lane's centre line before a car that is on `track` and stands in its lane as `stance` says."""
    here = car_pose(city, track, stance)
    cos, sin = math.cos(here.heading_rad), math.sin(here.heading_rad)
    shift = track.points_m(city, AHEAD_M) - (here.x_m, here.y_m)
    points = np.column_stack([cos * shift[:, 0] + sin * shift[:, 1], cos * shift[:, 1] - sin * shift[:, 0]])
    apart = np.abs(points[1:] - points[:-1]).max(axis=1) > STEP_M / 10  # where the known way ends, points repeat
    last = int(np.argmin(apart)) if not apart.all() else len(apart)
    if last == 0:  # the way ends here
        ahead = track.pose(city).heading_rad - here.heading_rad
        return Line(np.array([points[0], points[0] + [math.cos(ahead), math.sin(ahead)]]))
    return Line(points[: last + 1])
