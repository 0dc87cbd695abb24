"""Labelled boxes, and what becomes of them when a frame is cropped to what the detector sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

MIN_CROPPED_PX = 4


class DataSetError(ValueError):
    """A data set that cannot be used; names the file and what to do."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """An object in a picture. Pixels count from 0, the maxima are one past the last pixel.

    `truncated`: the picture's border cuts it. `difficult`: too small, hidden or oblique to demand that it is
    found, so that training and evaluation neither reward nor punish finding it. `occluded`: something hides a part.
    """

    label: str
    x_min: int
    y_min: int
    x_max: int
    y_max: int
    truncated: bool = False
    difficult: bool = False
    occluded: bool = False

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.x_max - self.x_min

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.y_max - self.y_min


def within_rows(boxes: Iterable[LabelledBox], top: int, bottom: int) -> tuple[LabelledBox, ...]:
    """What rows [top, bottom) of a picture show of its boxes; one that keeps under half its height is difficult."""
    kept = []
    for box in boxes:
        y_min, y_max = max(box.y_min, top), min(box.y_max, bottom)
        if y_max - y_min < MIN_CROPPED_PX:
            continue
        cut = y_max - y_min < box.height
        difficult = box.difficult or (y_max - y_min) * 2 < box.height
        kept.append(replace(box, y_min=y_min, y_max=y_max, truncated=box.truncated or cut, difficult=difficult))
    return tuple(kept)
