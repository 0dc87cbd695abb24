"""Recordings for `pixelopolis collect lane`: what was wrong with them is told on the terminal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pixelopolis.errors import UsageError

if TYPE_CHECKING:
    from models.lane.recordings.problems import Problems
    from models.lane.recordings.recording import Recording


def import_tub(out: Path, tub: Path) -> dict[str, Any]:
    """Import a Donkeycar tub; returns the data set's summary."""
    from models.lane.recordings.read_tub import read_tub

    if not tub.is_dir():
        raise UsageError(f"--from-tub {tub}: there is no such folder")
    return _import(out, read_tub(tub))


def import_udacity(out: Path, log: Path, side_correction: float | None) -> dict[str, Any]:
    """Import a log of the Udacity simulator; returns the data set's summary."""
    from models.lane.recordings.read_udacity import read_udacity
    from models.lane.recordings.udacity_format import SIDE_CORRECTION

    if not log.exists():
        raise UsageError(f"--from-udacity {log}: there is no such file or folder")
    return _import(out, read_udacity(log, SIDE_CORRECTION if side_correction is None else side_correction))


def record_car(out: Path, url: str, count: int | None, seconds: float | None) -> dict[str, Any]:
    """Record a car until a limit is reached, Ctrl-C is pressed or the car is lost; returns the data set's summary."""
    from models.lane.recordings.car_stream import CarStream
    from models.lane.recordings.recorder import record_drive

    with CarStream(url) as pictures, _asked_to_stop() as stopping:
        recorded = record_drive(out, pictures, count=count, seconds=seconds, stopping=stopping.is_set)
    _tell(recorded.problems)
    typer.echo(
        f"recorded {recorded.new_frames} frames; missed {recorded.missed} of the camera's pictures, "
        f"left out {recorded.standing} while the car stood; ended: {recorded.ended}",
        err=True,
    )
    return recorded.summary


def _import(out: Path, recording: Recording) -> dict[str, Any]:
    from models.lane.recordings.importing import import_recording

    summary = import_recording(out, recording)
    _tell(recording.problems)
    return summary


def _tell(problems: Problems) -> None:
    for line in problems.lines():
        typer.echo(f"warning: {line}", err=True)


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """An event that SIGINT or SIGTERM sets, so that what has come is kept; a second one ends at once."""
    stopping = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def stop(*_: object) -> None:
        stopping.set()
        restore()

    for number in before:
        signal.signal(number, stop)
    try:
        yield stopping
    finally:
        restore()
