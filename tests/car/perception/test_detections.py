"""What is made of the four outputs, whatever numbers they hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.perception.detections import RawDetections, SeenPart
from car.perception.picture_input import PictureInput, values_of_bytes
from car.perception.sidecar import ModelError

ANY_NUMBER = st.floats(width=32)
EDGES = st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array)
PARTS = st.builds(
    lambda width, first, rows: SeenPart(width, first, first + rows),
    *(st.integers(1, 2000), st.integers(0, 500), st.integers(1, 1000)),
)


@given(PARTS, EDGES)
def test_boxes_are_clipped_to_what_was_seen(part: SeenPart, edges: np.ndarray[Any, Any]) -> None:
    top, left, bottom, right = np.clip(edges, 0, 1)
    box = part.box(edges)
    if box is None:
        assert bottom <= top or right <= left or min(bottom - top, right - left) < 1e-9
        return
    assert 0 <= box.left_px < box.right_px <= part.width_px
    assert part.first_row <= box.top_px < box.bottom_px <= part.end_row
    assert (box.left_px, box.right_px) == pytest.approx((left * part.width_px, right * part.width_px))
    rows = part.end_row - part.first_row
    assert box.top_px == pytest.approx(part.first_row + top * rows)
    assert box.bottom_px == pytest.approx(part.first_row + bottom * rows)


def test_a_box_inside_is_not_changed_and_one_outside_is_nothing() -> None:
    part = SeenPart(320, 20, 220)
    box = part.box(np.array([0.1, 0.25, 0.6, 0.5], np.float32))
    assert box is not None
    assert (box.left_px, box.top_px, box.right_px, box.bottom_px) == pytest.approx((80, 40, 160, 140))
    assert part.box(np.array([0.1, 1.2, 0.6, 1.4])) is None
    assert part.box(np.array([0.6, 0.2, 0.1, 0.4])) is None  # upside down


@given(st.integers(0, 8).flatmap(lambda n: st.lists(st.tuples(*[ANY_NUMBER] * 6), min_size=n, max_size=n)), ANY_NUMBER)
def test_only_sound_entries_before_the_count_are_used(rows: list[tuple[float, ...]], count: float) -> None:
    table = np.array(rows, np.float32).reshape(-1, 6)
    raw = RawDetections(table[:, :4], table[:, 4], table[:, 5], count)
    wanted = [
        k
        for k, row in enumerate(rows)
        if math.isfinite(count) and k < int(count) and all(map(math.isfinite, row)) and row[5] >= 0.5
    ]
    assert raw.usable(0.5) == wanted


@pytest.mark.parametrize("count", [math.nan, math.inf, -math.inf, -1.0, 0.0])
def test_a_count_that_makes_no_sense_is_none(count: float) -> None:
    raw = RawDetections(np.zeros((3, 4)), np.zeros(3), np.ones(3), count)
    assert raw.usable(0.5) == []


def test_a_count_beyond_the_entries_is_all_of_them() -> None:
    assert RawDetections(np.zeros((3, 4)), np.zeros(3), np.ones(3), 1e30).usable(0.5) == [0, 1, 2]


INTEGERS = st.sampled_from([np.dtype(np.uint8), np.dtype(np.int8)])


@given(INTEGERS, st.floats(1e-4, 10), st.integers(-128, 255), st.floats(-300, 299), st.floats(1e-3, 600))
def test_quantised_values_are_the_nearest_that_there_are(
    dtype: np.dtype[Any], scale: float, zero_point: int, black: float, span: float
) -> None:
    limits = np.iinfo(dtype)
    zero_point = max(limits.min, min(limits.max, zero_point))
    table = values_of_bytes(dtype, scale, zero_point, (black, black + span))
    assert table.shape == (256,)
    assert table.dtype == dtype
    assert (np.diff(table.astype(int)) >= 0).all()
    wanted = black + span * np.arange(256) / 255
    meant = (table.astype(float) - zero_point) * scale
    saturated = (table == limits.min) | (table == limits.max)
    assert (np.abs(meant - wanted)[~saturated] <= scale / 2 + 1e-6).all()


@pytest.mark.parametrize(
    ("dtype", "value_range", "first", "last"),
    [
        (np.uint8, None, 0, 255),
        (np.int8, None, -128, 127),
        (np.uint8, (0.0, 255.0), 0, 255),  # without parameters one step is one
        (np.float32, (-1.0, 1.0), -1.0, 1.0),
        (np.float32, (0.0, 255.0), 0.0, 255.0),
    ],
)
def test_black_and_white(dtype: type, value_range: tuple[float, float] | None, first: float, last: float) -> None:
    table = values_of_bytes(np.dtype(dtype), 0.0, 0, value_range)
    assert (table[0], table[-1]) == (first, last)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shape": np.array([1, 300, 225, 1])}, r"takes \(1, 300, 225, 1\), not one picture"),
        ({"shape": np.array([2, 300, 225, 3])}, "not one picture"),
        ({"shape": np.array([225, 3])}, "not one picture"),
        ({"shape_signature": np.array([1, -1, -1, 3])}, "pictures of any size"),
        ({"dtype": np.int16}, "takes int16 pictures, not uint8, int8 or float32"),
    ],
)
def test_an_input_that_is_no_picture_is_named(change: dict[str, Any], problem: str) -> None:
    detail = {"name": "image", "shape": np.array([1, 30, 20, 3]), "dtype": np.uint8, "quantization": (0.0, 0)}
    with pytest.raises(ModelError, match=rf"model m\.tflite: .*{problem}"):
        PictureInput(Path("m.tflite"), {**detail, **change})


@pytest.mark.parametrize(
    ("dtype", "value_range", "scale", "zero_point"),
    [
        (np.uint8, None, 0.5, 3),
        (np.int8, None, 0.5, 3),
        (np.int8, (0.0, 255.0), 1.0, -128),
        (np.int8, (0.0, 255.0), 2.0, -128),
        (np.uint8, (-1.0, 1.0), 2 / 255, 128),
        (np.float32, None, 0.0, 0),
    ],
)
def test_each_byte_becomes_what_the_table_says(
    dtype: type, value_range: tuple[float, float] | None, scale: float, zero_point: int
) -> None:
    detail = {"name": "i", "shape": np.array([1, 16, 16, 3]), "dtype": dtype, "quantization": (scale, zero_point)}
    picture = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    values = PictureInput(Path("m"), detail, value_range).values(picture)
    table = values_of_bytes(
        np.dtype(dtype), scale, zero_point, value_range or (0.0, 255.0) if dtype is np.float32 else value_range
    )
    assert values.dtype == dtype
    assert np.array_equal(values[0], table[picture])


def test_a_batch_that_is_left_open_is_one() -> None:
    detail = {"name": "i", "shape": np.array([1, 30, 20, 3]), "dtype": np.int8, "quantization": (0.5, 3)}
    taken = PictureInput(Path("m"), {**detail, "shape_signature": np.array([-1, 30, 20, 3])})
    assert (taken.height_px, taken.width_px) == (30, 20)
    assert taken.values(np.full((30, 20, 3), 7, np.uint8)).tolist() == [[[[-121] * 3] * 20] * 30]
