from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector.pictures import collage
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.collage import CollageMaker, Window, place_window, within_window, write_collages
from models.detector.pictures.voc import LabelledImage, read_data_set, write_example
from tests.models_detector.drawn_pictures import FRAME_HEIGHT, FRAME_WIDTH, SHAPES, write_data_set


@pytest.fixture
def examples(tmp_path: Path) -> list[LabelledImage]:
    write_data_set(tmp_path / "data", 12, seed=2)
    return read_data_set(tmp_path / "data")


def test_a_collage_is_full_of_objects_where_the_detector_looks(examples: list[LabelledImage]) -> None:
    maker, seen = CollageMaker(examples), Counter[str]()
    for seed in range(10):
        picture, boxes = maker.make(np.random.default_rng(seed))
        assert picture.shape == (FRAME_HEIGHT, FRAME_WIDTH, 3)
        assert len(boxes) >= 6
        assert max(box.y_max for box in boxes) <= 64
        seen.update(box.label for box in boxes)
    assert set(seen) == set(SHAPES)


def test_hidden_and_small_objects_are_drawn_more_often_than_they_come(tmp_path: Path) -> None:
    sizes = {"hidden": 31, "small": 20, "plain": 40}
    for number in range(20):  # one hidden, one small, eighteen others
        name = ("hidden", "small")[number] if number < 2 else "plain"
        box = LabelledBox("Go", 10, 10, 10 + sizes[name], 10 + sizes[name], occluded=name == "hidden")
        write_example(tmp_path, f"{number:02d}", np.zeros((192, 320, 3), np.uint8), (box,))
    maker, seen = CollageMaker(read_data_set(tmp_path)), Counter[int]()
    for seed in range(60):
        seen.update(box.height for box in maker.make(np.random.default_rng(seed))[1])
    shares = {name: seen[side] / seen.total() for name, side in sizes.items()}
    assert 0.2 < shares["hidden"] < 0.45
    assert 0.25 < shares["small"] < 0.5


def test_boxes_of_a_collage_hold_the_colour_of_their_object(examples: list[LabelledImage]) -> None:
    picture, boxes = CollageMaker(examples).make(np.random.default_rng(1))
    for box in boxes:
        part = picture[box.y_min : box.y_max, box.x_min : box.x_max].reshape(-1, 3).astype(int)
        assert np.abs(part - SHAPES[box.label]).sum(axis=1).min() < 60


@given(st.integers(0, 280), st.integers(0, 150), st.integers(4, 120), st.integers(4, 90), st.integers(0, 99))
def test_a_window_lies_in_the_frame_and_holds_its_object_if_it_can(
    x: int, y: int, width: int, height: int, seed: int
) -> None:
    box = LabelledBox("Go", x, y, min(320, x + width), min(192, y + height))
    window = place_window(box, (64, 107), (192, 320), np.random.default_rng(seed))
    assert 0 <= window.top <= 192 - window.height
    assert 0 <= window.left <= 320 - window.width
    (part,) = within_window([box], window)
    assert part.width == min(box.width, 107)
    assert part.height == min(box.height, 64)
    assert part.difficult == (part.width * part.height < 0.6 * box.width * box.height)


def test_what_lies_outside_a_window_is_gone() -> None:
    assert list(within_window([LabelledBox("Go", 0, 0, 20, 20)], Window(30, 30, 50, 50))) == []


def test_collages_are_the_same_each_time_and_kept(examples: list[LabelledImage], tmp_path: Path) -> None:
    first = write_collages(examples, tmp_path / "one", 3, seed=4)
    before = first[0].path.stat().st_mtime_ns
    assert write_collages(examples, tmp_path / "one", 3, seed=4) == first
    assert first[0].path.stat().st_mtime_ns == before
    assert write_collages(examples, tmp_path / "one", 2, seed=4) == first[:2]
    again = write_collages(examples, tmp_path / "two", 3, seed=4)
    assert [e.path.read_bytes() for e in again] == [e.path.read_bytes() for e in first]


def test_several_processes_make_the_same_collages(
    examples: list[LabelledImage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = write_collages(examples, tmp_path / "alone", 5, seed=4)
    monkeypatch.setattr(collage, "FEWEST_OF_A_PART", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    together = write_collages(examples, tmp_path / "together", 5, seed=4)
    assert [each.boxes for each in together] == [each.boxes for each in alone]
    assert [each.path.read_bytes() for each in together] == [each.path.read_bytes() for each in alone]
