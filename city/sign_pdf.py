"""Signs as a PDF to print, cut out and set up: vector pictures in true size, with all that cutting needs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from city.sign_catalogue import sign_rgba
from city.sign_prints import SignPrint, print_svg, size_text
from city.sign_sheets import FOOT_MM, MARGIN_MM, MARK_GAP_MM, MARKS_MM, Paper, PlacedSign, lay_out

if TYPE_CHECKING:
    from fpdf import FPDF

RULER_MM = 100
LINE_MM = 0.1
CUT_GREY = 140
OUTLINE_PX = 1200  # a picture's side when its outline is looked for
OUTLINE_ERROR_PX = 0.75

_FONT = "helvetica"  # every reader has it; it knows Latin-1


def signs_pdf(signs: Sequence[SignPrint], paper: Paper, title: str) -> bytes:
    """The signs as a PDF document; `title` stands at the foot of every page.

    Raises:
        ValueError: if a sign is larger than a sheet.
    """
    from fpdf import FPDF, ViewerPreferences  # needed only where signs are printed

    sheets = lay_out(signs, paper)
    pdf = FPDF(unit="mm", format=paper.size_mm)
    pdf.set_auto_page_break(False)
    pdf.set_title(title)
    pdf.viewer_preferences = ViewerPreferences(print_scaling="None")  # viewers then offer true size first
    for number, sheet in enumerate(sheets, 1):
        pdf.add_page()
        for placed in sheet:
            _draw_sign(pdf, placed)
        _draw_foot(pdf, paper, f"{title}, page {number} of {len(sheets)}")
    return bytes(pdf.output())


def _draw_sign(pdf: FPDF, placed: PlacedSign) -> None:
    sign, x_mm, y_mm = placed.sign, placed.x_mm, placed.y_mm
    picture = io.BytesIO(print_svg(sign).encode("utf-8"))
    pdf.image(picture, x_mm, y_mm, sign.width_mm, sign.height_mm, alt_text=sign.kind)
    pdf.set_line_width(LINE_MM)
    pdf.set_draw_color(CUT_GREY)
    for outline in _outlines(sign.kind):
        corners = outline * [sign.width_mm, sign.height_mm] + [x_mm, y_mm]
        pdf.polygon([(float(x), float(y)) for x, y in corners])
    _draw_crop_marks(pdf, placed)
    _draw_caption(pdf, placed)


@lru_cache(maxsize=64)
def _outlines(kind: str) -> tuple[NDArray[np.float64], ...]:
    """Where to cut: corners (n, 2) as parts of the board's width and height, x and y from its upper left corner.

    White rims are not to be seen on white paper. The line runs just inside the outline, so that it adds nothing to
    the sign's size.
    """
    import cv2

    visible = (sign_rgba(kind, OUTLINE_PX)[..., 3] > 127).astype(np.uint8)
    contours, _ = cv2.findContours(visible, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    smooth = (cv2.approxPolyDP(contour, OUTLINE_ERROR_PX, True) for contour in contours)
    return tuple((contour.reshape(-1, 2) + 0.5) / OUTLINE_PX for contour in smooth)


def _cut_size_mm(sign: SignPrint) -> tuple[float, float]:
    """Width and height of what is left when everything around the outlines is cut away."""
    extent = np.ptp(np.concatenate(_outlines(sign.kind)), axis=0) + 1 / OUTLINE_PX
    return float(extent[0]) * sign.width_mm, float(extent[1]) * sign.height_mm


def _draw_crop_marks(pdf: FPDF, placed: PlacedSign) -> None:
    """Short lines that point at the board's corners."""
    pdf.set_draw_color(0)
    left, top = placed.x_mm, placed.y_mm
    right, bottom = left + placed.sign.width_mm, top + placed.sign.height_mm
    for x, outwards_x in ((left, -1), (right, 1)):
        for y, outwards_y in ((top, -1), (bottom, 1)):
            pdf.line(x + outwards_x * MARK_GAP_MM, y, x + outwards_x * MARKS_MM, y)
            pdf.line(x, y + outwards_y * MARK_GAP_MM, x, y + outwards_y * MARKS_MM)


def _draw_caption(pdf: FPDF, placed: PlacedSign) -> None:
    sign = placed.sign
    left_mm = placed.x_mm + (sign.width_mm - placed.caption_mm) / 2
    top_mm = placed.y_mm + sign.height_mm + MARKS_MM
    size = f"board {sign.size}, cut out {size_text(*_cut_size_mm(sign))}"
    lines = ((sign.kind, "B", 10.0, 4.5), (size, "", 8.0, 3.5), (sign.where, "", 8.0, 3.5))
    for words, style, size_pt, height_mm in lines:
        pdf.set_font(_FONT, style, size_pt)
        written = _printable(words)
        width_mm = pdf.get_string_width(written)
        if width_mm > placed.caption_mm - 2:
            pdf.set_font_size(size_pt * (placed.caption_mm - 2) / width_mm)
        pdf.set_xy(left_mm, top_mm)
        pdf.cell(placed.caption_mm, height_mm, written, align="C")
        top_mm += height_mm


def _draw_foot(pdf: FPDF, paper: Paper, words: str) -> None:
    """A line of known length, to see whether the printer scaled the page, and the page's number."""
    width_mm, height_mm = paper.size_mm
    base_mm = height_mm - MARGIN_MM - FOOT_MM / 2
    pdf.set_line_width(0.2)
    pdf.line(MARGIN_MM, base_mm, MARGIN_MM + RULER_MM, base_mm)
    for along_mm in range(0, RULER_MM + 1, 10):
        tick_mm = 3.0 if along_mm % 50 == 0 else 1.5
        pdf.line(MARGIN_MM + along_mm, base_mm - tick_mm, MARGIN_MM + along_mm, base_mm)
    pdf.set_font(_FONT, "", 8)
    pdf.set_xy(MARGIN_MM, base_mm + 1)
    pdf.cell(RULER_MM, 4, f"This line is {RULER_MM} mm long; if not, print at 100 %, not fitted to the page.")
    pdf.set_xy(width_mm / 2, base_mm + 1)
    pdf.cell(width_mm / 2 - MARGIN_MM, 4, _printable(words), align="R")


def _printable(words: str) -> str:
    """The words with a question mark for each letter that the font lacks."""
    return words.encode("latin-1", "replace").decode("latin-1")
