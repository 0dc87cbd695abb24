from __future__ import annotations

import math

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from models.detector.network.anchors import decode, encode, overlaps
from models.detector.network.loss import DetectionLoss, box_loss, class_loss, overlap_loss
from models.detector.network.matching import BACKGROUND, IGNORED

CLASSES = 3


def wanted(labels: list[int], codes: list[float] | None = None) -> NDArray[np.float32]:
    rows = [[*(codes or [0.0] * 4), label] for label in labels]
    return np.array([rows], np.float32)


def said(logits: list[list[float]], codes: list[float] | None = None) -> NDArray[np.float32]:
    return np.array([[[*(codes or [0.0] * 4), *row] for row in logits]], np.float32)


def test_a_certain_and_right_answer_costs_almost_nothing() -> None:
    loss = DetectionLoss(CLASSES)(wanted([1, BACKGROUND]), said([[-9, 9, -9], [-9, -9, -9]]))
    assert float(loss) == pytest.approx(0.0, abs=1e-5)


def test_focal_loss_of_one_anchor_by_hand() -> None:
    # Logit 0 is probability 0.5 for each class: alpha (1 - p)^2 log 2, with 0.25 for the right one and 0.75 else.
    loss = class_loss(wanted([0]), said([[0, 0, 0]]), CLASSES)
    assert float(loss) == pytest.approx((0.25 + 2 * 0.75) * 0.25 * math.log(2), rel=1e-5)


def test_ignored_anchors_count_for_nothing() -> None:
    asked = class_loss(wanted([0, BACKGROUND]), said([[2, -3, -3], [5, 5, 5]]), CLASSES)
    ignored = class_loss(wanted([0, IGNORED]), said([[2, -3, -3], [5, 5, 5]]), CLASSES)
    alone = class_loss(wanted([0]), said([[2, -3, -3]]), CLASSES)
    assert float(ignored) == pytest.approx(float(alone), rel=1e-5)
    assert float(asked) > 10 * float(ignored)


def test_box_loss_is_quadratic_near_and_linear_far_and_only_for_positives() -> None:
    near = box_loss(wanted([0]), said([[0, 0, 0]], [0.5, 0, 0, 0]))
    far = box_loss(wanted([0]), said([[0, 0, 0]], [3.0, 0, 0, 0]))
    none = box_loss(wanted([BACKGROUND]), said([[0, 0, 0]], [3.0, 0, 0, 0]))
    assert [float(near), float(far), float(none)] == pytest.approx([0.125, 2.5, 0.0])


def test_overlap_loss_is_one_minus_the_overlap_of_boxes_that_touch() -> None:
    anchor = np.array([[0.5, 0.4, 0.2, 0.1]], np.float32)
    truth = np.array([[0.42, 0.35, 0.61, 0.46]], np.float32)
    given = np.array([[0.42, 0.35, 0.58, 0.46]], np.float32)  # shorter, so that the hull is the union
    pair = [encode(corners, anchor)[0].tolist() for corners in (truth, given)]
    loss = overlap_loss(wanted([0], pair[0]), said([[0, 0, 0]], pair[1]))
    assert float(loss) == pytest.approx(1 - overlaps(truth, given)[0, 0], abs=1e-4)
    assert decode(np.array(pair[1:], np.float32), anchor) == pytest.approx(given, abs=1e-5)


def test_overlap_loss_grows_the_farther_boxes_are_apart_and_only_for_positives() -> None:
    losses = [float(overlap_loss(wanted([0]), said([[0, 0, 0]], [away, 0, 0, 0]))) for away in (0, 5, 20, 80)]
    assert losses[0] == pytest.approx(0.0, abs=1e-5)
    assert losses == sorted(losses)
    assert losses[-1] > 1.5
    assert float(overlap_loss(wanted([BACKGROUND]), said([[0, 0, 0]], [9, 0, 0, 0]))) == 0.0


def test_overlap_loss_of_an_untrained_networks_box_is_finite() -> None:
    assert math.isfinite(float(overlap_loss(wanted([0]), said([[0, 0, 0]], [0, 0, 900, -900]))))


def test_the_loss_is_per_positive_anchor() -> None:
    one = DetectionLoss(CLASSES)(wanted([0]), said([[0, 0, 0]], [1, 0, 0, 0]))
    two = DetectionLoss(CLASSES)(wanted([0, 0]), said([[0, 0, 0]] * 2, [1, 0, 0, 0]))
    assert float(one) == pytest.approx(float(two), rel=1e-5)


def test_a_picture_without_objects_still_teaches_background() -> None:
    assert float(DetectionLoss(CLASSES)(wanted([BACKGROUND]), said([[3, -9, -9]]))) > 1.0


def test_the_loss_survives_saving() -> None:
    again = keras.losses.deserialize(
        keras.losses.serialize(DetectionLoss(CLASSES)), custom_objects={"DetectionLoss": DetectionLoss}
    )
    assert again.class_count == CLASSES
