"""Where signs go on sheets of paper: rows of boards with room for crop marks and a caption, top left first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from city.sign_prints import SignPrint

MARGIN_MM = 8.0  # most printers leave less blank
MARK_GAP_MM, MARK_MM = 1.5, 4.0  # from a board's corner to a crop mark, and its length
MARKS_MM = MARK_GAP_MM + MARK_MM
CAPTION_MM = 13.0  # below the crop marks
MIN_CELL_MM = 62.0  # a caption has room even below a small board
FOOT_MM = 16.0  # ruler and page number


class Paper(StrEnum):
    """Sizes of paper, laid on its long side: two boards of the usual size fit side by side."""

    A4 = "a4"
    LETTER = "letter"

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height."""
        return (297.0, 210.0) if self is Paper.A4 else (279.4, 215.9)


@dataclass(frozen=True, slots=True)
class PlacedSign:
    """A sign with its board's upper left corner on the sheet, and the width there is for its caption."""

    sign: SignPrint
    x_mm: float
    y_mm: float
    caption_mm: float


def lay_out(signs: Iterable[SignPrint], paper: Paper) -> list[list[PlacedSign]]:
    """The signs on as many sheets as it takes, in their order.

    Raises:
        ValueError: if a sign is larger than a sheet.
    """
    sheets: list[list[PlacedSign]] = []
    row: list[SignPrint] = []
    top_mm = 0.0
    for sign in signs:
        _check_fits(sign, paper)
        if row and _row_width_mm([*row, sign]) > _room_mm(paper)[0]:
            top_mm = _place_row(sheets, row, top_mm, paper)
            row = []
        row.append(sign)
    if row:
        _place_row(sheets, row, top_mm, paper)
    return sheets


def _place_row(sheets: list[list[PlacedSign]], row: Sequence[SignPrint], top_mm: float, paper: Paper) -> float:
    """Put a row on the last sheet, or on a new one if it is full; returns where the next row begins."""
    height_mm = max(_cell_mm(sign)[1] for sign in row)
    if not sheets or top_mm + height_mm > _room_mm(paper)[1]:
        sheets.append([])
        top_mm = 0.0
    left_mm = 0.0
    for sign in row:
        cell_mm = _cell_mm(sign)[0]
        x_mm = MARGIN_MM + left_mm + (cell_mm - sign.width_mm) / 2
        sheets[-1].append(PlacedSign(sign, x_mm, MARGIN_MM + top_mm + MARKS_MM, cell_mm))
        left_mm += cell_mm
    return top_mm + height_mm


def _room_mm(paper: Paper) -> tuple[float, float]:
    width_mm, height_mm = paper.size_mm
    return width_mm - 2 * MARGIN_MM, height_mm - 2 * MARGIN_MM - FOOT_MM


def _cell_mm(sign: SignPrint) -> tuple[float, float]:
    return max(MIN_CELL_MM, sign.width_mm + 2 * MARKS_MM), sign.height_mm + 2 * MARKS_MM + CAPTION_MM


def _row_width_mm(row: Sequence[SignPrint]) -> float:
    return sum(_cell_mm(sign)[0] for sign in row)


def _check_fits(sign: SignPrint, paper: Paper) -> None:
    (width_mm, height_mm), (room_x_mm, room_y_mm) = _cell_mm(sign), _room_mm(paper)
    if width_mm > room_x_mm or height_mm > room_y_mm:
        most = f"{room_x_mm - 2 * MARKS_MM:.0f} × {room_y_mm - 2 * MARKS_MM - CAPTION_MM:.0f} mm"
        raise ValueError(
            f"sign {sign.name} is {sign.size}, and a sheet of {paper} holds {most} at most; "
            "have it printed elsewhere from its --svg file"
        )
