"""The SSD's loss: focal loss on classes and Huber loss on boxes, each per matched anchor."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from models.common.untyped import Tensor
from models.detector.matching import BACKGROUND

ALPHA = 0.25
GAMMA = 2.0
HUBER_DELTA = 1.0


class DetectionLoss(keras.losses.Loss):  # type: ignore[misc]  # keras is untyped
    """Sum of both parts, each summed over anchors and divided by the number of positive anchors in the batch.

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
        return box_loss(y_true, y_pred) + class_loss(y_true, y_pred, self.class_count)


def positives(y_true: Tensor) -> Tensor:
    """(B, N) 1.0 where an anchor belongs to an object."""
    return ops.cast(y_true[..., 4] > BACKGROUND + 0.5, "float32")


def box_loss(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Huber loss of the box codes of positive anchors."""
    positive = positives(y_true)
    error = ops.abs(y_true[..., :4] - y_pred[..., :4])
    huber = ops.where(error <= HUBER_DELTA, 0.5 * ops.square(error), HUBER_DELTA * (error - 0.5 * HUBER_DELTA))
    return ops.sum(ops.sum(huber, axis=-1) * positive) / ops.maximum(1.0, ops.sum(positive))


def class_loss(y_true: Tensor, y_pred: Tensor, class_count: int) -> Tensor:
    """Sigmoid focal loss of all anchors but the ignored ones."""
    labels, logits = y_true[..., 4], y_pred[..., 4:]
    wanted = ops.one_hot(ops.cast(ops.maximum(labels, -1.0), "int32"), class_count)  # -1 gives zeros
    counted = ops.cast(labels > BACKGROUND - 0.5, "float32")
    entropy = ops.binary_crossentropy(wanted, logits, from_logits=True)
    probability = ops.sigmoid(logits)
    missed = wanted * (1.0 - probability) + (1.0 - wanted) * probability
    weight = wanted * ALPHA + (1.0 - wanted) * (1.0 - ALPHA)
    focal = ops.sum(weight * ops.power(missed, GAMMA) * entropy, axis=-1) * counted
    return ops.sum(focal) / ops.maximum(1.0, ops.sum(positives(y_true)))
