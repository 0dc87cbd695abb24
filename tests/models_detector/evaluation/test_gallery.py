"""Who is taken for whom, and the worst pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from car.perception.seen import Box, Detection
from models.detector.evaluation.confusion import confusion
from models.detector.evaluation.evaluate import Judged
from models.detector.evaluation.gallery import Gallery
from models.detector.evaluation.pairing import Pair, pairs
from models.detector.evaluation.worst import COLUMNS, SCALE, WorstPictures
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.example import Example

GO = LabelledBox("Go", 20, 30, 60, 70)
CAR = LabelledBox("Car", 100, 60, 180, 140)
LABELS = ("Go", "Slow", "Car")
FRAME = np.full((240, 320, 3), 90, np.uint8)


def seen(box: LabelledBox, label: str | None = None, score: float = 0.9, shift: float = 0.0) -> Detection:
    return Detection(label or box.label, score, Box(box.x_min + shift, box.y_min, box.x_max + shift, box.y_max))


def test_pairs_are_made_by_place_and_not_by_name() -> None:
    said = seen(GO, "Slow", shift=3)
    assert pairs([GO, CAR], [said], 0.5) == [Pair(GO, said), Pair(CAR, None)]


def test_the_surest_takes_an_object_and_the_next_has_none() -> None:
    sure, unsure = seen(GO, score=0.9, shift=5), seen(GO, score=0.6)
    assert pairs([GO], [unsure, sure], 0.5) == [Pair(GO, sure), Pair(None, unsure)]


def test_what_is_unsure_or_elsewhere_finds_nothing() -> None:
    assert pairs([GO], [seen(GO, score=0.4)], 0.5) == [Pair(GO, None)]
    away = seen(GO, shift=35)
    assert pairs([GO], [away], 0.5) == [Pair(None, away), Pair(GO, None)]


def test_difficult_objects_are_left_out_found_or_not() -> None:
    hard = replace(GO, difficult=True)
    assert pairs([hard], [seen(GO, "Slow")], 0.5) == []
    assert pairs([hard], [], 0.5) == []


@given(st.lists(st.sampled_from([seen(GO), seen(CAR), seen(GO, "Slow", 0.7), seen(CAR, shift=200)]), max_size=6))
def test_every_object_and_every_sure_detection_is_in_one_pair(found: list[Detection]) -> None:
    paired = pairs([GO, CAR], found, 0.5)
    assert sum(pair.truth is not None for pair in paired) == 2
    assert sum(pair.found is not None for pair in paired) == len(found)


def test_the_matrix_counts_rows_of_what_is_there() -> None:
    counts = confusion([Pair(GO, seen(GO, "Slow")), Pair(GO, seen(GO)), Pair(CAR, None), Pair(None, seen(CAR))], LABELS)
    expected = np.zeros((4, 4), np.int64)
    expected[0, 1] = expected[0, 0] = expected[2, 3] = expected[3, 2] = 1
    assert np.array_equal(counts, expected)


def test_the_worst_come_first_and_right_ones_not_at_all(tmp_path: Path) -> None:
    worst = WorstPictures(kept=2)
    wrong = Pair(None, seen(CAR))
    for mistakes, level in ((1, 10), (3, 30), (0, 50), (2, 20)):
        worst.add(np.full_like(FRAME, level), [wrong] * mistakes)
    assert worst.draw(tmp_path / "worst.png")
    sheet = cv2.imread(str(tmp_path / "worst.png"))
    assert sheet is not None
    assert sheet.shape == (240 * SCALE, 320 * SCALE * COLUMNS, 3)
    assert [int(sheet[-1, 320 * SCALE * k, 0]) for k in range(3)] == [30, 20, 255]


def test_without_a_mistake_there_is_no_sheet(tmp_path: Path) -> None:
    gallery = Gallery(LABELS, 0.5)
    gallery.watch(Example(FRAME, (GO,)), Judged((GO,), (seen(GO),), frozenset()))
    assert [path.name for path in gallery.draw(tmp_path)] == ["confusion.png"]


def test_a_gallery_shows_the_matrix_and_the_mistakes(tmp_path: Path) -> None:
    gallery = Gallery(LABELS, 0.5)
    gallery.watch(Example(FRAME, (GO, CAR)), Judged((GO, CAR), (seen(GO, "Slow"),), frozenset()))
    drawn = gallery.draw(tmp_path / "new")
    assert [path.name for path in drawn] == ["confusion.png", "worst.png"]
    matrix = cv2.imread(str(drawn[0]))
    assert matrix is not None
    assert matrix.std() > 10
