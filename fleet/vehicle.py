"""Dimensions of a car and its camera: the one place where both the real and the simulated car read them."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VehicleGeometry:
    """A differential-drive car. Its pose is the midpoint of the drive axle, heading forward."""

    length_m: float = 0.18
    width_m: float = 0.15
    height_m: float = 0.14
    front_overhang_m: float = 0.12  # axle to front bumper
    rear_overhang_m: float = 0.06  # axle to rear bumper
    track_m: float = 0.125  # between the wheels' centres; the original's app used 0.12518
    wheel_radius_m: float = 0.0315
    wheel_width_m: float = 0.02


@dataclass(frozen=True, slots=True)
class CameraGeometry:
    """A pinhole camera fixed to the car, looking forward and slightly down."""

    width_px: int = 320
    height_px: int = 240
    horizontal_fov_rad: float = math.pi / 2
    forward_m: float = 0.08  # ahead of the drive axle
    height_m: float = 0.12  # above the road
    pitch_rad: float = math.radians(15.0)  # downwards positive
    roll_rad: float = 0.0

    @property
    def focal_px(self) -> float:
        """Focal length in pixels, equal in x and y."""
        return self.width_px / 2 / math.tan(self.horizontal_fov_rad / 2)


DEFAULT_VEHICLE = VehicleGeometry()
DEFAULT_CAMERA = CameraGeometry()
