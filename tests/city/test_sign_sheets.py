"""Where signs go on paper: nothing overlaps, nothing leaves the sheet, nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.files import load_city
from city.sign_catalogue import SIGN_KINDS
from city.sign_prints import SignPrint, catalogue_prints, city_prints
from city.sign_sheets import CAPTION_MM, FOOT_MM, MARGIN_MM, MARKS_MM, Paper, PlacedSign, lay_out

sizes = st.tuples(st.floats(5, 180), st.floats(5, 140))


def taken(placed: PlacedSign) -> tuple[float, float, float, float]:
    """Board with crop marks and caption: left, top, right, bottom."""
    sign = placed.sign
    middle = placed.x_mm + sign.width_mm / 2
    half = max(sign.width_mm / 2 + MARKS_MM, placed.caption_mm / 2)
    return (
        middle - half,
        placed.y_mm - MARKS_MM,
        middle + half,
        placed.y_mm + sign.height_mm + MARKS_MM + CAPTION_MM,
    )


@given(st.lists(sizes, max_size=25), st.sampled_from(Paper))
def test_signs_keep_their_order_stay_on_the_sheet_and_apart(sizes_mm: list[tuple[float, float]], paper: Paper) -> None:
    signs = [SignPrint(str(k), "Go", width, height) for k, (width, height) in enumerate(sizes_mm)]
    sheets = lay_out(signs, paper)
    assert [placed.sign for sheet in sheets for placed in sheet] == signs
    width_mm, height_mm = paper.size_mm
    for sheet in sheets:
        boxes = [taken(placed) for placed in sheet]
        assert boxes
        for k, (left, top, right, bottom) in enumerate(boxes):
            assert left >= MARGIN_MM - 1e-6
            assert top >= MARGIN_MM - 1e-6
            assert right <= width_mm - MARGIN_MM + 1e-6
            assert bottom <= height_mm - MARGIN_MM - FOOT_MM + 1e-6
            for other in boxes[:k]:
                apart = left >= other[2] - 1e-6 or top >= other[3] - 1e-6
                assert apart, (boxes[k], other)


@pytest.mark.parametrize("paper", Paper)
def test_two_boards_of_the_usual_size_share_a_sheet(paper: Paper) -> None:
    sheets = lay_out(catalogue_prints(load_city("pixelopolis")), paper)
    assert [len(sheet) for sheet in sheets] == [2] * 9 + [1]


def test_a_sign_larger_than_the_sheet_is_named_with_a_way_out() -> None:
    with pytest.raises(ValueError, match=r"sign big is 300 × 50 mm, and a sheet of a4 holds 270 × 154 mm.*--svg"):
        lay_out([SignPrint("small", "Go", 50, 50), SignPrint("big", "Go", 300, 50)], Paper.A4)


def test_the_catalogue_has_every_sign_once_and_says_where_it_stands() -> None:
    prints = {sign.kind: sign for sign in catalogue_prints(load_city("pixelopolis"))}
    assert tuple(prints) == SIGN_KINDS
    assert prints["Church"].where == "node 8 from edge 7, Museum"
    assert prints["Speed_limit"].where == ""
    assert {sign.size for sign in prints.values()} == {"120 × 120 mm"}


def test_a_city_has_its_signs_as_often_and_as_large_as_they_stand_there() -> None:
    city = load_city("random:4")
    prints = city_prints(city)
    assert sorted(sign.kind for sign in prints) == sorted(sign.kind for sign in city.signs)
    assert len({sign.name for sign in prints}) == len(prints)
    nodes = [int(sign.where.split()[1]) for sign in prints]
    assert nodes == sorted(nodes)
    by_edge = {int(sign.where.split(",")[0].rpartition(" ")[2]): sign for sign in prints}
    for sign in city.signs:
        found = by_edge[sign.edge]
        assert found.kind == sign.kind
        assert (found.width_mm, found.height_mm) == pytest.approx((1000 * sign.width_m, 1000 * sign.height_m))
