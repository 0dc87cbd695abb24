"""What a detector was sure of in a picture, paired with what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from car.perception.seen import Detection
from models.detector.network.anchors import overlaps
from models.detector.pictures.boxes import LabelledBox

SAME_IOU = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """An object and what it was taken for; either may lack: nothing was found there, or nothing is there."""

    truth: LabelledBox | None
    found: Detection | None

    @property
    def is_right(self) -> bool:
        """Whether the object was found by its own name."""
        return self.truth is not None and self.found is not None and self.truth.label == self.found.label


def pairs(truth: Sequence[LabelledBox], found: Sequence[Detection], score: float) -> list[Pair]:
    """Pair each detection of `score` or more with the object that it overlaps most, the surest first.

    Names do not matter for that. Difficult objects, and what was found of them, are left out.
    """
    sure = sorted((each for each in found if each.score >= score), key=lambda each: -each.score)
    free = set(range(len(truth)))
    iou = overlaps(
        np.array([[t.y_min, t.x_min, t.y_max, t.x_max] for t in truth], np.float32).reshape(-1, 4),
        np.array([[d.box.top_px, d.box.left_px, d.box.bottom_px, d.box.right_px] for d in sure], np.float32).reshape(
            -1, 4
        ),
    )
    paired = []
    for k, each in enumerate(sure):
        best = max(free, key=iou[:, k].__getitem__, default=None)
        if best is None or iou[best, k] < SAME_IOU:
            paired.append(Pair(None, each))
            continue
        free.discard(best)
        if not truth[best].difficult:
            paired.append(Pair(truth[best], each))
    return paired + [Pair(truth[t], None) for t in sorted(free) if not truth[t].difficult]
