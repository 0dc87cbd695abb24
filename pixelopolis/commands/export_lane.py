"""`pixelopolis export lane`: a data set for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError


def export_lane(
    data: Annotated[Path, typer.Option(help="Folder of the data set.")],
    to_tub: Annotated[Path | None, typer.Option(help="Write a Donkeycar tub (v2) into this folder.")] = None,
    to_udacity: Annotated[
        Path | None, typer.Option(help="Write driving_log.csv and IMG/ of the Udacity simulator into this folder.")
    ] = None,
) -> None:
    """Write a data set as other programs read it; what was imported comes out as it was, without what was damaged."""
    from models.lane.dataset import DatasetError
    from models.lane.recordings.exporting import export_tub, export_udacity

    if (to_tub is None) == (to_udacity is None):
        raise UsageError("give either --to-tub DIR or --to-udacity DIR")
    try:
        if to_tub is not None:
            typer.echo(f"{to_tub}: {export_tub(data, to_tub)} records")
        if to_udacity is not None:
            typer.echo(f"{to_udacity}: {export_udacity(data, to_udacity)} rows")
    except DatasetError as error:
        raise UsageError(str(error)) from error
