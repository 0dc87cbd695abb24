"""`pixelopolis collect lane`: pictures along lanes with the expert driver's steering."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError


def collect_lane(
    out: Annotated[Path, typer.Option(help="Folder of the data set; an unfinished one is gone on with.")],
    count: Annotated[int, typer.Option(min=1, help="How many frames.")] = 40_000,
    seed: Annotated[int, typer.Option(min=0, help="Below 1000000; later seeds are for evaluation.")] = 1,
    driver: Annotated[
        Path | None, typer.Option(help="A lane .tflite that drives while the expert labels (DAgger).")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Render processes; two when not given.")] = None,
) -> None:
    """Collect labelled camera frames for the lane models in the simulator."""
    from models.lane.collect import collect
    from models.lane.dataset import DatasetError

    if driver is not None and not driver.is_file():
        raise UsageError(f"--driver {driver}: there is no such file")
    try:
        summary = collect(out, count, seed, driver=driver, workers=workers)
    except (DatasetError, ValueError) as error:
        raise UsageError(str(error)) from error
    typer.echo(f"{out}: {summary['frames']} frames; by command {summary['commands']}")
    typer.echo(f"steering from -1 to 1: {summary['steering_histogram']}")
