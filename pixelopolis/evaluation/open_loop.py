"""A lane model judged by what it says about the frames of data sets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from car.perception.sidecar import ModelError
from models.lane.dataset import DatasetError, read_frames
from models.lane.evaluation.driver import driver_named
from models.lane.evaluation.open_loop import listen, open_loop_report
from pixelopolis.errors import UsageError
from pixelopolis.output import write_json

NOT_BETTER = 1  # exit status


def evaluate_open_loop(variant: str, data: Sequence[Path], *, pictures: Path | None, json_file: str | None) -> int:
    """Show the model every frame, write and say what came out; returns the exit status.

    Raises:
        UsageError: if the driver is no network, or a data set or a model cannot be used.
    """
    try:
        model = driver_named(variant)
        if isinstance(model, str):
            raise UsageError(f"--variant {model} sees no frames; with --data give a network")
        heard = listen(model, read_frames(data))
    except (ValueError, DatasetError, ModelError) as error:
        raise UsageError(str(error)) from error
    report = {"model": variant, "data": [str(folder) for folder in data], **open_loop_report(heard)}
    if pictures is not None:
        # Needs matplotlib, which nothing else here does.
        from models.lane.evaluation.open_loop_plot import draw_open_loop

        draw_open_loop(heard, pictures)
    if json_file is not None:
        write_json({"open_loop": report}, json_file)
    if json_file != "-":
        constant, better = report["constant_mean"], report["beats_constant_mean"]
        typer.echo(
            f"{report['frames']} frames: steering off by {report['mae']:.4f} on average and {report['rmse']:.4f} RMS, "
            f"correlation {_shown(report['correlation'])}, to the right side {_shown(report['sign_agreement'])}; "
            f"{'better' if better else 'no better'} than always {constant['steering']:.4f}, which is off by "
            f"{constant['mae']:.4f} and {constant['rmse']:.4f} RMS"
        )
    return 0 if report["beats_constant_mean"] else NOT_BETTER


def _shown(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
