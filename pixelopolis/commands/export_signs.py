"""`pixelopolis export signs`: a detector's data set for other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pixelopolis.errors import UsageError


def export_signs(
    data: Annotated[Path, typer.Option(help="Folder of the data set.")],
    to_coco: Annotated[Path | None, typer.Option(help="Write COCO's detection JSON there.")] = None,
    to_tfrecord: Annotated[
        Path | None,
        typer.Option(help="Write a TFRecord for TensorFlow's Object Detection API there, label_map.pbtxt beside it."),
    ] = None,
    shards: Annotated[
        int | None, typer.Option(min=1, help="Of --to-tfrecord: files to spread it over; one when not given.")
    ] = None,
) -> None:
    """Write a data set as other programs read it; it is a Pascal VOC folder itself."""
    if to_coco is None and to_tfrecord is None:
        raise UsageError("give --to-coco FILE or --to-tfrecord FILE; a data set is a Pascal VOC folder itself")
    if shards is not None and to_tfrecord is None:
        raise UsageError("--shards goes with --to-tfrecord only; give --to-tfrecord too or leave --shards out")
    from models.detector.pictures.boxes import DataSetError

    try:
        if to_coco is not None:
            from models.detector.exchange.coco import export_coco

            typer.echo(f"{to_coco}: {export_coco(data, to_coco)} pictures")
        if to_tfrecord is not None:
            typer.echo(f"{to_tfrecord}: {_export_tfrecord(data, to_tfrecord, shards or 1)} pictures")
    except DataSetError as error:
        raise UsageError(str(error)) from error


def _export_tfrecord(data: Path, target: Path, shards: int) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # what TensorFlow says of the processor is of no interest here
    try:
        from models.detector.exchange.tfrecord import export_tfrecord
    except ModuleNotFoundError as error:
        raise UsageError(f"--to-tfrecord needs TensorFlow ({error}); 'make setup-dev' installs it") from error
    return export_tfrecord(data, target, shards)
