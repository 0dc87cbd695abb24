"""Where signs and cars come to lie in a car's picture: boxes by the pinhole model of `sim.render.camera`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from car.perception.seen import Box
from city.city import Sign
from city.geometry import Pose
from city.sign_catalogue import picture_height_m
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry

NEAR_M = 0.03
WIDEST_SLOPE = 1.3  # of a ray in the picture's lower corner, left per ahead: the camera's 1.0 and its pitch
CAR_SIZE_M = 0.15
_REAR_M, _FRONT_M, _TOP_M = -DEFAULT_VEHICLE.rear_overhang_m, DEFAULT_VEHICLE.front_overhang_m, DEFAULT_VEHICLE.height_m
_HALF_M = DEFAULT_VEHICLE.width_m / 2
# x ahead, y to the left, z up of what sticks out of `sim.render.car_mesh`: wheels on the road, both ends, the roof.
CAR_POINTS_M = tuple(
    (x_m, side * half_m, z_m)
    for x_m, half_m, z_m in (
        (0.0, _HALF_M, 0.0),
        (0.08, _HALF_M, 0.0),
        (-DEFAULT_VEHICLE.wheel_radius_m, _HALF_M, DEFAULT_VEHICLE.wheel_radius_m),
        (0.08 + DEFAULT_VEHICLE.wheel_radius_m, _HALF_M, DEFAULT_VEHICLE.wheel_radius_m),
        (_REAR_M, 0.05, 0.6 * _TOP_M),
        (_FRONT_M, 0.05, 0.47 * _TOP_M),
        (-0.04, 0.044, _TOP_M),
        (0.03, 0.044, _TOP_M),
    )
    for side in (-1.0, 1.0)
)


@dataclass(frozen=True, slots=True)
class Outline:
    """A thing's whole box, over the picture's borders where it is cut off, and how far away the thing is."""

    name: str
    box: Box
    range_m: float


class View:
    """A car's camera at one moment."""

    def __init__(self, pose: Pose, camera: CameraGeometry = DEFAULT_CAMERA) -> None:
        self._cos, self._sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
        self._x_m = pose.x_m + camera.forward_m * self._cos
        self._y_m = pose.y_m + camera.forward_m * self._sin
        self._camera = camera
        self._focal_px = camera.focal_px
        self._cos_pitch, self._sin_pitch = math.cos(camera.pitch_rad), math.sin(camera.pitch_rad)

    def range_m(self, x_m: float, y_m: float) -> float:
        """From the camera to a point of the map."""
        return math.hypot(x_m - self._x_m, y_m - self._y_m)

    def ahead_m(self, x_m: float, y_m: float) -> float:
        """How far before the camera a point of the map is, along the car's heading."""
        return self._cos * (x_m - self._x_m) + self._sin * (y_m - self._y_m)

    def may_show(self, x_m: float, y_m: float, size_m: float) -> bool:
        """Whether any of a thing that reaches no farther than `size_m` from a point can be in the picture."""
        ahead_m = self.ahead_m(x_m, y_m)
        left_m = self._cos * (y_m - self._y_m) - self._sin * (x_m - self._x_m)
        return ahead_m > -size_m and abs(left_m) - size_m < WIDEST_SLOPE * (ahead_m + size_m)

    def sign(self, sign: Sign) -> Outline | None:
        """The box of a sign's picture on its board; None if it is not wholly before the camera."""
        if not self.may_show(sign.pose.x_m, sign.pose.y_m, sign.width_m):
            return None
        half_m = sign.width_m / 2
        across_x_m, across_y_m = -half_m * math.sin(sign.pose.heading_rad), half_m * math.cos(sign.pose.heading_rad)
        picture_m = picture_height_m(sign.kind, sign.height_m)
        low_m = sign.bottom_m + (sign.height_m - picture_m) / 2
        corners = [
            (sign.pose.x_m + side * across_x_m, sign.pose.y_m + side * across_y_m, low_m + up * picture_m)
            for side in (-1, 1)
            for up in (0, 1)
        ]
        box = self._box(corners)
        return None if box is None else Outline(sign.kind, box, self.range_m(sign.pose.x_m, sign.pose.y_m))

    def facing_rad(self, sign: Sign) -> float:
        """The angle between where a sign's face looks and the way to the camera."""
        to_camera_rad = math.atan2(self._y_m - sign.pose.y_m, self._x_m - sign.pose.x_m)
        return abs(math.remainder(to_camera_rad - sign.pose.heading_rad, 2 * math.pi))

    def car(self, name: str, pose: Pose) -> Outline | None:
        """The box of a car, of as much of it as is before the camera; None if nothing is."""
        if not self.may_show(pose.x_m, pose.y_m, CAR_SIZE_M):
            return None
        cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
        points = [
            (pose.x_m + cos * x_m - sin * y_m, pose.y_m + sin * x_m + cos * y_m, z_m) for x_m, y_m, z_m in CAR_POINTS_M
        ]
        box = self._box(point for point in points if self.ahead_m(point[0], point[1]) > NEAR_M)
        return None if box is None else Outline(name, box, self.range_m(pose.x_m, pose.y_m))

    def _box(self, points_m: Iterable[tuple[float, float, float]]) -> Box | None:
        columns, rows = [], []
        for point in points_m:
            seen = self._pixel(*point)
            if seen is None:
                return None
            columns.append(seen[0])
            rows.append(seen[1])
        return Box(min(columns), min(rows), max(columns), max(rows)) if columns else None

    def _pixel(self, x_m: float, y_m: float, z_m: float) -> tuple[float, float] | None:
        camera = self._camera
        ahead_m = self.ahead_m(x_m, y_m)
        left_m = self._cos * (y_m - self._y_m) - self._sin * (x_m - self._x_m)
        up_m = z_m - camera.height_m
        depth_m = ahead_m * self._cos_pitch - up_m * self._sin_pitch
        if depth_m < NEAR_M / 2:
            return None
        down_m = -ahead_m * self._sin_pitch - up_m * self._cos_pitch
        focal_px = self._focal_px
        return camera.width_px / 2 - focal_px * left_m / depth_m, camera.height_px / 2 + focal_px * down_m / depth_m
