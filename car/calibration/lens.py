"""How a lens sees: its field of view, and how far it is from a pinhole's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from car.calibration.chessboard import CalibrationError, Chessboard, FloatArray

LEAST_VIEWS = 6
WORST_ERROR_PX = 1.0  # root mean square; more means that something moved or was not flat
PINHOLE = (  # what the car's own camera model has: one focal length, its middle in the picture's, bent evenly
    cv2.CALIB_FIX_PRINCIPAL_POINT
    | cv2.CALIB_FIX_ASPECT_RATIO
    | cv2.CALIB_ZERO_TANGENT_DIST
    | cv2.CALIB_FIX_K2
    | cv2.CALIB_FIX_K3
)


@dataclass(frozen=True, slots=True)
class Lens:
    """A pinhole in the middle of the picture, and how much the real lens bends."""

    width_px: int
    height_px: int
    focal_px: float
    bend: float  # radial coefficient k1 of Brown's model
    error_px: float  # root mean square of what is left

    @property
    def horizontal_fov_rad(self) -> float:
        """Angle between the left and the right border."""
        return 2 * math.atan(self.width_px / 2 / self.focal_px)

    @property
    def corner_shift_px(self) -> float:
        """How far the bend moves a corner of the picture."""
        reach = math.hypot(self.width_px, self.height_px) / 2 / self.focal_px
        return abs(self.bend) * reach**3 * self.focal_px

    @property
    def matrix(self) -> FloatArray:
        """The camera matrix, (3, 3)."""
        middle = (self.width_px - 1) / 2, (self.height_px - 1) / 2
        return np.array([[self.focal_px, 0, middle[0]], [0, self.focal_px, middle[1]], [0, 0, 1]])

    @property
    def distortion(self) -> FloatArray:
        """As OpenCV wants it, (4,)."""
        return np.array([self.bend, 0.0, 0.0, 0.0])


def lens_of(board: Chessboard, views: Sequence[FloatArray], width_px: int, height_px: int) -> Lens:
    """The lens that took these views of a board (Zhang 2000, by OpenCV).

    Raises:
        CalibrationError: if there are too few views, or they do not fit one lens.
    """
    if len(views) < LEAST_VIEWS:
        raise CalibrationError(
            f"the board is seen in {len(views)} pictures, and {LEAST_VIEWS} are needed: hold it still, whole in the "
            "picture, near and far, and tilted to all sides"
        )
    flat = np.column_stack([board.points_m, np.zeros(len(board.points_m))]).astype(np.float32)
    guess = np.array([[width_px, 0, (width_px - 1) / 2], [0, width_px, (height_px - 1) / 2], [0, 0, 1]], np.float64)
    error_px, matrix, bends, _, _ = cv2.calibrateCamera(
        [flat] * len(views),
        [view.astype(np.float32)[:, None] for view in views],
        (width_px, height_px),
        guess,
        np.zeros(5),
        flags=PINHOLE | cv2.CALIB_USE_INTRINSIC_GUESS,
    )
    if error_px > WORST_ERROR_PX:
        raise CalibrationError(
            f"the pictures do not fit one lens (off by {error_px:.1f} pixels): is the print flat on something stiff, "
            "and are --board and --square-mm right?"
        )
    return Lens(width_px, height_px, float(matrix[0, 0]), float(bends.ravel()[0]), float(error_px))
