from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector.network.anchors import (
    AnchorLayout,
    FloatArray,
    decode,
    encode,
    make_anchors,
    overlaps,
    to_centres,
    to_corners,
)

LAYOUT = AnchorLayout()


@st.composite
def boxes(draw: st.DrawFn, minimum: int = 1) -> FloatArray:
    rows = []
    for _ in range(draw(st.integers(minimum, 6))):
        y, x = draw(st.floats(0.0, 0.9)), draw(st.floats(0.0, 0.9))
        height, width = draw(st.floats(0.02, 1.0 - y)), draw(st.floats(0.02, 1.0 - x))
        rows.append([y, x, y + height, x + width])
    return np.array(rows, np.float32).reshape(-1, 4)


def test_the_default_layout_has_the_anchors_of_its_grids() -> None:
    assert LAYOUT.count == 5100 == len(make_anchors(LAYOUT))
    assert AnchorLayout(height_px=224, width_px=224).count == 4180
    assert AnchorLayout(height_px=320, width_px=320).count == 8500


def test_anchors_come_by_level_then_row_then_column_then_shape() -> None:
    anchors = make_anchors(LAYOUT)
    pixels = anchors * np.array([192, 320, 192, 320], np.float32)
    assert pixels[0] == pytest.approx([4, 4, 16, 16], abs=1e-3)
    assert pixels[4] == pytest.approx([4, 12, 16, 16], abs=1e-3)
    assert pixels[4 * 40] == pytest.approx([12, 4, 16, 16], abs=1e-3)
    assert pixels[4 * 40 * 24] == pytest.approx([8, 8, 32, 32], abs=1e-3)


def test_every_shape_of_a_cell_keeps_its_aspect_and_area() -> None:
    pixels = make_anchors(LAYOUT)[:4] * np.array([192, 320, 192, 320], np.float32)
    assert pixels[:, 3] / pixels[:, 2] == pytest.approx([1, 1.8, 1 / 1.8, 1], rel=1e-4)
    assert np.sqrt(pixels[:, 2] * pixels[:, 3]) == pytest.approx([16, 16, 16, 16 * 2**0.5], rel=1e-4)


def test_a_grid_that_does_not_divide_the_picture_covers_its_rest() -> None:
    odd = AnchorLayout(height_px=100, width_px=70, strides_px=(64,))
    assert odd.count == 2 * 2 * 4


@given(boxes())
def test_centres_and_corners_are_inverse(corners: FloatArray) -> None:
    assert to_corners(to_centres(corners)) == pytest.approx(corners, abs=1e-6)


@given(boxes(), st.integers(0, 5099))
def test_decoding_a_code_gives_its_box_back(corners: FloatArray, anchor: int) -> None:
    anchors = np.repeat(make_anchors(LAYOUT)[anchor : anchor + 1], len(corners), axis=0)
    assert decode(encode(corners, anchors), anchors) == pytest.approx(corners, abs=1e-4)


@given(boxes(), boxes())
def test_overlap_is_symmetric_within_0_to_1_and_whole_with_itself(first: FloatArray, second: FloatArray) -> None:
    both = overlaps(first, second)
    assert both == pytest.approx(overlaps(second, first).T, abs=1e-6)
    assert (both >= 0).all()
    assert (both <= 1 + 1e-6).all()
    assert np.diag(overlaps(first, first)) == pytest.approx(np.ones(len(first)), abs=1e-5)


def test_overlap_of_known_boxes() -> None:
    first = np.array([[0, 0, 1, 1], [0, 0, 0, 0]], np.float32)
    second = np.array([[0, 0.5, 1, 1.5], [2, 2, 3, 3], [0, 0, 0, 0]], np.float32)
    assert overlaps(first, second) == pytest.approx(np.array([[1 / 3, 0, 0], [0, 0, 0]]), abs=1e-6)
