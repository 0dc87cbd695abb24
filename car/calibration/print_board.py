"""A chessboard to print in true size."""

from __future__ import annotations

from car.calibration.chessboard import CalibrationError, Chessboard

PAPER_MM = 297.0, 210.0  # A4 across, and so that letter paper holds it too:
USABLE_MM = 260.0, 190.0
RULER_MM = 100.0


def board_pdf(board: Chessboard) -> bytes:
    """A PDF of one page: the board, and a line of 100 mm to check the printer by.

    Raises:
        CalibrationError: if the board is larger than a sheet.
    """
    from fpdf import FPDF, ViewerPreferences  # needed only here

    square_mm = board.square_m * 1000
    width_mm, height_mm = (board.columns + 1) * square_mm, (board.rows + 1) * square_mm
    if width_mm > USABLE_MM[0] or height_mm > USABLE_MM[1]:
        raise CalibrationError(
            f"a board of {width_mm:.0f} x {height_mm:.0f} mm is larger than a sheet; give smaller squares, or fewer"
        )
    pdf = FPDF(orientation="landscape", unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    pdf.viewer_preferences = ViewerPreferences(print_scaling="None")
    pdf.add_page()
    left_mm, top_mm = (PAPER_MM[0] - width_mm) / 2, (PAPER_MM[1] - 14 - height_mm) / 2
    pdf.set_fill_color(0)
    for row in range(board.rows + 1):
        for column in range(board.columns + 1):
            if (row + column) % 2 == 0:
                pdf.rect(left_mm + column * square_mm, top_mm + row * square_mm, square_mm, square_mm, style="F")
    pdf.set_line_width(0.1)
    pdf.line(left_mm, PAPER_MM[1] - 10, left_mm + RULER_MM, PAPER_MM[1] - 10)
    pdf.set_font("helvetica", size=8)
    size = (
        f"{board.columns}x{board.rows} inner corners, squares of {square_mm:g} mm; the line is {RULER_MM:.0f} mm long"
    )
    pdf.text(left_mm, PAPER_MM[1] - 6, size)
    return bytes(pdf.output())
