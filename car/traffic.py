"""The car ahead: is it in my way, and how near."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from car.perception.sighting import CarSighting
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry

CORRIDOR_HALF_M = 0.09  # my half width and 1.5 cm: any part of a car within this of my path is in my way
SLOW_GAP_M = 0.30
STOP_GAP_M = 0.12
GO_GAP_M = 0.16
GO_AFTER_S = 0.6
REMEMBERED = 5  # inferences; three of them must agree


@dataclass(frozen=True, slots=True)
class Traffic:
    """Gaps to the car ahead in the newest pictures, and whether it makes me stand."""

    gaps_m: tuple[float, ...] = (math.inf,) * REMEMBERED
    blocked: bool = False
    free_since_s: float | None = None

    @property
    def gap_m(self) -> float:
        """Front bumper to its nearest side: the median, so that three of five inferences must have seen it."""
        return sorted(self.gaps_m)[REMEMBERED // 2]

    def speed_factor(self) -> float:
        """By how much to slow down: 1 is not at all, 0 is to stand."""
        if self.blocked:
            return 0.0
        return max(0.0, min(1.0, (self.gap_m - STOP_GAP_M) / (SLOW_GAP_M - STOP_GAP_M)))

    def look(
        self,
        cars: Sequence[CarSighting],
        curvature_per_m: float,
        now_s: float,
        vehicle: VehicleGeometry = DEFAULT_VEHICLE,
    ) -> Traffic:
        """Take in the cars of one more picture, for a car that drives a curve of `curvature_per_m`."""
        gap_m = min((gap_on_path(car, curvature_per_m, vehicle) for car in cars), default=math.inf)
        seen = replace(self, gaps_m=(*self.gaps_m[1:], gap_m))
        if seen.gap_m < STOP_GAP_M:
            return replace(seen, blocked=True, free_since_s=None)
        if not seen.blocked:
            return seen
        if seen.gap_m < GO_GAP_M:
            return replace(seen, free_since_s=None)
        free_since_s = now_s if seen.free_since_s is None else seen.free_since_s
        return replace(seen, blocked=now_s - free_since_s < GO_AFTER_S, free_since_s=free_since_s)


def gap_on_path(car: CarSighting, curvature_per_m: float, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> float:
    """Distance along the driven arc from my front bumper to a car's nearest side; infinite if it is beside the arc."""
    sides = [_along_arc(car.x_m, y_m, curvature_per_m) for y_m in (car.right_m, car.left_m)]
    laterals_m = [lateral_m for _, lateral_m in sides]
    if min(laterals_m) > CORRIDOR_HALF_M or max(laterals_m) < -CORRIDOR_HALF_M:
        return math.inf
    return max(0.0, min(along_m for along_m, _ in sides) - vehicle.front_overhang_m)


def _along_arc(x_m: float, y_m: float, curvature_per_m: float) -> tuple[float, float]:
    """Distance along the arc that starts in the axle, and offset to its left, of a point in the vehicle frame."""
    if abs(curvature_per_m) < 1e-3:
        return x_m, y_m
    radius_m = 1 / curvature_per_m
    side = math.copysign(1.0, radius_m)
    angle_rad = math.atan2(side * x_m, side * (radius_m - y_m))
    return abs(radius_m) * abs(angle_rad), side * (abs(radius_m) - math.hypot(x_m, radius_m - y_m))
