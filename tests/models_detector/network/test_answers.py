"""What a network says about a picture, without a network."""

from __future__ import annotations

import numpy as np
import pytest

from car.perception.seen import Box
from models.detector.network.anchors import AnchorLayout, encode
from models.detector.network.answers import MAX_DETECTIONS, detections

LAYOUT, LABELS = AnchorLayout(height_px=100, width_px=200), ("Go", "Slow")
ANCHORS = np.array([[0.5, 0.5, 0.4, 0.4]], np.float32)  # centre y, x, height, width


def said(
    *answers: tuple[tuple[float, float, float, float], int, float],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A network's output for boxes (top, left, bottom, right in fractions), each with a class and a score."""
    boxes = np.array([box for box, _, _ in answers], np.float32)
    logits = np.full((len(answers), len(LABELS)), -9.0, np.float32)
    for row, (_, number, score) in enumerate(answers):
        logits[row, number] = np.log(score / (1 - score))
    codes = encode(boxes, np.repeat(ANCHORS, len(answers), axis=0))
    return np.concatenate([codes, logits], axis=1)[None].astype(np.float32)


def heard(raw: np.ndarray[tuple[int, ...], np.dtype[np.float32]], top_px: int = 0) -> list[tuple[str, float, Box]]:
    (found,) = detections(raw, np.repeat(ANCHORS, raw.shape[1], axis=0), LAYOUT, LABELS, top_px)
    return [(each.label, each.score, each.box) for each in found]


def test_boxes_are_pixels_of_the_whole_picture_best_first() -> None:
    (first, second) = heard(said(((0.1, 0.2, 0.3, 0.4), 0, 0.6), ((0.5, 0.5, 0.9, 0.8), 1, 0.9)), top_px=7)
    assert (first[0], second[0]) == ("Slow", "Go")
    assert [first[1], second[1]] == pytest.approx([0.9, 0.6], abs=1e-4)
    box = second[2]
    assert [box.left_px, box.top_px, box.right_px, box.bottom_px] == pytest.approx([40, 17, 80, 37], abs=0.01)


def test_of_two_boxes_of_a_class_for_one_thing_the_surer_is_kept() -> None:
    twice = ((0.1, 0.2, 0.3, 0.4), 0, 0.6), ((0.11, 0.2, 0.31, 0.4), 0, 0.7)
    assert [score for _, score, _ in heard(said(*twice))] == [pytest.approx(0.7, abs=1e-4)]
    other = ((0.1, 0.2, 0.3, 0.4), 1, 0.6)
    assert [label for label, _, _ in heard(said(other, twice[1]))] == ["Go", "Slow"]


def test_boxes_are_clipped_after_they_are_compared() -> None:
    """As TFLite_Detection_PostProcess does: what lies beyond the border tells two boxes apart."""
    found = heard(said(((-0.3, 0.2, 0.2, 0.4), 0, 0.9), ((0.0, 0.2, 0.2, 0.4), 0, 0.6)))
    assert [box.top_px for _, _, box in found] == pytest.approx([0.0, 0.0], abs=0.01)


def test_what_is_hardly_thought_of_is_left_out_and_so_are_too_many() -> None:
    assert heard(said(((0.1, 0.2, 0.3, 0.4), 0, 0.04))) == []
    apart = [((0.0, k / 60, 0.5, (k + 1) / 60), 0, 0.5 + k / 100) for k in range(40)]
    found = heard(said(*apart))
    assert len(found) == MAX_DETECTIONS
    assert found[0][1] == pytest.approx(0.89, abs=1e-3)
