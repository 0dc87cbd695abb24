"""`pixelopolis train lane`: from data sets to a model that a car can load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError


def train_lane(
    data: Annotated[list[Path], typer.Option(help="Folder of a data set; may be given more than once.")],
    variant: Annotated[
        str, typer.Option(help="conditioned, recurrent, blog, blog-relu, blog-80 or blog-80-relu.")
    ] = "conditioned",
    out: Annotated[Path, typer.Option(help="Where the .tflite, .json and .md go.")] = Path("runs/lane"),
    run: Annotated[Path | None, typer.Option(help="Checkpoints, logs and report; OUT/VARIANT when not given.")] = None,
    rounds: Annotated[
        int, typer.Option(min=0, max=20, help="How often the model drives in the simulator and learns from that.")
    ] = 0,
    round_frames: Annotated[int, typer.Option(min=256, help="Frames of each round.")] = 25_000,
    epochs: Annotated[int, typer.Option(min=1, help="Of the first training and of each round.")] = 10,
    batch_size: Annotated[int, typer.Option(min=1)] = 128,
    learning_rate: Annotated[float, typer.Option(min=1e-7)] = 1.5e-3,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    initial: Annotated[Path | None, typer.Option(help="A .keras file to start from.")] = None,
) -> None:
    """Train a lane model, export it and write its card; called again, it goes on where it was interrupted."""
    import shlex
    import sys

    from models.lane.dataset import DatasetError
    from models.lane.make import Rounds, make_model
    from models.lane.training.export import ExportError
    from models.lane.training.train import TrainingPlan

    plan = TrainingPlan(variant, seed, epochs, batch_size, learning_rate)
    try:
        quiet = not sys.stderr.isatty()
        more = Rounds(rounds, round_frames)
        command = shlex.join(["pixelopolis", *sys.argv[1:]])
        where = run or out / variant
        model = make_model(data, out, where, plan, rounds=more, initial=initial, quiet=quiet, command=command)
    except (DatasetError, ValueError) as error:
        raise UsageError(str(error)) from error
    except ExportError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{model} ({model.stat().st_size} bytes); report in {run or out / variant}")
