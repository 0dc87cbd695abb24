from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.detector.pictures.boxes import MIN_CROPPED_PX, LabelledBox, within_rows


@given(st.integers(0, 200), st.integers(1, 100), st.integers(0, 100), st.integers(20, 140))
def test_what_is_left_of_a_box_lies_in_the_rows_and_says_how_much_is_gone(
    y_min: int, height: int, top: int, rows: int
) -> None:
    box = LabelledBox("Go", 3, y_min, 30, y_min + height)
    kept = within_rows([box], top, top + rows)
    if not kept:
        assert min(box.y_max, top + rows) - max(box.y_min, top) < MIN_CROPPED_PX
        return
    (part,) = kept
    assert top <= part.y_min < part.y_max <= top + rows
    assert part.truncated == (part.height < box.height)
    assert part.difficult == (part.height * 2 < box.height)
    assert (part.x_min, part.x_max) == (3, 30)


def test_a_difficult_box_stays_difficult() -> None:
    (kept,) = within_rows([LabelledBox("Go", 0, 0, 9, 9, difficult=True)], 0, 100)
    assert kept.difficult
