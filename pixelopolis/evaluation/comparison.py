"""Lane drivers judged beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from car.perception.sidecar import ModelError
from models.common.workers.base import Workers
from models.lane.comparison.compare import Plans, UnfinishedComparison, all_drivers, compare
from models.lane.comparison.page import comparison_table, write_comparison
from models.lane.evaluation.drives_file import DrivesFileError
from pixelopolis.errors import UsageError
from pixelopolis.evaluation.closed_loop import INTERRUPTED
from pixelopolis.output import write_json


def evaluate_comparison(
    variants: Sequence[str],
    plans: Plans,
    folder: Path,
    *,
    baseline: Path | None = None,
    workers: Workers | None = None,
    json_file: str | None = None,
) -> int:
    """Drive what lacks, write table, bars and JSON into `folder` and say what came out; returns the exit status.

    Raises:
        UsageError: if there is no such driver, or a file cannot be used.
        EvaluationError: if a drive cannot be made.
    """
    names = list(dict.fromkeys(name for given in variants for name in (all_drivers() if given == "all" else [given])))
    try:
        compared = compare(names, plans, folder, workers=workers, baseline=baseline)
    except UnfinishedComparison as stop:
        typer.echo(str(stop), err=True)
        return INTERRUPTED
    except (ValueError, DrivesFileError, ModelError) as error:
        raise UsageError(str(error)) from error
    page = write_comparison(compared, plans, folder)
    if json_file is not None:
        write_json(compared, json_file)
    if json_file != "-":
        typer.echo("\n".join(comparison_table(compared["rows"])))
        typer.echo(f"{page} has it with bars")
    return 0
