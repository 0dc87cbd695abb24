"""From the four outputs of a detection model to what was seen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from car.perception.seen import Box


@dataclass(frozen=True, slots=True)
class RawDetections:
    """What `TFLite_Detection_PostProcess` gives for one picture."""

    boxes: NDArray[Any]  # (n, 4) top, left, bottom, right as fractions of what the model saw
    classes: NDArray[Any]  # (n,)
    scores: NDArray[Any]  # (n,)
    count: float  # of the n entries that mean anything

    def usable(self, score_threshold: float) -> list[int]:
        """Entries before the count that are certain enough and have no value that is infinite or not a number."""
        if not math.isfinite(self.count):
            return []
        end = max(0, min(int(self.count), len(self.boxes), len(self.classes), len(self.scores)))
        scores = self.scores[:end]
        good = np.isfinite(scores) & np.isfinite(self.classes[:end]) & np.isfinite(self.boxes[:end]).all(axis=1)
        return [int(k) for k in np.flatnonzero(good & (scores >= score_threshold))]


@dataclass(frozen=True, slots=True)
class SeenPart:
    """The part of a camera picture that a model saw: whole rows of it."""

    width_px: int
    first_row: int
    end_row: int

    def box(self, edges: NDArray[Any]) -> Box | None:
        """A box (4,) top, left, bottom, right in fractions, clipped, in pixels; None if nothing of it is left."""
        top, left, bottom, right = (min(1.0, max(0.0, float(edge))) for edge in edges)
        height_px = self.end_row - self.first_row
        box = Box(
            left * self.width_px,
            self.first_row + top * height_px,
            right * self.width_px,
            self.first_row + bottom * height_px,
        )
        return box if box.right_px > box.left_px and box.bottom_px > box.top_px else None
