"""Writing a detector's card: from what training knows of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from car.perception.sidecar import DetectorSidecar, read_sidecar
from car.perception.tflite import TfliteModel
from models.common.card.facts import duration, sha256, version_line
from models.common.card.markdown import table
from models.common.card.sections import LIMITS, Card, Section
from models.detector.pictures.labels import CAR
from models.detector.pictures.voc import example_names

if TYPE_CHECKING:  # a card can be completed where TensorFlow is not installed
    from models.detector.training.run_folder import Effort
    from models.detector.training.settings import TrainSettings


@dataclass(frozen=True, slots=True)
class Making:
    """How a network was made.

    Attributes:
        data: Pascal VOC folders.
        settings: of the training.
        parameters: of the network.
        command: the command line that trained it.
        effort: what that has cost.
        start_from: the network whose weights it began with, if they were not random.
        agreement: share of validation pictures in which the file agrees with the network.
    """

    data: Sequence[Path]
    settings: TrainSettings
    parameters: int
    command: str
    effort: Effort
    start_from: Path | None
    agreement: float


def write_card(model: Path, making: Making) -> Path:
    """Write `<model>.md` beside an exported file, in place of any older card.

    Raises:
        ModelError: if the file or its sidecar is missing or wrong.
    """
    sidecar = read_sidecar(model, DetectorSidecar)
    signs = [label for label in sidecar.labels if label != CAR]
    bodies = {
        "File": _file_lines(model, sidecar, making),
        "Recipe": _recipe_lines(making),
        LIMITS: _limits(making),
    }
    head = f"# {model.name}\n\nFinds {len(signs)} kinds of signs{_and_cars(sidecar)} in a camera picture."
    card = Card(head, tuple(Section(title, "\n".join(lines)) for title, lines in bodies.items()))
    path = model.with_suffix(".md")
    path.write_text(card.text(), encoding="utf-8")
    return path


def _and_cars(sidecar: DetectorSidecar) -> str:
    return " and cars" if CAR in sidecar.labels else ""


def _file_lines(model: Path, sidecar: DetectorSidecar, making: Making) -> list[str]:
    picture = next(iter(TfliteModel(model).inputs.values()))
    _, height_px, width_px, _ = (int(size) for size in picture["shape"])
    body = "float32" if picture["dtype"] is np.float32 else "int8"
    crop = sidecar.crop
    row = (
        f"{model.stat().st_size:,} bytes",
        f"{np.dtype(picture['dtype']).name}, {width_px} x {height_px} RGB",
        body,
        f"`{sha256(model)}`",
    )
    words = (
        f"Variant `{making.settings.variant}` of `models/detector/network/architecture.py`, "
        f"{making.parameters:,} parameters, Keras. It sees the rows from "
        f"{100 * crop.top_fraction:.0f} to {100 * crop.bottom_fraction:.0f} % of a frame"
        f"{', standardised' if sidecar.standardised else ''}; the outputs are those of "
        "`TFLite_Detection_PostProcess` (regular NMS). A car trusts a detection from a score of "
        f"{sidecar.score_threshold:g} on. File and network agree on the most certain detection in "
        f"{100 * making.agreement:.0f} % of validation pictures."
    )
    return [*table(("size", "input", "inside", "SHA-256"), [row]), "", words, "", "Licence: Apache-2.0."]


def _recipe_lines(making: Making) -> list[str]:
    rows = [(f"`{Path(*folder.parts[-2:])}`", f"{len(example_names(folder)):,}") for folder in making.data]
    begun = "random weights" if making.start_from is None else f"the weights of `{making.start_from.name}`"
    time = f" It took {duration(making.effort.seconds)}, with {making.effort.by}."
    return [
        *table(("data", "pictures"), rows),
        "",
        f"Training from {begun}, seed {making.settings.seed}: `{json.dumps(asdict(making.settings))}`.{time}",
        "",
        "```sh",
        making.command,
        "```",
        "",
        version_line(),
    ]


def _limits(making: Making) -> list[str]:
    held = 100 * making.settings.validation_share
    return [
        f"* Trained on what the data above shows; {held:.0f} % of it was held back for validation.",
        "* Signs that mirrored would be others were never mirrored.",
        "* Another camera sees otherwise: label some of its pictures and go on with `train detector --start-from`.",
    ]
