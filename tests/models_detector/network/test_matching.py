from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from models.detector.network.anchors import AnchorLayout, FloatArray, decode, make_anchors, overlaps, to_corners
from models.detector.network.matching import BACKGROUND, BACKGROUND_IOU, IGNORED, POSITIVE_IOU, match
from tests.models_detector.network.test_anchors import boxes

ANCHORS = make_anchors(AnchorLayout())


def test_without_objects_all_is_background() -> None:
    targets = match(ANCHORS, np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    assert (targets.labels == BACKGROUND).all()
    assert (targets.codes == 0).all()


@given(boxes())
def test_every_object_has_an_anchor_whose_code_decodes_to_it(found: FloatArray) -> None:
    classes = np.arange(len(found))
    targets = match(ANCHORS, found, classes)
    for label, box in zip(classes, found, strict=True):
        own = targets.labels == label
        assert own.any()
        assert decode(targets.codes[own], ANCHORS[own]) == pytest.approx(np.repeat([box], own.sum(), axis=0), abs=1e-4)


@given(boxes())
def test_labels_follow_the_overlap(found: FloatArray) -> None:
    targets = match(ANCHORS, found, np.arange(len(found)))
    best = overlaps(to_corners(ANCHORS), found).max(axis=1)
    assert (targets.labels[best >= POSITIVE_IOU] >= 0).all()
    assert (best[targets.labels == IGNORED] >= BACKGROUND_IOU).all()
    assert (best[targets.labels == BACKGROUND] < BACKGROUND_IOU).all()
    assert (targets.codes[targets.labels < 0] == 0).all()


def test_two_objects_in_one_place_both_keep_an_anchor() -> None:
    same = np.array([[0.4, 0.4, 0.5, 0.46]] * 2, np.float32)
    targets = match(ANCHORS, same, np.array([3, 7]))
    assert {3, 7} <= set(targets.labels.tolist())
