"""How a camera sits on its car: from one picture of a board that lies on the floor before it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from car.calibration.chessboard import CalibrationError, Chessboard, FloatArray
from car.calibration.lens import Lens

WORST_ERROR_PX = 1.5


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a camera is, from the middle of the drive axle on the road, and where it looks."""

    forward_m: float
    left_m: float
    height_m: float
    pitch_rad: float  # downwards positive
    roll_rad: float  # clockwise, as one looks forward, positive
    yaw_rad: float  # left positive
    error_px: float


def mount_of(board: Chessboard, view: FloatArray, lens: Lens, ahead_m: float) -> Mount:
    """The mount of a camera that sees a board on the floor so.

    Args:
        board: it lies flat, its rows across the car, its middle straight ahead.
        view: (n, 2) its corners in the picture, the far end first, as `Chessboard.find` gives them.
        lens: of the camera.
        ahead_m: from the drive axle to the nearest row of inner corners.

    Raises:
        CalibrationError: if the view makes no sense.
    """
    found, rotation, translation = cv2.solvePnP(
        _on_the_floor(board, ahead_m), view, lens.matrix, lens.distortion, flags=cv2.SOLVEPNP_IPPE
    )
    if not found:
        raise CalibrationError("the picture of the floor makes no sense: is the board whole in it, flat on the floor?")
    error_px = _error_px(board, view, lens, ahead_m, rotation, translation)
    to_camera, _ = cv2.Rodrigues(rotation)
    place = (-to_camera.T @ translation).ravel()
    looks, right = to_camera[2], to_camera[0]
    if error_px > WORST_ERROR_PX or place[2] <= 0:
        raise CalibrationError(
            f"the picture of the floor does not fit (off by {error_px:.1f} pixels): lay the board flat, its short "
            "or long side square to the car, and check --board, --square-mm and --ahead-mm"
        )
    return Mount(
        forward_m=float(place[0]),
        left_m=float(place[1]),
        height_m=float(place[2]),
        pitch_rad=-math.asin(max(-1.0, min(1.0, float(looks[2])))),
        roll_rad=-math.asin(max(-1.0, min(1.0, float(right[2])))),
        yaw_rad=math.atan2(float(looks[1]), float(looks[0])),
        error_px=error_px,
    )


def _on_the_floor(board: Chessboard, ahead_m: float) -> FloatArray:
    """(n, 3) corners in the car's own frame, x ahead, y left, z up, in the order of `Chessboard.points_m`."""
    across, down = board.points_m.T
    far_m = ahead_m + (board.rows - 1) * board.square_m
    half_m = (board.columns - 1) * board.square_m / 2
    return np.column_stack([far_m - down, half_m - across, np.zeros(len(across))])


def _error_px(
    board: Chessboard, view: FloatArray, lens: Lens, ahead_m: float, rotation: FloatArray, translation: FloatArray
) -> float:
    again, _ = cv2.projectPoints(_on_the_floor(board, ahead_m), rotation, translation, lens.matrix, lens.distortion)
    return float(np.sqrt(np.mean(np.sum((again.reshape(-1, 2) - view) ** 2, axis=1))))
