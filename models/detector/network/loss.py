"""The SSD's loss: focal loss on classes, Huber loss and overlap on boxes, each per matched anchor."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from models.common.untyped import Tensor
from models.detector.network.anchors import CENTRE_SCALE, SIZE_SCALE
from models.detector.network.matching import BACKGROUND

ALPHA = 0.25
HUBER_DELTA = 1.0
OVERLAP_WEIGHT = 2.0  # a pixel more or less counts for more on a small box, which codes alone do not know
LARGEST_SIZE_CODE = 10.0  # e² times the anchor; beyond, an untrained network's boxes would overflow


class DetectionLoss(keras.losses.Loss):  # type: ignore[misc]  # keras is untyped
    """Sum of all parts, each summed over anchors and divided by the number of positive anchors in the batch.

    `y_true` is (B, N, 5): box codes, then the label of `matching.match`; `y_pred` is (B, N, 4 + classes).
    Focal loss: Lin et al. 2017, "Focal Loss for Dense Object Detection", alpha 0.25, gamma 2.
    """

    def __init__(self, class_count: int) -> None:
        super().__init__(name="detection_loss", reduction=None)
        self.class_count = class_count

    def get_config(self) -> dict[str, Any]:
        """What keras needs to build the loss again from a checkpoint."""
        return {"class_count": self.class_count}

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Scalar loss of a batch."""
        boxes = box_loss(y_true, y_pred) + OVERLAP_WEIGHT * overlap_loss(y_true, y_pred)
        return boxes + class_loss(y_true, y_pred, self.class_count)


def positives(y_true: Tensor) -> Tensor:
    """(B, N) whether an anchor belongs to an object."""
    return y_true[..., 4] > BACKGROUND + 0.5


def box_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Huber loss of the box codes of positive anchors."""
    error = ops.abs(y_true[..., :4] - y_pred[..., :4])
    huber = ops.where(error <= HUBER_DELTA, 0.5 * ops.square(error), HUBER_DELTA * (error - 0.5 * HUBER_DELTA))
    return _mean_of_positives(ops.sum(huber, axis=-1), y_true)


def overlap_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """One minus the generalised overlap of wanted and given boxes of positive anchors: 0 … 2.

    Both boxes have the same anchor, whose size cancels out. Rezatofighi et al. 2019, "Generalized Intersection over
    Union".
    """
    low, high = _corners(y_true[..., :4])
    other_low, other_high = _corners(y_pred[..., :4])
    shared = _area(ops.maximum(ops.minimum(high, other_high) - ops.maximum(low, other_low), 0.0))
    union = _area(high - low) + _area(other_high - other_low) - shared
    hull = _area(ops.maximum(high, other_high) - ops.minimum(low, other_low))
    generalised = shared / union - (hull - union) / hull
    return _mean_of_positives(1.0 - generalised, y_true)


def _mean_of_positives(per_anchor: Tensor, y_true: Tensor) -> Tensor:
    """Of (B, N), those of anchors that belong to an object; 0 if there are none."""
    positive = ops.cast(positives(y_true), "float32")
    return ops.sum(per_anchor * positive) / ops.maximum(1.0, ops.sum(positive))


def _area(sides: Tensor) -> Tensor:
    """(…) of (…, 2) sides."""
    return sides[..., 0] * sides[..., 1]


def _corners(codes: Tensor) -> tuple[Tensor, Tensor]:
    """Lower and upper corners (…, 2) of coded boxes, in sizes of their anchors."""
    middle = codes[..., :2] / CENTRE_SCALE
    half = ops.exp(ops.clip(codes[..., 2:], -LARGEST_SIZE_CODE, LARGEST_SIZE_CODE) / SIZE_SCALE) / 2
    return middle - half, middle + half


def class_loss(y_true: Tensor, y_pred: Tensor, class_count: int) -> Tensor:
    """Sigmoid focal loss of all anchors but the ignored ones."""
    labels, logits = y_true[..., 4], y_pred[..., 4:]
    wanted = ops.one_hot(ops.cast(ops.maximum(labels, -1.0), "int32"), class_count)  # -1 gives zeros
    counted = ops.cast(labels > BACKGROUND - 0.5, "float32")
    wrong = logits * (1.0 - 2.0 * wanted)  # the logit of the wrong answer, whichever that is
    weight = wanted * ALPHA + (1.0 - wanted) * (1.0 - ALPHA)
    # Gamma is 2, written as a square, which is cheaper than a power.
    focal = ops.sum(weight * ops.square(ops.sigmoid(wrong)) * ops.softplus(wrong), axis=-1) * counted
    return ops.sum(focal) / ops.maximum(1.0, ops.sum(ops.cast(positives(y_true), "float32")))
