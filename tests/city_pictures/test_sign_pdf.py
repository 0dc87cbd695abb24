"""The signs on paper, read back with PDFium: size of the pages, words, and each picture against the simulator's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image

from city.files import load_city
from city.sign_catalogue import SIGN_KINDS, sign_rgba
from city.sign_pdf import RULER_MM, signs_pdf
from city.sign_prints import SignPrint, catalogue_prints, city_prints, print_png, print_svg
from city.sign_sheets import FOOT_MM, MARGIN_MM, Paper, lay_out

PX_PER_MM = 10
POINTS_PER_MM = 72 / 25.4
CATALOGUE = catalogue_prints(load_city("pixelopolis"))
# Not square, and not of the usual size: the simulator stretches the picture over the board.
ODD = [SignPrint("wide", "Stop_sign", 90.0, 45.0, "node 1"), SignPrint("high", "Korean", 30.0, 75.5, "node 2")]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as PDFium sees it."""

    size_mm: tuple[float, float]
    words: str
    rgba: NDArray[np.uint8]  # transparent where nothing is printed


def pages(pdf: bytes) -> Iterator[Page]:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        width_pt, height_pt = page.get_size()
        bitmap = page.render(scale=PX_PER_MM / POINTS_PER_MM, fill_color=(255, 255, 255, 0), rev_byteorder=True)
        words = page.get_textpage().get_text_range()
        yield Page((width_pt / POINTS_PER_MM, height_pt / POINTS_PER_MM), words, bitmap.to_numpy().copy())
    document.close()


def board(page: Page, x_mm: float, y_mm: float, sign: SignPrint) -> NDArray[np.uint8]:
    """What is printed within a board, (h, w, 4) RGBA."""
    left, top = round(x_mm * PX_PER_MM), round(y_mm * PX_PER_MM)
    return page.rgba[top : top + round(sign.height_mm * PX_PER_MM), left : left + round(sign.width_mm * PX_PER_MM)]


def simulated(sign: SignPrint) -> NDArray[np.uint8]:
    """The simulator's picture of a sign, stretched over the board."""
    size = round(sign.width_mm * PX_PER_MM), round(sign.height_mm * PX_PER_MM)
    drawn = sign_rgba(sign.kind, 1200)
    return np.asarray(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), np.uint8)


def extent_mm(visible: NDArray[np.bool_]) -> NDArray[np.float64]:
    """First and last printed row and column of a board, in mm."""
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    return np.array([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1]) / PX_PER_MM


@pytest.mark.parametrize(
    ("signs", "paper"), [(CATALOGUE, Paper.A4), (CATALOGUE, Paper.LETTER), (ODD, Paper.A4)], ids=["a4", "letter", "odd"]
)
def test_every_sign_is_printed_as_the_simulator_shows_it(signs: list[SignPrint], paper: Paper) -> None:
    printed = list(pages(signs_pdf(signs, paper, "Test")))
    sheets = lay_out(signs, paper)
    assert len(printed) == len(sheets)
    for page, sheet in zip(printed, sheets, strict=True):
        assert page.size_mm == pytest.approx(paper.size_mm, abs=0.05)
        for placed in sheet:
            ours, wanted = board(page, placed.x_mm, placed.y_mm, placed.sign), simulated(placed.sign)
            assert ours.shape == wanted.shape
            seen, shown = ours[..., 3] > 127, wanted[..., 3] > 127
            overlap = (seen & shown).sum() / (seen | shown).sum()
            assert overlap > 0.99, placed.sign.kind
            difference = np.abs(ours[..., :3].astype(int) - wanted[..., :3])[seen & shown].mean()
            assert difference < 4.0, placed.sign.kind
            assert np.abs(extent_mm(seen) - extent_mm(shown)).max() <= 0.2, placed.sign.kind


def test_the_comparison_would_see_another_sign_or_another_size() -> None:
    """That the limits above are not so wide that anything passes."""
    (page,) = pages(signs_pdf([SignPrint("go", "Go", 80, 80)], Paper.A4, "Test"))
    ((placed,),) = lay_out([SignPrint("go", "Go", 80, 80)], Paper.A4)
    seen = board(page, placed.x_mm, placed.y_mm, placed.sign)
    other = simulated(SignPrint("no", "No_parking", 80, 80))
    both = (seen[..., 3] > 127) & (other[..., 3] > 127)
    assert np.abs(seen[..., :3].astype(int) - other[..., :3])[both].mean() > 40
    sizes_mm = [extent_mm(simulated(SignPrint("go", "Go", side, side))[..., 3] > 127) for side in (80.0, 80.5)]
    assert np.abs(sizes_mm[0] - sizes_mm[1]).max() > 0.2


def test_pages_say_what_they_show_how_large_where_it_stands_and_their_number() -> None:
    signs = city_prints(load_city("pixelopolis"))
    printed = list(pages(signs_pdf(signs, Paper.A4, "Signs of pixelopolis")))
    words = "\n".join(page.words for page in printed)
    for sign in signs:
        assert sign.where in words
    for kind in SIGN_KINDS:
        shown = len(re.findall(rf"^{kind}\r?$", words, re.MULTILINE))
        assert shown == sum(sign.kind == kind for sign in signs), kind
    assert words.count("board 120 × 120 mm") == len(signs)
    assert "board 120 × 120 mm, cut out 118 × 64 mm" in words  # One_way
    for number, page in enumerate(printed, 1):
        assert f"Signs of pixelopolis, page {number} of {len(printed)}" in page.words
        assert "100 mm" in page.words


def test_the_ruler_is_100_mm_long_and_crop_marks_point_at_the_corners() -> None:
    sign = SignPrint("go", "Go", 60.0, 40.0)
    paper = Paper.LETTER
    (page,) = pages(signs_pdf([sign], paper, "Test"))
    ((placed,),) = lay_out([sign], paper)
    ink = page.rgba[..., 3] > 64
    base_px = round((paper.size_mm[1] - MARGIN_MM - FOOT_MM / 2) * PX_PER_MM)
    ruler = np.flatnonzero(ink[base_px - 2 : base_px + 3].any(axis=0))
    assert ruler[0] / PX_PER_MM == pytest.approx(MARGIN_MM, abs=0.2)
    assert len(ruler) / PX_PER_MM == pytest.approx(RULER_MM, abs=0.3)
    ticks = np.flatnonzero(ink[base_px - 10])
    assert np.count_nonzero(np.diff(ticks) > 1) == RULER_MM // 10
    for x_mm in (placed.x_mm, placed.x_mm + 60):
        for y_mm in (placed.y_mm, placed.y_mm + 40):
            outwards_x, outwards_y = (-1 if x_mm == placed.x_mm else 1), (-1 if y_mm == placed.y_mm else 1)
            along = round(y_mm * PX_PER_MM), round((x_mm + 3 * outwards_x) * PX_PER_MM)
            down = round((y_mm + 3 * outwards_y) * PX_PER_MM), round(x_mm * PX_PER_MM)
            for row, column in (along, down):
                assert ink[row - 1 : row + 2, column - 1 : column + 2].any()


def test_pictures_are_vectors() -> None:
    pdf = signs_pdf(CATALOGUE, Paper.A4, "Test")
    document = pypdfium2.PdfDocument(pdf)
    kinds = {item.type for page in document for item in page.get_objects(max_depth=8)}
    assert pypdfium2.raw.FPDF_PAGEOBJ_PATH in kinds
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds
    assert b"/PrintScaling /None" in pdf


def test_letters_that_the_font_lacks_do_not_stop_the_printing() -> None:
    (page,) = pages(signs_pdf([SignPrint("a", "Go", 50, 50, "node 1, 博物館")], Paper.A4, "Café"))
    assert "node 1, ???" in page.words
    assert "Café, page 1 of 1" in page.words


@pytest.mark.parametrize("sign", [*CATALOGUE[:3], *ODD], ids=lambda sign: str(sign.name))
def test_single_files_have_the_true_size_and_the_picture(sign: SignPrint) -> None:
    picture = Image.open(BytesIO(print_png(sign)))
    dpi = picture.info["dpi"][0]
    measured = picture.width / dpi * 25.4, picture.height / dpi * 25.4
    assert measured == pytest.approx((sign.width_mm, sign.height_mm), abs=0.1)
    shown = np.asarray(picture.resize((480, 480)))
    wanted = sign_rgba(sign.kind, 480)
    seen = (shown[..., 3] > 127, wanted[..., 3] > 127)
    assert (seen[0] & seen[1]).sum() / (seen[0] | seen[1]).sum() > 0.98
    document = print_svg(sign)
    assert f'width="{sign.width_mm:g}mm" height="{sign.height_mm:g}mm"' in document
    assert 'preserveAspectRatio="none"' in document
