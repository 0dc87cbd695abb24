"""The car ahead: is it in my way, how near, and how fast does it drive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from car.perception.sighting import CarSighting
from car.piloting.near_car import JUMP_M, NearCar, still_near
from car.piloting.path import Path
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry

CORRIDOR_HALF_M = 0.09  # my half width and 1.5 cm: any part of a car within this of my path is in my way
STOP_GAP_M = 0.12
HEADWAY_S = 0.8  # behind a car that drives, the gap that is kept grows with the speed by so much
CLOSING_S = 0.6  # in which what the gap is too wide or too narrow is made up for
GO_GAP_M = 0.16
GO_AFTER_S = 0.6
REMEMBERED = 5  # inferences; three of them must agree
FOLLOWED_S = 1.2  # how long a car ahead is remembered, to tell its speed
FOLLOWED_LEAST = 6  # sightings, over half of that time, before its speed is told
FASTEST_MPS = 0.3
NEAR_GAP_M = 0.25  # whatever the map says, a car so near where the wheels lead is in the way


@dataclass(frozen=True, slots=True)
class Traffic:
    """Gaps to the car ahead in the newest pictures, and whether it makes me stand."""

    gaps_m: tuple[float, ...] = (math.inf,) * REMEMBERED
    followed: tuple[tuple[float, float], ...] = ()  # when the car ahead was how far along on my own odometer
    blocked: bool = False
    free_since_s: float | None = None
    near: NearCar | None = None

    @property
    def gap_m(self) -> float:
        """Front bumper to its nearest side, or to that of a car right ahead which is not seen for a moment."""
        return self.seen_gap_m if self.near is None else min(self.seen_gap_m, self.near.gap_m)

    @property
    def seen_gap_m(self) -> float:
        """Front bumper to what is seen: the median, so that three of five inferences must have seen it."""
        return sorted(self.gaps_m)[REMEMBERED // 2]

    @property
    def ahead_mps(self) -> float:
        """How fast the car ahead drives; 0 as long as nobody knows, so that it is taken to stand."""
        if len(self.followed) < FOLLOWED_LEAST or self.followed[-1][0] - self.followed[0][0] < FOLLOWED_S / 2:
            return 0.0
        times_s, places_m = np.array(self.followed).T
        return float(np.clip(np.polyfit(times_s - times_s[0], places_m, 1)[0], 0.0, FASTEST_MPS))

    @property
    def limit_mps(self) -> float:
        """How fast to drive behind the car ahead; infinite if there is none.

        Constant time headway: the speed at which the gap comes to STOP_GAP_M + HEADWAY_S * speed with the time constant
        CLOSING_S (Rajamani 2012, "Vehicle Dynamics and Control", chapter 6).
        """
        if self.blocked:
            return 0.0
        if math.isinf(self.gap_m):
            return math.inf
        wanted_mps = self.ahead_mps + (self.gap_m - STOP_GAP_M) / CLOSING_S
        return max(0.0, wanted_mps / (1 + HEADWAY_S / CLOSING_S))

    def look(
        self,
        cars: Sequence[CarSighting],
        paths: Sequence[Path],
        now_s: float,
        vehicle: VehicleGeometry = DEFAULT_VEHICLE,
        travelled_m: float | None = None,
    ) -> Traffic:
        """Take in the cars of one more picture.

        Args:
            cars: all that are seen.
            paths: where I may be about to drive, the likeliest first; on the others only near cars count.
            now_s: when.
            vehicle: what I am.
            travelled_m: my own odometer; without it the speed of the car ahead is not known.
        """
        gap_m = min((gap_ahead(car, paths, vehicle) for car in cars), default=math.inf)
        seen = replace(self, gaps_m=(*self.gaps_m[1:], gap_m), followed=self._followed(gap_m, now_s, travelled_m))
        if travelled_m is not None:
            seen = replace(seen, near=still_near(self.near, seen.seen_gap_m, gap_m, now_s, travelled_m))
        if seen.gap_m < STOP_GAP_M:
            return replace(seen, blocked=True, free_since_s=None)
        if not seen.blocked:
            return seen
        if seen.gap_m < GO_GAP_M:
            return replace(seen, free_since_s=None)
        free_since_s = now_s if seen.free_since_s is None else seen.free_since_s
        return replace(seen, blocked=now_s - free_since_s < GO_AFTER_S, free_since_s=free_since_s)

    def _followed(self, gap_m: float, now_s: float, travelled_m: float | None) -> tuple[tuple[float, float], ...]:
        kept = tuple(place for place in self.followed if now_s - place[0] <= FOLLOWED_S)
        if travelled_m is None or math.isinf(gap_m):
            return kept
        place_m = travelled_m + gap_m
        # A jump is another car, or the same one seen otherwise.
        if kept and abs(place_m - kept[-1][1]) > JUMP_M:
            kept = ()
        return (*kept, (now_s, place_m))


def gap_ahead(car: CarSighting, paths: Sequence[Path], vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> float:
    """Distance to a car on the likeliest path, or on another if it is near there; infinite if it is on none."""
    first, *others = (gap_on_path(car, path, vehicle) for path in paths)
    return min([first, *(gap_m for gap_m in others if gap_m < NEAR_GAP_M)])


def gap_on_path(car: CarSighting, path: Path, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> float:
    """Distance along a path from my front bumper to a car's nearest side; infinite if it is beside the path.

    Behind what is seen of a car is as much of it as it is wide, however it is turned. In a bend that is what stands on
    the path: the side that is seen is still beside it.
    """
    depths_m = (car.x_m, car.x_m + vehicle.width_m)
    corners = [path.locate(x_m, y_m) for x_m in depths_m for y_m in (car.right_m, car.left_m)]
    laterals_m = [lateral_m for _, lateral_m in corners]
    if min(laterals_m) > CORRIDOR_HALF_M or max(laterals_m) < -CORRIDOR_HALF_M:
        return math.inf
    return max(0.0, min(along_m for along_m, _ in corners) - vehicle.front_overhang_m)
