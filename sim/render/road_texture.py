"""The road as a texture of masks, so that colours, wear and dirt can change without drawing it again.

Channels, each 0 to 255: red = left edge line, green = right edge line, blue = distance outside the road (255 =
`DISTANCE_RANGE_M` or more), alpha = stains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Curve
from sim.render.style import ROAD_VARIANTS

MARGIN_M = 0.5
DISTANCE_RANGE_M = 0.25
DEFAULT_PIXELS_PER_M = 600.0
SUBPIXEL_BITS = 4
SAMPLES_PER_PATCH = 4  # a patch is short enough to be convex, or nearly so, on the tightest bend


@dataclass(frozen=True, eq=False)
class RoadTexture:
    """Masks of a city's ground.

    Attributes:
        masks: (rows, columns, 4) uint8; row 0 is the southern border.
        bounds_m: (x_min, y_min, x_max, y_max) that the texture covers.
        pixels_per_m: resolution.
        line_width_m: width of the edge lines that are drawn in it.
        seed: of the stains.
    """

    masks: NDArray[np.uint8]
    bounds_m: tuple[float, float, float, float]
    pixels_per_m: float
    line_width_m: float
    seed: int


def ground_bounds(city: City) -> tuple[float, float, float, float]:
    """(x_min, y_min, x_max, y_max) of the ground that the texture covers."""
    x0, y0, x1, y1 = city.bounds_m
    return x0 - MARGIN_M, y0 - MARGIN_M, x1 + MARGIN_M, y1 + MARGIN_M


@lru_cache(maxsize=len(ROAD_VARIANTS))
def draw_road_texture(city: City, line_width_m: float = 0.02, seed: int = 0, *, max_px: int = 4096) -> RoadTexture:
    """Draw the masks of a city, at most `max_px` wide and high; the last few are kept."""
    x0, y0, x1, y1 = ground_bounds(city)
    pixels_per_m = min(DEFAULT_PIXELS_PER_M, (max_px - 1) / max(x1 - x0, y1 - y0))
    size = math.ceil((y1 - y0) * pixels_per_m), math.ceil((x1 - x0) * pixels_per_m)
    bounds = x0, y0, x0 + size[1] / pixels_per_m, y0 + size[0] / pixels_per_m
    canvas = _Canvas(size, (x0, y0), pixels_per_m)
    curves = [edge.curve for edge in city.edges.values()] + [way.curve for way in city.movements.values()]
    half_m = city.lane_width_m / 2
    inner_m = half_m - line_width_m
    left = canvas.strips(curves, inner_m, half_m)
    right = canvas.strips(curves, -half_m, -inner_m)
    # The inside of every corridor wipes out the lines of all others: lines stay on the rim of the whole road only.
    outside_lanes = cv2.bitwise_not(canvas.strips(curves, -inner_m, inner_m))
    left, right = cv2.min(left, outside_lanes), cv2.min(right, outside_lanes)
    off_road = cv2.min(cv2.min(cv2.bitwise_not(left), cv2.bitwise_not(right)), outside_lanes)
    masks = cv2.merge([left, right, _distance(off_road, pixels_per_m), _stains(size, seed)])
    return RoadTexture(masks, bounds, pixels_per_m, line_width_m, seed)


class _Canvas:
    """Draws strips beside curves into a mask."""

    def __init__(self, size: tuple[int, int], origin_m: tuple[float, float], pixels_per_m: float) -> None:
        self._size = size
        self._origin_m = np.array(origin_m)
        self._pixels_per_m = pixels_per_m

    def strips(self, curves: list[Curve], from_m: float, to_m: float) -> NDArray[np.uint8]:
        """A mask of everything between two lateral offsets of any of the curves."""
        mask = np.zeros(self._size, np.uint8)
        for curve in curves:
            low, high = self._pixels(curve.offset(from_m)), self._pixels(curve.offset(to_m))
            for k in range(0, len(low) - 1, SAMPLES_PER_PATCH):
                end = k + SAMPLES_PER_PATCH + 1
                patch = np.concatenate([low[k:end], high[k:end][::-1]])
                cv2.fillPoly(mask, [patch], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        return mask

    def _pixels(self, points_m: NDArray[np.float64]) -> NDArray[np.int32]:
        # OpenCV puts a pixel's centre on whole numbers, a texture on halves.
        pixels = (points_m - self._origin_m) * self._pixels_per_m - 0.5
        scaled: NDArray[np.int32] = np.round(pixels * 2**SUBPIXEL_BITS).astype(np.int32)
        return scaled


def _distance(off_road: NDArray[np.uint8], pixels_per_m: float) -> NDArray[np.uint8]:
    binary = (off_road > 127).astype(np.uint8)
    distance_px = cv2.distanceTransform(binary, cv2.DIST_L2, 5)
    scaled: NDArray[np.uint8] = cv2.convertScaleAbs(distance_px, alpha=255.0 / (DISTANCE_RANGE_M * pixels_per_m))
    return scaled


def _stains(size: tuple[int, int], seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    total = np.zeros((512, 512), np.float32)
    for cells, weight in ((6, 0.35), (24, 0.3), (96, 0.2), (512, 0.15)):
        noise = rng.random((cells, cells), np.float32)
        total += weight * cv2.resize(noise, (512, 512), interpolation=cv2.INTER_CUBIC)
    low, high = np.percentile(total, (1, 99))
    stains = np.clip((total - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    wide: NDArray[np.uint8] = cv2.resize(stains, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return wide
