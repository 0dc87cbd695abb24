"""What should be seen from where: signs of the city in the camera's eyes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from car.perception.sighting import SignSighting
from city.city import City, Sign
from city.geometry import Pose, wrap_angle
from fleet.vehicle import CameraGeometry

MIN_RANGE_M = 0.25  # nearer than this a sign is never whole in the picture
MAX_RANGE_M = 1.3  # farther, its height is too few pixels to measure
MUST_SEE_RANGE_M = (0.45, 0.9)  # here a sign that is in view is hard to miss
MUST_SEE_BEARING_RAD = 0.6
FACING_LIMIT_RAD = math.radians(70.0)  # a board seen more obliquely than this is not recognised


@dataclass(frozen=True, slots=True)
class Expectation:
    """How a sign looks from a pose."""

    range_m: float
    bearing_rad: float
    facing_rad: float  # angle between where the board looks and where the camera is

    @property
    def must_be_seen(self) -> bool:
        """Whether a working detector cannot miss it, unless something stands before it."""
        near_m, far_m = MUST_SEE_RANGE_M
        return (
            near_m <= self.range_m <= far_m
            and abs(self.bearing_rad) <= MUST_SEE_BEARING_RAD
            and abs(self.facing_rad) <= FACING_LIMIT_RAD
        )


def expect(sign: Sign, pose: Pose, camera: CameraGeometry) -> Expectation:
    """How `sign` looks from a car at `pose`."""
    dx_m = sign.pose.x_m - pose.x_m - camera.forward_m * math.cos(pose.heading_rad)
    dy_m = sign.pose.y_m - pose.y_m - camera.forward_m * math.sin(pose.heading_rad)
    direction_rad = math.atan2(dy_m, dx_m)
    return Expectation(
        math.hypot(dx_m, dy_m),
        wrap_angle(direction_rad - pose.heading_rad),
        wrap_angle(direction_rad + math.pi - sign.pose.heading_rad),
    )


def signs_by_kind(city: City) -> Mapping[str, tuple[Sign, ...]]:
    """The city's signs of each kind."""
    found: dict[str, list[Sign]] = {}
    for sign in city.signs:
        found.setdefault(sign.kind, []).append(sign)
    return {kind: tuple(signs) for kind, signs in found.items()}


def usable(sighting: SignSighting) -> bool:
    """Whether a sighting is near enough to measure by, and not too near."""
    return MIN_RANGE_M <= sighting.range_m <= MAX_RANGE_M
