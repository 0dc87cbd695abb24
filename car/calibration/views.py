"""Choosing, of all that a camera sees, views of the board that differ from each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from car.calibration.chessboard import Chessboard, FloatArray
from car.camera.frame import Picture

MOVED_SHARE = 0.03  # of the picture's width: a view that differs less from another tells nothing new
STILL_SHARE = 0.006  # a board that moves more from one picture to the next is blurred


@dataclass
class Views:
    """Views that were kept."""

    board: Chessboard
    kept: list[FloatArray] = field(default_factory=list)
    _last: FloatArray | None = None

    def take(self, picture: Picture, *, must_be_still: bool = True) -> bool:
        """Keep what a picture shows if it is a new view; returns whether it was kept."""
        found = self.board.find(picture)
        last, self._last = self._last, found
        if found is None:
            return False
        width_px = picture.shape[1]
        if must_be_still and (last is None or _moved(found, last) > STILL_SHARE * width_px):
            return False
        if any(_moved(found, other) < MOVED_SHARE * width_px for other in self.kept):
            return False
        self.kept.append(found)
        return True


def _moved(one: FloatArray, other: FloatArray) -> float:
    return float(np.linalg.norm(one - other, axis=1).mean())


def collect_views(board: Chessboard, pictures: Iterable[Picture], wanted: int) -> Iterator[FloatArray]:
    """Views from a running camera, as they come, until there are enough."""
    views = Views(board)
    for picture in pictures:
        if views.take(picture):
            yield views.kept[-1]
        if len(views.kept) >= wanted:
            return
