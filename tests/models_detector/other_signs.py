"""Photos of signs that the catalogue does not have, made without the renderer: flat drawings before flat clutter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.models_detector.labelimg_by_hand import Drawn, annotation, encoded

WIDTH_PX, HEIGHT_PX = 320, 240
BOARD_PX = 200
Picture = NDArray[np.uint8]
Board = tuple[Picture, Picture]  # BGR and mask


def _ferry() -> Board:
    board, mask = np.zeros((BOARD_PX, BOARD_PX, 3), np.uint8), np.zeros((BOARD_PX, BOARD_PX), np.uint8)
    cv2.circle(mask, (100, 100), 98, 255, -1)
    cv2.circle(board, (100, 100), 98, (150, 90, 10), -1)
    cv2.fillPoly(board, [np.array([[35, 110], [165, 110], [140, 150], [60, 150]])], (240, 240, 240))
    cv2.rectangle(board, (75, 70), (125, 108), (240, 240, 240), -1)
    cv2.rectangle(board, (110, 40), (122, 70), (60, 60, 220), -1)
    return board, mask


def _tram() -> Board:
    board, mask = np.zeros((BOARD_PX, BOARD_PX, 3), np.uint8), np.zeros((BOARD_PX, BOARD_PX), np.uint8)
    diamond = np.array([[100, 2], [198, 100], [100, 198], [2, 100]])
    cv2.fillPoly(mask, [diamond], 255)
    cv2.fillPoly(board, [diamond], (40, 210, 240))
    cv2.polylines(board, [diamond], True, (20, 20, 20), 10)
    cv2.rectangle(board, (92, 60), (108, 150), (20, 20, 20), -1)
    cv2.rectangle(board, (60, 55), (140, 72), (20, 20, 20), -1)
    return board, mask


def _bakery() -> Board:
    board, mask = (
        np.full((BOARD_PX, BOARD_PX, 3), (200, 225, 245), np.uint8),
        np.full((BOARD_PX, BOARD_PX), 255, np.uint8),
    )
    cv2.rectangle(board, (4, 4), (195, 195), (30, 60, 110), 8)
    for middle, radius in (((70, 85), 34), ((130, 85), 34), ((100, 130), 40)):
        cv2.circle(board, middle, radius, (40, 90, 170), 13)
    return board, mask


NEW_SIGNS: dict[str, Callable[[], Board]] = {"Ferry": _ferry, "Tram": _tram, "Bakery": _bakery}


def other_photo(rng: np.random.Generator) -> tuple[Picture, list[Drawn]]:
    """A BGR photo with one to three of the new signs, and their boxes."""
    photo = _clutter(rng)
    drawn: list[Drawn] = []
    for name in rng.choice(list(NEW_SIGNS), int(rng.integers(1, 4)), replace=False).tolist():
        side_px = float(np.exp(rng.uniform(np.log(18), np.log(70))))
        x, y = float(rng.uniform(4, WIDTH_PX - side_px - 4)), float(rng.uniform(10, 150 - side_px / 2))
        y = max(4.0, min(y, 0.8 * HEIGHT_PX - side_px - 4))
        if any(abs(x - other.xmin) < side_px + 45 for other in drawn):
            continue
        drawn.append(_put(photo, name, x, y, side_px, rng))
    light = rng.uniform(0.55, 1.25) * rng.uniform(0.9, 1.1, 3)
    noisy = photo * light + rng.normal(0, rng.uniform(1, 6), photo.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), drawn


def _clutter(rng: np.random.Generator) -> Picture:
    coarse = rng.integers(40, 220, (5, 7, 3), dtype=np.uint8)
    photo = np.asarray(cv2.resize(coarse, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(int(rng.integers(6, 16))):
        corners = rng.integers(0, [WIDTH_PX, HEIGHT_PX], (int(rng.integers(3, 6)), 2)) // 2
        corners += rng.integers(0, [WIDTH_PX // 2, HEIGHT_PX // 2])
        cv2.fillPoly(photo, [cv2.convexHull(corners.astype(np.int32))], rng.integers(0, 256, 3).tolist())
    return photo


def _put(photo: Picture, name: str, x: float, y: float, side_px: float, rng: np.random.Generator) -> Drawn:
    """Draw a sign, seen a little askew; returns its box as somebody would draw it."""
    board, mask = NEW_SIGNS[name]()
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    squeeze = float(rng.uniform(0.65, 1.0))
    target = corners * [side_px * squeeze, side_px] + [x, y] + rng.uniform(-0.06, 0.06, (4, 2)) * side_px
    warp = cv2.getPerspectiveTransform(corners * np.float32(BOARD_PX), target.astype(np.float32))
    size = (WIDTH_PX, HEIGHT_PX)
    seen = cv2.warpPerspective(board, warp, size, flags=cv2.INTER_AREA).astype(np.float32)
    share = cv2.GaussianBlur(cv2.warpPerspective(mask, warp, size), (3, 3), 0).astype(np.float32)[..., None] / 255
    photo[:] = (photo * (1 - share) + seen * share).astype(np.uint8)
    rows, columns = np.flatnonzero((share[..., 0] > 0.5).any(axis=1)), np.flatnonzero((share[..., 0] > 0.5).any(axis=0))
    first, last = (int(columns[0]), int(rows[0])), (int(columns[-1]), int(rows[-1]))
    return Drawn(name, first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1)  # VOC counts from 1


def write_photos(folder: Path, count: int, seed: int) -> None:
    """Photos with their labels beside them, as labelImg leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for number in range(count):
        photo, drawn = other_photo(rng)
        name = f"photo-{number:03d}.jpg"
        (folder / name).write_bytes(encoded(photo))
        text = annotation(name, (WIDTH_PX, HEIGHT_PX), drawn)
        (folder / name).with_suffix(".xml").write_bytes(text.encode("utf-8"))
