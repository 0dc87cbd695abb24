"""The lines that cars drove, over the map, and all of them on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.files import load_city
from models.lane.evaluation.episodes import EpisodeResult

SCALE_PX_PER_M = 260.0
BORDER_M = 0.15
THUMBNAIL_PX = 260
CAPTION_PX = 38
COLUMNS = 5
_GROUND, _ROAD, _CENTRE = (214, 226, 232), (250, 250, 250), (205, 205, 205)  # blue green red
_DRIVEN, _LEFT_ROAD, _INK = (60, 140, 30), (40, 40, 230), (20, 20, 20)

Picture = NDArray[np.uint8]


def draw_drives(results: Sequence[EpisodeResult], folder: Path) -> list[Path]:
    """Write a PNG for each drive into `folder`, and `overview.png` with all of them.

    The driven line is green; a red ring is where the car was lost.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths, thumbnails = [], []
    for result in results:
        pixels = driven_map(result)
        paths.append(folder / f"{result.episode.file_stem(result.why)}.png")
        cv2.imwrite(str(paths[-1]), pixels)
        thumbnails.append(_thumbnail(pixels, result))
    if thumbnails:
        paths.append(folder / "overview.png")
        cv2.imwrite(str(paths[-1]), _sheet(thumbnails))
    return paths


def driven_map(result: EpisodeResult) -> Picture:
    """The map of a drive's city with the driven line on it."""
    picture = _Map(load_city(result.episode.city))
    picture.line(result.path_m, _DRIVEN, 4)
    if result.lost and len(result.path_m):
        picture.ring(result.path_m[-1])
    return picture.pixels


def _thumbnail(pixels: Picture, result: EpisodeResult) -> Picture:
    """A square with a caption, red for a drive that was lost."""
    scale = THUMBNAIL_PX / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    tile: Picture = np.full((THUMBNAIL_PX + CAPTION_PX, THUMBNAIL_PX, 3), _GROUND, np.uint8)
    height, width = small.shape[:2]
    tile[CAPTION_PX : CAPTION_PX + height, :width] = small[:THUMBNAIL_PX]
    episode, colour = result.episode, _LEFT_ROAD if result.lost else _INK
    lines = (f"{episode.index} {episode.condition.name}, {result.why} {result.seconds:.1f} s", Path(episode.city).name)
    for k, text in enumerate(lines):
        cv2.putText(tile, text, (4, 14 + 17 * k), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
    return tile


def _sheet(tiles: Sequence[Picture]) -> Picture:
    columns = min(COLUMNS, len(tiles))
    blank = np.broadcast_to(np.array(_GROUND, np.uint8), tiles[0].shape)
    filled = [*tiles, *[blank] * (-len(tiles) % columns)]
    rows = [np.hstack(filled[k : k + columns]) for k in range(0, len(filled), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


class _Map:
    def __init__(self, city: City) -> None:
        x_min, y_min, x_max, y_max = city.bounds_m
        self._left_m, self._top_m = x_min - BORDER_M, y_max + BORDER_M
        height = round((y_max - y_min + 2 * BORDER_M) * SCALE_PX_PER_M)
        width = round((x_max - x_min + 2 * BORDER_M) * SCALE_PX_PER_M)
        self.pixels: Picture = np.full((height, width, 3), _GROUND, np.uint8)
        curves = [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]
        for curve in curves:
            self.line(curve.points_m, _ROAD, round(city.lane_width_m * SCALE_PX_PER_M))
        for curve in curves:
            self.line(curve.points_m, _CENTRE, 1)

    def line(self, points_m: NDArray[np.floating], colour: tuple[int, int, int], width_px: int) -> None:
        cv2.polylines(self.pixels, [self._pixels_of(points_m)], False, colour, width_px, cv2.LINE_AA)

    def ring(self, point_m: NDArray[np.floating]) -> None:
        centre = self._pixels_of(point_m[None])[0]
        cv2.circle(self.pixels, (int(centre[0]), int(centre[1])), 20, _LEFT_ROAD, 4, cv2.LINE_AA)

    def _pixels_of(self, points_m: NDArray[np.floating]) -> NDArray[np.int32]:
        offset = np.asarray(points_m) - (self._left_m, self._top_m)
        return np.round(offset * (SCALE_PX_PER_M, -SCALE_PX_PER_M)).astype(np.int32)
