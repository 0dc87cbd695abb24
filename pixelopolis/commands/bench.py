"""`pixelopolis bench`: speed, measured here and now."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


class Subject(StrEnum):
    """What can be measured."""

    LANE = "lane"
    DETECTOR = "detector"
    LOOP = "loop"
    BOARD = "board"


def bench(
    subject: Annotated[Subject | None, typer.Argument(help="What to measure; everything when not given.")] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Another .tflite to run beside ours (lane, detector)."),
    ] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Where the figures go; - is standard output.")] = None,
) -> None:
    """Measure speed; shows a table, and writes JSON when asked."""
    from pixelopolis.bench.board import bench_board
    from pixelopolis.bench.loop import bench_loop
    from pixelopolis.bench.perception import bench_detector, bench_lane
    from pixelopolis.output import write_json

    runs = {
        Subject.LANE: lambda: bench_lane(baseline if subject == Subject.LANE else None),
        Subject.DETECTOR: lambda: bench_detector(baseline if subject == Subject.DETECTOR else None),
        Subject.BOARD: bench_board,
        Subject.LOOP: bench_loop,
    }
    figures = [figure for name, run in runs.items() if subject in (None, name) for figure in run()]
    if json_file:
        write_json([figure.as_json() for figure in figures], json_file)
    if json_file == "-":
        return
    table = Table("what", "value", "baseline", "ratio")
    for figure in figures:
        row = figure.as_json()
        base = "" if figure.baseline is None else f"{figure.baseline:.3g} {figure.unit}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        table.add_row(figure.name, f"{figure.value:.3g} {figure.unit}", base, ratio)
    Console().print(table)
