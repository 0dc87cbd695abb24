"""Where a camera stands and how it projects: a pinhole without distortion.

World frame: x right, y up on the map, z up from the road, metres. Image frame: u to the right, v down, the centre of
the top left pixel at (0.5, 0.5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from city.geometry import Pose
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

NEAR_M = 0.015
FAR_M = 60.0


@dataclass(frozen=True, slots=True)
class Pose3:
    """A camera in space. Pitch is downwards positive; roll turns the camera clockwise as seen from behind it."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    pitch_rad: float = 0.0
    roll_rad: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraView:
    """One picture to render.

    Attributes:
        pose: where the camera is.
        horizontal_fov_rad: angle between the left and the right border of the picture.
        hide_car: id of a car that is not drawn, usually the one that carries this camera.
    """

    pose: Pose3
    horizontal_fov_rad: float = DEFAULT_CAMERA.horizontal_fov_rad
    hide_car: str | None = None

    @classmethod
    def on_car(cls, car: Pose, camera: CameraGeometry = DEFAULT_CAMERA, hide_car: str | None = None) -> CameraView:
        """What a car at `car` (midpoint of its drive axle) sees."""
        pose = Pose3(
            car.x_m + camera.forward_m * math.cos(car.heading_rad),
            car.y_m + camera.forward_m * math.sin(car.heading_rad),
            camera.height_m,
            car.heading_rad,
            camera.pitch_rad,
            camera.roll_rad,
        )
        return cls(pose, camera.horizontal_fov_rad, hide_car)

    @classmethod
    def looking_at(
        cls,
        eye: tuple[float, float, float],
        target: tuple[float, float, float],
        horizontal_fov_rad: float = math.radians(50.0),
    ) -> CameraView:
        """A free camera at `eye` that looks at `target`, both (x, y, z) in metres."""
        dx, dy, dz = (t - e for t, e in zip(target, eye, strict=True))
        pitch_rad = math.atan2(-dz, math.hypot(dx, dy))
        return cls(Pose3(*eye, math.atan2(dy, dx), pitch_rad), horizontal_fov_rad)


def camera_axes(pose: Pose3) -> NDArray[np.float64]:
    """(3, 3): the camera's right, down and forward directions in the world, one per row."""
    cos_yaw, sin_yaw = math.cos(pose.yaw_rad), math.sin(pose.yaw_rad)
    cos_pitch, sin_pitch = math.cos(pose.pitch_rad), math.sin(pose.pitch_rad)
    cos_roll, sin_roll = math.cos(pose.roll_rad), math.sin(pose.roll_rad)
    forward = np.array([cos_yaw * cos_pitch, sin_yaw * cos_pitch, -sin_pitch])
    level_right = np.array([sin_yaw, -cos_yaw, 0.0])
    level_down = np.cross(forward, level_right)
    right = cos_roll * level_right + sin_roll * level_down
    down = -sin_roll * level_right + cos_roll * level_down
    return np.stack([right, down, forward])


def project_points(
    view: CameraView, points_m: NDArray[np.float64], width_px: int, height_px: int
) -> NDArray[np.float64]:
    """Image positions (N, 2) of world points (N, 3); NaN for points behind the camera."""
    eye = np.array([view.pose.x_m, view.pose.y_m, view.pose.z_m])
    seen = (np.asarray(points_m, np.float64) - eye) @ camera_axes(view.pose).T
    depth = np.where(seen[:, 2] > NEAR_M, seen[:, 2], np.nan)
    focal_px = width_px / 2 / math.tan(view.horizontal_fov_rad / 2)
    return np.stack(
        [width_px / 2 + focal_px * seen[:, 0] / depth, height_px / 2 + focal_px * seen[:, 1] / depth], axis=1
    )


def clip_matrix(view: CameraView, width_px: int, height_px: int) -> NDArray[np.float32]:
    """(4, 4) world to clip space. Row 0 of the framebuffer becomes the top row of the picture."""
    axes = camera_axes(view.pose)
    eye = np.array([view.pose.x_m, view.pose.y_m, view.pose.z_m])
    to_camera = np.eye(4)
    to_camera[:3, :3] = axes
    to_camera[:3, 3] = -axes @ eye
    scale_x = 1.0 / math.tan(view.horizontal_fov_rad / 2)
    scale_y = scale_x * width_px / height_px
    span = FAR_M - NEAR_M
    # The camera looks along its own +z and its y points down, so that clip y grows with the picture's rows.
    projection = np.array(
        [
            [scale_x, 0.0, 0.0, 0.0],
            [0.0, scale_y, 0.0, 0.0],
            [0.0, 0.0, (FAR_M + NEAR_M) / span, -2 * FAR_M * NEAR_M / span],
            [0.0, 0.0, 1.0, 0.0],
        ]
    )
    return (projection @ to_camera).astype(np.float32)
