"""`pixelopolis bench`: speed, measured here and now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from pixelopolis.commands.detector_options import (
    DelegateLibrary,
    DelegateOptions,
    DetectorFile,
    LabelsFile,
    Threads,
    delegate_options,
)
from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from pixelopolis.bench.figure import Figure


class Subject(StrEnum):
    """What can be measured."""

    LANE = "lane"
    DETECTOR = "detector"
    LOOP = "loop"
    BOARD = "board"
    STREAM = "stream"
    BOOKING = "booking"
    LOAD = "load"


def bench(
    subject: Annotated[Subject | None, typer.Argument(help="What to measure; everything when not given.")] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Another .tflite to run beside ours (lane, detector)."),
    ] = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Where the figures go; - is standard output.")] = None,
    detector: DetectorFile = None,
    labels: LabelsFile = None,
    threads: Threads = None,
    delegate: DelegateLibrary = None,
    delegate_option: DelegateOptions = None,
    pictures: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder of pictures to detect in; rendered if not given."),
    ] = None,
    donkeycar: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="A Python with Donkeycar, whose video is measured beside ours (stream)."
        ),
    ] = None,
    claims: Annotated[int | None, typer.Option(min=1, help="How many visitors claim a car (booking).")] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="An empty one to measure on (booking): sqlite:PATH, or mongodb://… with two servers; else a new file."
        ),
    ] = None,
    stations: Annotated[int | None, typer.Option(min=1, help="How many book without a pause (load).")] = None,
    cars: Annotated[int | None, typer.Option(min=1, max=222, help="How many drive (load).")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="For how long (load).")] = None,
) -> None:
    """Measure speed; shows a table, and writes JSON when asked. --detector to --pictures are for the detector.

    Exit status 0 only if what was measured also holds what is promised: no car given to two, no memory that grows.
    """
    from car.config import Overrides
    from pixelopolis.bench.board import bench_board
    from pixelopolis.bench.booking.run import BookingBench, bench_booking
    from pixelopolis.bench.detector import DetectorBench, bench_detector
    from pixelopolis.bench.lane import bench_lane
    from pixelopolis.bench.load.run import LoadBench, bench_load
    from pixelopolis.bench.loop import bench_loop
    from pixelopolis.bench.stream.run import StreamBench, bench_stream

    if baseline is not None and subject not in (Subject.LANE, Subject.DETECTOR):
        raise UsageError("--baseline: say what it is beside, as in `pixelopolis bench detector --baseline FILE`")
    overrides = Overrides(detector, labels, delegate, delegate_options(delegate_option), threads)
    if (overrides != Overrides() or pictures) and subject != Subject.DETECTOR:
        raise UsageError("options of the detector are for `pixelopolis bench detector`")
    if donkeycar is not None and subject != Subject.STREAM:
        raise UsageError("--donkeycar: say `pixelopolis bench stream --donkeycar PYTHON`")
    booking = _given(claims=claims, store_url=store)
    load = _given(stations=stations, cars=cars, minutes=minutes)
    if booking and subject != Subject.BOOKING:
        raise UsageError("--claims and --store are for `pixelopolis bench booking`")
    if load and subject != Subject.LOAD:
        raise UsageError("--stations, --cars and --minutes are for `pixelopolis bench load`")
    runs: dict[Subject, Callable[[], list[Figure]]] = {
        Subject.LANE: lambda: bench_lane(baseline),
        Subject.DETECTOR: lambda: bench_detector(DetectorBench(overrides, baseline, pictures), _note),
        Subject.BOARD: bench_board,
        Subject.LOOP: bench_loop,
        Subject.STREAM: lambda: bench_stream(StreamBench(donkeycar), _note),
        Subject.BOOKING: lambda: bench_booking(BookingBench(**booking), _note),
        Subject.LOAD: lambda: bench_load(LoadBench(**load), _note),
    }
    figures, problems = _measured(run for name, run in runs.items() if subject in (None, name))
    _show(figures, json_file)
    if problems:
        raise RuntimeError("; ".join(problems))


def _given(**options: Any) -> dict[str, Any]:  # noqa: ANN401  # of any type
    """Those that were typed."""
    return {name: value for name, value in options.items() if value is not None}


def _measured(runs: Iterable[Callable[[], list[Figure]]]) -> tuple[list[Figure], list[str]]:
    """All figures, and what does not hold."""
    from pixelopolis.bench.figure import NotHeldError

    figures: list[Figure] = []
    problems: list[str] = []
    for run in runs:
        try:
            figures += run()
        except NotHeldError as error:
            figures += error.figures
            problems.append(str(error))
    return figures, problems


def _show(figures: list[Figure], json_file: str | None) -> None:
    from pixelopolis.output import write_json

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


def _note(line: str) -> None:
    typer.echo(line, err=True)
