"""A lane model judged by driving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from models.common.workers.base import Workers
from models.lane.evaluation.driven_map import draw_drives
from models.lane.evaluation.driver import driver_named
from models.lane.evaluation.drives_file import DrivesFileError
from models.lane.evaluation.episodes import Episode
from models.lane.evaluation.evaluate import drive_all
from models.lane.evaluation.figures import report
from pixelopolis.errors import UsageError
from pixelopolis.output import write_json

LOST, INTERRUPTED = 1, 130  # exit statuses; the latter as a shell has it after Ctrl-C


def evaluate_closed_loop(
    variant: str,
    planned: Sequence[Episode],
    *,
    workers: Workers | None = None,
    resume: Path | None = None,
    pictures: Path | None = None,
    card: Path | None = None,
    json_file: str | None = None,
) -> int:
    """Drive, write and say what came out; returns the exit status.

    After Ctrl-C the figures are those of the drives that were finished, and no card is written.

    Raises:
        UsageError: if there is no such driver, or `resume` holds another's drives.
        EvaluationError: if a drive cannot be made.
    """
    try:
        driver = driver_named(variant)
        results = drive_all(planned, driver, workers, resume=resume, films=pictures)
    except (ValueError, DrivesFileError) as error:
        raise UsageError(str(error)) from error
    interrupted = len(results) < len(planned)
    if interrupted:
        typer.echo(_interruption(len(results), len(planned), resume), err=True)
    if not results:
        return INTERRUPTED
    figures = report(results, variant) | ({"interrupted": True} if interrupted else {})
    if card is not None and not interrupted:
        from models.lane.card import add_figures  # brings the training's libraries with it

        add_figures(card, figures, planned[0].seed)
    if pictures is not None:
        draw_drives(results, pictures)
    if json_file is not None:
        write_json(figures, json_file)
    if json_file != "-":
        typer.echo("\n".join(_lines(figures)))
    if interrupted:
        return INTERRUPTED
    return LOST if figures["departures"] or figures["wrong_turns"] else 0


def _interruption(driven: int, planned: int, resume: Path | None) -> str:
    onward = "with --resume FILE it could be gone on with" if resume is None else f"{resume} keeps them; go on with it"
    return f"stopped after {driven} of {planned} drives; {onward}"


def _lines(figures: Mapping[str, Any]) -> list[str]:
    by_condition = figures["conditions"].items() if len(figures["conditions"]) > 1 else ()
    lost = [drive for drive in figures["drives"] if drive["why"] in ("departure", "wrong_turn")]
    return [
        _line(figures),
        *[f"{name}: {_line(values)}" for name, values in by_condition],
        *[
            f"drive {drive['index']}: {drive['why'].replace('_', ' ')} after {drive['seconds']:.1f} s; {drive['again']}"
            for drive in lost
        ],
    ]


def _line(figures: Mapping[str, Any]) -> str:
    return (
        f"{figures['episodes']} drives: {figures['departures']} departures, {figures['wrong_turns']} wrong turns, "
        f"median survival {figures['survival_s_median']} s, mean distance {figures['distance_mean_m']:.2f} m, "
        f"lateral deviation mean {1000 * figures['lateral_mean_m']:.1f} mm, "
        f"p95 {1000 * figures['lateral_p95_m']:.1f} mm; as commanded {figures['choices_as_commanded']} "
        f"of {figures['choices_taken']} choices of way"
    )
