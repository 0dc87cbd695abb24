"""The lines that cars drove, over the map."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.files import load_city
from models.lane.evaluate import EpisodeResult

SCALE_PX_PER_M = 260.0
BORDER_M = 0.15
_GROUND, _ROAD, _CENTRE = (214, 226, 232), (250, 250, 250), (205, 205, 205)
_DRIVEN, _LEFT_ROAD = (60, 140, 30), (40, 40, 230)  # blue green red


def draw_drives(results: Iterable[EpisodeResult], folder: Path) -> list[Path]:
    """Write a PNG for each drive into `folder`: the driven line in green, a ring in red where the car was lost."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for result in results:
        picture = _Map(load_city(result.episode.city))
        picture.line(result.path_m, _DRIVEN, 2)
        if result.why in ("departure", "wrong_turn") and len(result.path_m):
            picture.ring(result.path_m[-1])
        name = f"{result.episode.index:03d}-{result.episode.city.replace(':', '-')}-{result.why}.png"
        paths.append(folder / name)
        cv2.imwrite(str(paths[-1]), picture.pixels)
    return paths


class _Map:
    def __init__(self, city: City) -> None:
        x_min, y_min, x_max, y_max = city.bounds_m
        self._left_m, self._top_m = x_min - BORDER_M, y_max + BORDER_M
        height = round((y_max - y_min + 2 * BORDER_M) * SCALE_PX_PER_M)
        width = round((x_max - x_min + 2 * BORDER_M) * SCALE_PX_PER_M)
        self.pixels: NDArray[np.uint8] = np.full((height, width, 3), _GROUND, np.uint8)
        curves = [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]
        for curve in curves:
            self.line(curve.points_m, _ROAD, round(city.lane_width_m * SCALE_PX_PER_M))
        for curve in curves:
            self.line(curve.points_m, _CENTRE, 1)

    def line(self, points_m: NDArray[np.floating], colour: tuple[int, int, int], width_px: int) -> None:
        cv2.polylines(self.pixels, [self._pixels_of(points_m)], False, colour, width_px, cv2.LINE_AA)

    def ring(self, point_m: NDArray[np.floating]) -> None:
        centre = self._pixels_of(point_m[None])[0]
        cv2.circle(self.pixels, (int(centre[0]), int(centre[1])), 14, _LEFT_ROAD, 3, cv2.LINE_AA)

    def _pixels_of(self, points_m: NDArray[np.floating]) -> NDArray[np.int32]:
        offset = np.asarray(points_m) - (self._left_m, self._top_m)
        return np.round(offset * (SCALE_PX_PER_M, -SCALE_PX_PER_M)).astype(np.int32)
