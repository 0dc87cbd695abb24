from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from car.perception.detector import Box, Detection, Detector
from car.perception.sidecar import DetectorCrop, DetectorSidecar
from models.detector.evaluation.evaluate import evaluate
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.example import SMALL_PX, Example, Slice, is_in
from models.detector.pictures.labels import LABELS

FRAME = np.zeros((240, 320, 3), np.uint8)
GO = LabelledBox("Go", 20, 30, 60, 70)
CAR = LabelledBox("Car", 100, 60, 180, 140)


class Says:
    """A detector that says what it is told, frame by frame."""

    def __init__(self, *answers: tuple[Detection, ...], labels: tuple[str, ...] = LABELS) -> None:
        self._answers = iter(answers)
        self.sidecar = DetectorSidecar(
            labels=labels, crop=DetectorCrop(top_fraction=0.0, bottom_fraction=0.8), score_threshold=0.5
        )

    def look(self, picture: NDArray[np.uint8]) -> tuple[Detection, ...]:
        assert picture.shape == FRAME.shape
        return next(self._answers)


def detection(box: LabelledBox, score: float = 0.9, label: str | None = None) -> Detection:
    return Detection(label or box.label, score, Box(box.x_min, box.y_min, box.x_max, box.y_max))


def scored(answers: Sequence[tuple[Detection, ...]], truths: Sequence[tuple[LabelledBox, ...]]) -> dict[str, float]:
    whole = evaluate(cast("Detector", Says(*answers)), [Example(FRAME, boxes) for boxes in truths]).whole
    return {"map50": whole.map50, "map50_95": whole.map50_95} | {
        label: values["ap50"] for label, values in whole.per_class.items()
    }


def test_finding_all_exactly_scores_one() -> None:
    figures = scored([(detection(GO), detection(CAR))], [(GO, CAR)])
    assert figures == pytest.approx({"map50": 1.0, "map50_95": 1.0, "Go": 1.0, "Car": 1.0})


def test_finding_nothing_scores_zero() -> None:
    assert scored([()], [(GO,)])["map50"] == 0.0


def test_a_wrong_name_counts_as_missed() -> None:
    assert scored([(detection(GO, label="Slow"),)], [(GO,)])["Go"] == 0.0


def test_a_false_alarm_above_the_find_halves_the_precision() -> None:
    far = LabelledBox("Go", 200, 20, 240, 60)
    assert scored([(detection(far, 0.95), detection(GO, 0.9))], [(GO,)])["Go"] == pytest.approx(0.5)


def test_difficult_objects_are_neither_wanted_nor_punished() -> None:
    dim = LabelledBox("Slow", 200, 20, 240, 60, difficult=True)
    answers = [(detection(GO, 0.6), detection(dim, 0.9, label="Go"))]
    assert scored(answers, [(GO, dim)]) == pytest.approx({"map50": 1.0, "map50_95": 1.0, "Go": 1.0})


def test_what_lies_below_the_crop_is_not_asked_for() -> None:
    low = LabelledBox("Car", 0, 195, 90, 239)
    assert "Car" not in scored([(detection(GO),)], [(GO, low)])


def test_without_anything_to_find_there_is_no_score() -> None:
    with pytest.raises(ValueError, match="not one object"):
        scored([()], [()])


def test_the_report_has_the_keys_of_the_command() -> None:
    report = evaluate(cast("Detector", Says((detection(GO),))), [Example(FRAME, (GO,))])
    keys = {"map50", "map50_95", "per_class", "slices", "images", "objects", "latency_ms_median", "latency_ms_p99"}
    assert keys == report.as_json().keys()
    assert report.as_table().splitlines()[-1].startswith("all")


def test_a_slice_of_pictures_is_scored_by_itself() -> None:
    dark = Example(FRAME, (GO,), frozenset({Slice.DARK}))
    answers = [(detection(GO),), ()]
    report = evaluate(cast("Detector", Says(*answers)), [Example(FRAME, (GO,)), dark])
    assert report.slices.keys() == {Slice.DARK}
    assert report.slices[Slice.DARK].map50 == 0.0
    assert (report.slices[Slice.DARK].images, report.slices[Slice.DARK].objects) == (1, 1)
    assert 0.4 < report.whole.map50 < 0.6


def test_a_slice_of_objects_does_not_ask_for_the_others() -> None:
    hidden = LabelledBox("Slow", 200, 20, 240, 60, occluded=True)
    report = evaluate(cast("Detector", Says((detection(hidden),))), [Example(FRAME, (GO, hidden))])
    assert report.slices.keys() == {Slice.OCCLUDED}
    assert report.slices[Slice.OCCLUDED].map50 == pytest.approx(1.0)
    assert report.whole.map50 == pytest.approx(0.5)


def test_small_is_what_is_low_and_whole() -> None:
    low = LabelledBox("Go", 20, 30, 60, 30 + SMALL_PX - 1)
    assert is_in(Slice.SMALL, frozenset(), low)
    assert not is_in(Slice.SMALL, frozenset(), replace(low, truncated=True))
    assert not is_in(Slice.SMALL, frozenset(), GO)


def test_no_pictures_are_no_test() -> None:
    with pytest.raises(ValueError, match="no pictures"):
        evaluate(cast("Detector", Says()), [])


def test_a_detector_with_labels_of_its_own_is_scored_on_the_others() -> None:
    giraffe = detection(LabelledBox("Go", 200, 20, 240, 60), label="Giraffe")
    detector = Says((detection(GO), giraffe), labels=("Giraffe", "Go"))
    report = evaluate(cast("Detector", detector), [Example(FRAME, (GO,))])
    assert report.whole.map50 == pytest.approx(1.0)
    assert set(report.whole.per_class) == {"Go"}
