"""Which anchor has to find which object. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detector.network.anchors import FloatArray, encode, overlaps, to_corners

BACKGROUND = -1
IGNORED = -2
POSITIVE_IOU = 0.5
BACKGROUND_IOU = 0.4


@dataclass(frozen=True, slots=True)
class Targets:
    """What each anchor should say: a class index, BACKGROUND or IGNORED, and the code of its box (else zeros)."""

    labels: NDArray[np.int8]  # (N,)
    codes: FloatArray  # (N, 4)


def match(anchors: FloatArray, boxes: FloatArray, classes: NDArray[np.integer]) -> Targets:
    """Assign objects to anchors.

    An anchor that overlaps an object by POSITIVE_IOU or more belongs to the one it overlaps most; between
    BACKGROUND_IOU and that it counts for nothing. The best anchor of every object always belongs to it, so
    that no object is lost, however odd its shape.

    Args:
        anchors: (N, 4) centres, N at least the number of objects.
        boxes: (M, 4) corners; M may be 0.
        classes: (M,) class indices from 0.
    """
    labels = np.full(len(anchors), BACKGROUND, np.int8)
    codes = np.zeros((len(anchors), 4), np.float32)
    if len(boxes) == 0:
        return Targets(labels, codes)
    iou = overlaps(to_corners(anchors), boxes)
    owner = iou.argmax(axis=1)
    best = iou.max(axis=1)
    labels[best >= BACKGROUND_IOU] = IGNORED
    positive = best >= POSITIVE_IOU
    for anchor, box in _best_anchors(iou):
        owner[anchor], positive[anchor] = box, True
    labels[positive] = classes[owner[positive]]
    codes[positive] = encode(boxes[owner[positive]], anchors[positive])
    return Targets(labels, codes)


def _best_anchors(iou: FloatArray) -> list[tuple[int, int]]:
    """One anchor of its own for each object, taken greedily from the largest overlap down."""
    left = iou.copy()
    pairs = []
    for _ in range(iou.shape[1]):
        anchor, box = divmod(int(left.argmax()), iou.shape[1])
        pairs.append((anchor, box))
        left[anchor, :] = -1.0
        left[:, box] = -1.0
    return pairs
