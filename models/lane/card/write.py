"""Writing a card: from what training knows of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.common.card.facts import sha256, version_line
from models.common.card.markdown import table
from models.common.card.sections import LIMITS, Card, Section
from models.lane.card.files import UNITS, file_lines, tensor_lines
from models.lane.card.recipe import data_lines, is_recording, plan_lines, time_lines
from models.lane.dataset import read_manifest
from models.lane.variants import Variant

if TYPE_CHECKING:  # a card can be amended where TensorFlow is not installed
    from models.lane.training.export import Parity
    from models.lane.training.train import TrainingPlan


def write_card(
    model: Path,
    variant: Variant,
    plan: TrainingPlan,
    data: Sequence[Path],
    errors: Mapping[str, float],
    parity: Parity,
    parameters: int,
    initial: Path | None = None,
    *,
    float_twin: tuple[Path, Parity] | None = None,
    steering_errors: Mapping[str, float] | None = None,
    commands: Sequence[str] = (),
    wall_times_s: Mapping[str, float] | None = None,
    latency: str | None = None,
) -> Path:
    """Write `<model>.md` beside a model.

    If there is one already and it is of the very same file, the sections that others added to it are kept, as by
    `add_figures` and `add_section`; those of another file's card would be wrong here.

    Args:
        model: the exported file, with its .json beside it.
        variant: what it is.
        plan: how it was trained.
        data: on what, rounds in their order.
        errors: mean absolute error on validation frames, by output.
        parity: how near the exported file is to the network.
        parameters: of the network.
        initial: the weights that training began with, if they were not random.
        float_twin: the file of the same network in float32, if it is shipped too, and how near that is to the
            network over the same frames.
        steering_errors: mean absolute steering error by command.
        commands: the command lines that made it, in their order.
        wall_times_s: how long each stage took.
        latency: a line that says how long one inference takes, and where.

    Returns:
        The card's path.

    Raises:
        ModelError: if a file, or the .json beside the model, is missing or wrong.
        DatasetError: if a data set cannot be read.
    """
    parities = {model: parity} | (dict([float_twin]) if float_twin else {})
    recorded = any(is_recording(read_manifest(folder)) for folder in data)
    recipe = [*data_lines(data), "", *plan_lines(plan, initial, commands)]
    bodies = {
        "Files": [*file_lines(list(parities), variant), "", _licence(parameters, recorded)],
        "Inputs and outputs": tensor_lines(model, variant),
        "Recipe": [*recipe, *time_lines(wall_times_s or {}), "", version_line()],
        "Open loop, on validation scenes": _errors(errors, steering_errors or {}, parities, latency),
        LIMITS: _limits(variant, recorded),
    }
    head = f"# {model.name}\n\nLane model, variant `{variant.name}`: {variant.summary}."
    card = Card(head, tuple(Section(title, "\n".join(lines)) for title, lines in bodies.items()))
    path = model.with_suffix(".md")
    for section in _added(path, sha256(model), card):
        card = card.with_section(section)
    path.write_text(card.text(), encoding="utf-8")
    return path


def _added(path: Path, checksum: str, new: Card) -> list[Section]:
    """The sections of an older card of the same file that the new one would lack."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    known = {section.title for section in new.sections}
    return [section for section in Card.parse(text).sections if checksum in text and section.title not in known]


def _licence(parameters: int, recorded: bool) -> str:
    words = f"{parameters:,} parameters, Keras; `models/lane/training/architecture.py`. Licence: Apache-2.0. "
    if recorded:
        return words + "Training pictures come from this project's simulator and from the recordings named below."
    return words + "All training pictures were rendered by this project's simulator."


def _errors(
    errors: Mapping[str, float],
    steering_errors: Mapping[str, float],
    parities: Mapping[Path, Parity],
    latency: str | None,
) -> list[str]:
    rows = [(name, f"{error:.4f}", UNITS[name]) for name, error in errors.items()]
    rows += [(f"steering, command {name}", f"{e:.4f}", UNITS["steering"]) for name, e in steering_errors.items()]
    gaps = [
        (f"`{path.name}`", str(gap.frames), f"{gap.mean:.4f}", f"{gap.p99:.4f}", f"{gap.worst:.4f}")
        for path, gap in parities.items()
    ]
    lines = [
        *table(("output", "mean absolute error", "unit"), rows),
        "",
        "How far the files' steering is from the network's in Keras, on the same frames, in full scales:",
        "",
        *table(("file", "frames", "mean", "99 % are below", "worst"), gaps),
    ]
    return [*lines, "", latency] if latency else lines


def _limits(variant: Variant, recorded: bool) -> list[str]:
    limits = [
        "* Its driving was measured in the simulator only; not tried on a real track."
        if recorded
        else "* Trained on simulated pictures only; not tried on a real track.",
        "* It knows lanes about 0.36 m wide with a red left and a blue right line, and cars of this project's size.",
    ]
    if not variant.takes_command:
        limits.append("* It knows no commands and has seen no choice of way: there its way is left to chance.")
    if variant.memory_units:
        limits.append("* It remembers: its memory has to be emptied when the car is moved by hand or starts anew.")
    return limits
