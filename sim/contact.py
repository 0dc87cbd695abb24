"""Contact between bodies: how deep two cars overlap, and counting each touch once."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry

Pair = frozenset[str]  # names of the two bodies

RELEASE_GAP_M = 0.005  # bodies nearer than this are still in the touch that was already counted
STEP_REACH_M = 0.05  # farther than two cars come nearer to each other in one step


def near_ones(poses: Mapping[str, Pose], vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> dict[str, list[str]]:
    """For each car the others that it may touch in the next step: those whose axles are within two cars' lengths."""
    names = list(poses)
    points_m = np.array([(pose.x_m, pose.y_m) for pose in poses.values()]).reshape(-1, 2)
    apart_m = np.abs(points_m[:, None] - points_m[None]).max(axis=2)
    longest_m = math.hypot(max(vehicle.front_overhang_m, vehicle.rear_overhang_m), vehicle.width_m / 2)
    near: dict[str, list[str]] = {name: [] for name in names}
    for one, other in np.argwhere(apart_m < 2 * longest_m + STEP_REACH_M).tolist():
        if one != other:
            near[names[one]].append(names[other])
    return near


def overlap_m(a: Pose, b: Pose, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> float:
    """How deep two cars overlap; negative: a lower bound of the gap between them, and far off a rough one."""
    dx_m, dy_m = _between_middles_m(a, b, vehicle)
    distance_m = math.hypot(dx_m, dy_m)
    reach_m = math.hypot(vehicle.length_m / 2, vehicle.width_m / 2)
    if distance_m > 2 * reach_m:
        return 2 * reach_m - distance_m
    return _least_overlap_m(a, b, dx_m, dy_m, vehicle)


def gap_m(a: Pose, b: Pose, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> float:
    """How far apart two cars are, where a side of one faces the other; less than that corner to corner, never more."""
    return max(0.0, -_least_overlap_m(a, b, *_between_middles_m(a, b, vehicle), vehicle))


def _between_middles_m(a: Pose, b: Pose, vehicle: VehicleGeometry) -> tuple[float, float]:
    middle_m = (vehicle.front_overhang_m - vehicle.rear_overhang_m) / 2
    dx_m = b.x_m - a.x_m + middle_m * (math.cos(b.heading_rad) - math.cos(a.heading_rad))
    dy_m = b.y_m - a.y_m + middle_m * (math.sin(b.heading_rad) - math.sin(a.heading_rad))
    return dx_m, dy_m


def _least_overlap_m(a: Pose, b: Pose, dx_m: float, dy_m: float, vehicle: VehicleGeometry) -> float:
    """The separating axis theorem on the two oriented rectangles: the least overlap over their four axes."""
    half_length_m, half_width_m = vehicle.length_m / 2, vehicle.width_m / 2
    a_x, a_y = math.cos(a.heading_rad), math.sin(a.heading_rad)
    b_x, b_y = math.cos(b.heading_rad), math.sin(b.heading_rad)
    along, across = abs(a_x * b_x + a_y * b_y), abs(a_x * b_y - a_y * b_x)
    lengthwise_m = half_length_m + half_length_m * along + half_width_m * across
    sideways_m = half_width_m + half_width_m * along + half_length_m * across
    return min(
        lengthwise_m - abs(dx_m * a_x + dy_m * a_y),
        sideways_m - abs(dy_m * a_x - dx_m * a_y),
        lengthwise_m - abs(dx_m * b_x + dy_m * b_y),
        sideways_m - abs(dy_m * b_x - dx_m * b_y),
    )


class ContactCounter:
    """Counts touches of pairs: one for each time that a pair begins to touch."""

    def __init__(self) -> None:
        self.total = 0
        self._touching: set[Pair] = set()

    def touch(self, pair: Pair) -> bool:
        """Note that `pair` touches now; true when this is a new touch, which is then counted."""
        if pair in self._touching:
            return False
        self._touching.add(pair)
        self.total += 1
        return True

    def release(self, pair: Pair) -> None:
        """Note that `pair` is apart."""
        self._touching.discard(pair)

    def forget(self, name: str) -> None:
        """Note that a body is gone."""
        self._touching = {pair for pair in self._touching if name not in pair}

    def is_touching(self, pair: Pair) -> bool:
        """Whether `pair` touched last and has not come apart."""
        return pair in self._touching

    @property
    def touching(self) -> frozenset[Pair]:
        """The pairs that touch now."""
        return frozenset(self._touching)

    def reset(self) -> None:
        """Forget the count; touches that last are not counted again."""
        self.total = 0
