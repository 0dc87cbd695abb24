"""The road surface as a grid of distances, for a fast answer to "how far inside the road is this point?"."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Curve

GRID_STEP_M = 0.005
BORDER_M = 0.35  # distances further outside the road than this are not told apart
CHUNK = 12  # curve samples that share one window of the grid

FloatArray = NDArray[np.float64]


class RoadMap:
    """The union of the corridors, one lane wide, around every edge and every way through a node."""

    def __init__(self, city: City) -> None:
        self._half_width_m = city.lane_width_m / 2
        x_min, y_min, x_max, y_max = city.bounds_m
        self._x_m, self._y_m = x_min - BORDER_M, y_min - BORDER_M
        columns = math.ceil((x_max - x_min + 2 * BORDER_M) / GRID_STEP_M) + 2
        rows = math.ceil((y_max - y_min + 2 * BORDER_M) / GRID_STEP_M) + 2
        reach_m = self._half_width_m + BORDER_M
        self._distance_m: NDArray[np.float32] = np.full((rows, columns), reach_m, np.float32)
        for curve in [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]:
            self._draw(curve, reach_m)

    def margin_m(self, x_m: float, y_m: float) -> float:
        """Distance from a point to the edge of the road: positive inside, at least -`BORDER_M` outside."""
        column, row = (x_m - self._x_m) / GRID_STEP_M, (y_m - self._y_m) / GRID_STEP_M
        k, j = math.floor(column), math.floor(row)
        if not (0 <= k < self._distance_m.shape[1] - 1 and 0 <= j < self._distance_m.shape[0] - 1):
            return -BORDER_M
        right, up = column - k, row - j
        grid = self._distance_m
        low = (1 - right) * grid.item(j, k) + right * grid.item(j, k + 1)
        high = (1 - right) * grid.item(j + 1, k) + right * grid.item(j + 1, k + 1)
        return self._half_width_m - ((1 - up) * low + up * high)

    def _draw(self, curve: Curve, reach_m: float) -> None:
        points = curve.points_m
        for start in range(0, len(points) - 1, CHUNK):
            self._draw_chunk(points[start : start + CHUNK + 1], reach_m)

    def _draw_chunk(self, points: FloatArray, reach_m: float) -> None:
        origin = np.array([self._x_m, self._y_m])
        low = np.maximum(np.floor((points.min(axis=0) - reach_m - origin) / GRID_STEP_M).astype(int), 0)
        high = np.ceil((points.max(axis=0) + reach_m - origin) / GRID_STEP_M).astype(int) + 1
        window = self._distance_m[low[1] : high[1], low[0] : high[0]]
        x = (self._x_m + GRID_STEP_M * (low[0] + np.arange(window.shape[1]))).astype(np.float32)
        y = (self._y_m + GRID_STEP_M * (low[1] + np.arange(window.shape[0]))).astype(np.float32)[:, None]
        squared = window * window
        for (ax, ay), (bx, by) in zip(points[:-1].tolist(), points[1:].tolist(), strict=True):
            length_m = math.hypot(bx - ax, by - ay)
            ux, uy = (bx - ax) / length_m, (by - ay) / length_m
            # Beyond either end of the piece, the distance along it that is too much; 0 beside it.
            along = np.abs((x - ax) * ux + (y - ay) * uy - length_m / 2) - length_m / 2
            beside = (y - ay) * ux - (x - ax) * uy
            np.minimum(squared, np.maximum(along, 0) ** 2 + beside**2, out=squared)
        np.minimum(window, np.sqrt(squared), out=window)


@lru_cache(maxsize=16)
def road_map(city: City) -> RoadMap:
    """The road map of a city, made once."""
    return RoadMap(city)
