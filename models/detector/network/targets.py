"""What the network should say about labelled pictures, anchor by anchor. Pure numpy, so that many processes can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from car.perception.detector import crop_rows
from models.common.workers.base import Workers
from models.detector.network.anchors import AnchorLayout, FloatArray, areas, make_anchors, shared_areas, to_corners
from models.detector.network.matching import BACKGROUND, IGNORED, Targets, match
from models.detector.pictures.boxes import DataSetError, LabelledBox, within_rows
from models.detector.pictures.labels import CROP, LABELS
from models.detector.pictures.voc import LabelledImage

IGNORED_COVER = 0.5  # an anchor with this much of itself in a difficult box is not asked
CHUNK = 250  # pictures a process takes at a time


@dataclass(frozen=True, slots=True)
class CompactTargets:
    """Targets of one picture without the codes of the many anchors that have no object."""

    labels: NDArray[np.int8]  # (N,)
    codes: FloatArray  # (P, 4), of those whose label is a class, in their order

    @classmethod
    def of(cls, targets: Targets) -> CompactTargets:
        """Drop what is zero."""
        return cls(targets.labels, targets.codes[targets.labels > BACKGROUND])

    def dense(self) -> FloatArray:
        """(N, 5): codes, then the label, as the loss wants them."""
        wanted = np.zeros((len(self.labels), 5), np.float32)
        wanted[self.labels > BACKGROUND, :4] = self.codes
        wanted[:, 4] = self.labels
        return wanted


@dataclass(frozen=True, slots=True)
class _Chunk:
    first: int
    examples: Sequence[LabelledImage]
    layout: AnchorLayout
    labels: Sequence[str]


def all_targets(
    examples: Sequence[LabelledImage], layout: AnchorLayout, labels: Sequence[str], workers: Workers
) -> list[CompactTargets]:
    """What the anchors should say about each picture.

    Raises:
        DataSetError: if a box has a class that the detector does not have.
    """
    chunks = [_Chunk(k, examples[k : k + CHUNK], layout, labels) for k in range(0, len(examples), CHUNK)]
    parts = dict(workers.each(_targets_of_chunk, chunks))  # they come as they are done
    return [targets for first in sorted(parts) for targets in parts[first]]


def _targets_of_chunk(chunk: _Chunk) -> tuple[int, list[CompactTargets]]:
    anchors = make_anchors(chunk.layout)
    return chunk.first, [CompactTargets.of(image_targets(example, anchors, chunk.labels)) for example in chunk.examples]


def image_targets(example: LabelledImage, anchors: FloatArray, labels: Sequence[str] = LABELS) -> Targets:
    """What the anchors should say about one picture's crop; classes are numbered as in `labels`.

    Raises:
        DataSetError: if a box has a class that the detector does not have.
    """
    top, bottom = crop_rows(example.height_px, CROP)
    boxes = within_rows(example.boxes, top, bottom)
    for box in boxes:
        if box.label not in labels:
            raise DataSetError(f"{example.path}: unknown class {box.label!r}; known are {', '.join(labels)}")
    wanted = [box for box in boxes if not box.difficult]
    classes = np.array([labels.index(box.label) for box in wanted], np.int64)
    seen = (top, bottom, example.width_px)
    targets = match(anchors, _corners(wanted, seen), classes)
    difficult = _corners([box for box in boxes if box.difficult], seen)
    unasked = _covered(anchors, difficult) & (targets.labels == BACKGROUND)
    targets.labels[unasked] = IGNORED
    return targets


def _corners(boxes: Sequence[LabelledBox], seen: tuple[int, int, int]) -> FloatArray:
    """Normalised corners within (first row, row past the last, width)."""
    top, bottom, width = seen
    pixels = [[box.y_min - top, box.x_min, box.y_max - top, box.x_max] for box in boxes]
    scale = np.array([bottom - top, width] * 2, np.float32)
    return np.asarray(np.array(pixels, np.float32).reshape(-1, 4) / scale, np.float32)


def _covered(anchors: FloatArray, boxes: FloatArray) -> NDArray[np.bool_]:
    """(N,) whether an anchor lies mostly in a box, or a box's middle is that of the anchor and it is larger."""
    if len(boxes) == 0:
        return np.zeros(len(anchors), np.bool_)
    corners = to_corners(anchors)
    shared = shared_areas(corners, boxes)
    anchor_areas, box_areas = areas(corners)[:, None], areas(boxes)[None, :]
    inside = shared >= IGNORED_COVER * np.minimum(anchor_areas, box_areas)
    alike = np.maximum(anchor_areas, box_areas) <= 6.0 * np.minimum(anchor_areas, box_areas)
    covered: NDArray[np.bool_] = np.any(inside & alike, axis=1)
    return covered
