"""The pictures in which a detector does worst, with what is there and what it found."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.evaluation.pairing import Pair

KEPT = 12
COLUMNS = 3
SCALE = 2
RIGHT, MISSED, WRONG = (60, 160, 60), (0, 140, 255), (40, 40, 220)  # BGR


@dataclass
class WorstPictures:
    """Keeps the pictures with the most mistakes, the first of equal ones."""

    kept: int = KEPT
    _heap: list[tuple[int, int, NDArray[np.uint8], Sequence[Pair]]] = field(default_factory=list)
    _seen: int = 0

    def add(self, image: NDArray[np.uint8], paired: Sequence[Pair]) -> None:
        """Take in a picture, BGR."""
        mistakes = sum(not pair.is_right for pair in paired)
        self._seen += 1
        if mistakes:
            keep = heapq.heappush if len(self._heap) < self.kept else heapq.heappushpop
            keep(self._heap, (mistakes, -self._seen, image, paired))

    def draw(self, path: Path) -> bool:
        """Write them as one PNG, the worst first; returns whether there were any."""
        worst = sorted(self._heap, key=lambda entry: entry[:2], reverse=True)
        if not worst:
            return False
        tiles = [drawn(image, paired) for _, _, image, paired in worst]
        tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
        rows = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.vstack(rows))
        return True


def drawn(image: NDArray[np.uint8], paired: Sequence[Pair]) -> NDArray[np.uint8]:
    """A BGR picture, enlarged, with what was found and what was missed."""
    tile = np.asarray(cv2.resize(image, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_LINEAR), np.uint8)
    for pair in paired:
        if pair.found is not None:
            box = pair.found.box
            corners = box.left_px, box.top_px, box.right_px, box.bottom_px
            _box(tile, corners, f"{pair.found.label} {pair.found.score:.2f}", RIGHT if pair.is_right else WRONG)
        elif pair.truth is not None:
            truth = pair.truth
            _box(tile, (truth.x_min, truth.y_min, truth.x_max, truth.y_max), f"missed {truth.label}", MISSED)
    return tile


def _box(
    tile: NDArray[np.uint8], corners: tuple[float, float, float, float], text: str, colour: tuple[int, int, int]
) -> None:
    left, top, right, bottom = (round(SCALE * value) for value in corners)
    cv2.rectangle(tile, (left, top), (right, bottom), colour, 1)
    cv2.putText(tile, text, (left, max(10, top - 3)), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
