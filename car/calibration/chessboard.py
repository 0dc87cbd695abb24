"""A printed chessboard: where its inner corners are, on paper and in a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from car.camera.frame import Picture

FloatArray = NDArray[np.float64]
ENLARGED = 2  # so often, before corners are looked for in small pictures
ENLARGED_BELOW_PX = 640


class CalibrationError(ValueError):
    """Pictures from which nothing can be told; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Chessboard:
    """A board by its inner corners, where four squares meet."""

    columns: int
    rows: int
    square_m: float

    @classmethod
    def parse(cls, size: str, square_m: float) -> Chessboard:
        """From words such as "8x5": inner corners across and down.

        Raises:
            CalibrationError: if `size` is no such words, or the board looks the same when it is turned.
        """
        match = re.fullmatch(r"(\d+)x(\d+)", size)
        columns, rows = (int(match[1]), int(match[2])) if match else (0, 0)
        if not (3 <= columns <= 20 and 3 <= rows <= 20):
            raise CalibrationError(f"board {size!r}: give inner corners across and down, 3 to 20 of each, as in 8x5")
        if columns % 2 == rows % 2:
            raise CalibrationError(f"board {size}: one of the numbers must be odd and one even, to tell its ends apart")
        return cls(columns, rows, square_m)

    @property
    def points_m(self) -> FloatArray:
        """(n, 2) inner corners on the paper, row by row; x across and y down, from the first corner."""
        across, down = np.meshgrid(np.arange(self.columns), np.arange(self.rows))
        return np.asarray(np.column_stack([across.ravel(), down.ravel()]) * self.square_m, np.float64)

    def find(self, picture_bgr: Picture) -> FloatArray | None:
        """(n, 2) inner corners in a picture, in pixels and in the order of `points_m`; None if the board is not seen.

        Of the board's two ends the one that is lower in the picture comes last.
        """
        grey = cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2GRAY)
        scale = 1 if grey.shape[1] >= ENLARGED_BELOW_PX else ENLARGED
        large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        size = self.columns, self.rows
        found, corners = cv2.findChessboardCornersSB(large, size, flags=cv2.CALIB_CB_ACCURACY)
        if not found:
            return None
        # Pixel k covers [k, k + 1) before and after: their middles are half a pixel in.
        points = (corners.reshape(-1, 2).astype(np.float64) + 0.5) / scale - 0.5
        grid = points.reshape(self.rows, self.columns, 2)
        if grid[0, :, 1].mean() > grid[-1, :, 1].mean():
            grid = grid[::-1, ::-1]
        return np.asarray(grid.reshape(-1, 2))
