"""What a model's files are, and what goes into them and comes out: read from the files themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from car.perception.sidecar import COMMANDS, LaneSidecar, read_sidecar
from car.perception.tflite import TfliteModel
from fleet.steering import MAX_CURVATURE_PER_M
from models.common.card.facts import sha256
from models.common.card.markdown import table
from models.lane.variants import Variant

PICTURE_AXES = 4
UNITS = {"steering": "of full scale", "lateral_m": "m", "heading_rad": "rad"}
MEANINGS = {
    "steering": f"in full scales, -1 … 1, right positive; curvature is {-MAX_CURVATURE_PER_M:g} 1/m times that, "
    "left positive",
    "lateral_m": "where the drive axle is beside the line that the car is to follow, m, left positive",
    "heading_rad": "the car's direction against that line, rad, counter-clockwise positive",
}


def file_lines(models: Sequence[Path], variant: Variant) -> list[str]:
    """A table of a variant's files with size and checksum, and what their networks compute in.

    Raises:
        ModelError: if one is missing or is no model.
    """
    rows = [
        (f"`{path.name}`", f"{path.stat().st_size:,} bytes", _kind(path, variant), f"`{sha256(path)}`")
        for path in models
    ]
    return table(("file", "size", "inside", "SHA-256"), rows)


def _kind(path: Path, variant: Variant) -> str:
    """Told by the picture: an integer network takes a camera's bytes as they are."""
    picture = next(detail for detail in TfliteModel(path).inputs.values() if len(detail["shape"]) == PICTURE_AXES)
    if picture["dtype"] is not np.uint8:
        return "float32"
    return "int8" if variant.activation == "relu" else f"int8, but {variant.activation.upper()} in float32"


def tensor_lines(model: Path, variant: Variant) -> list[str]:
    """A table of everything that goes in and comes out, with units and signs.

    Raises:
        ModelError: if the file or the .json beside it is missing or wrong.
    """
    runner, sidecar = TfliteModel(model), read_sidecar(model, LaneSidecar)
    inputs, outputs, view = sidecar.inputs, sidecar.outputs, sidecar.input
    picture = (
        f"rows below {100 * view.crop_top_fraction:.0f} % of the frame, shrunk to {view.width_px} x {view.height_px}, "
        f"{view.colour.upper()}, {'standardised, ' if view.standardised else ''}0 … 255"
    )
    rows = [_row("in", "image", runner.input(inputs.image), picture)]
    if inputs.command is not None:
        words = "one-hot: " + ", ".join(command.value for command in COMMANDS)
        rows.append(_row("in", "command", runner.input(inputs.command), words))
    words = "what it put out as its memory at the frame before; zeros at first"
    rows += [_row("in", "memory", runner.input(name), words) for name in inputs.memory]
    rows += [_row("out", name, runner.output(getattr(outputs, name)), MEANINGS[name]) for name in variant.outputs]
    rows += [_row("out", "memory", runner.output(name), "for the next frame") for name in outputs.memory]
    return table(("", "name", "shape", "type", "meaning"), rows)


def _row(way: str, name: str, detail: Mapping[str, Any], meaning: str) -> tuple[str, ...]:
    shape = " x ".join(str(int(size)) for size in detail["shape"])
    return way, f"`{name}`", shape, np.dtype(detail["dtype"]).name, meaning
