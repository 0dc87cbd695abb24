"""The model card: what a shipped model is, where it comes from, how good it is and where it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.lane.dataset import read_manifest
from models.lane.export import Parity
from models.lane.variants import Variant

if TYPE_CHECKING:  # a card can be amended where TensorFlow is not installed
    from models.lane.train import TrainingPlan

FIGURES = "## Closed loop"


def write_card(
    model: Path,
    variant: Variant,
    plan: TrainingPlan,
    data: Sequence[Path],
    errors: Mapping[str, float],
    parity: Parity,
    parameters: int,
    initial: Path | None = None,
) -> Path:
    """Write `<model>.md` beside a model; closed-loop figures are added by `add_figures`.

    Args:
        model: the exported file.
        variant: what it is.
        plan: how it was trained.
        data: on what.
        errors: mean absolute error on validation frames, by output.
        parity: how near the exported file is to the network.
        parameters: of the network.
        initial: the weights that training began with, if they were not random.
    """
    kind = "int8 body, float32 outputs"
    lines = [
        f"# {model.name}",
        "",
        f"Lane model, variant `{variant.name}`: {variant.summary}.",
        "",
        f"* File: {model.stat().st_size:,} bytes, SHA-256 `{hashlib.sha256(model.read_bytes()).hexdigest()}`, {kind}.",
        f"* Network: {parameters:,} parameters, Keras; `models/lane/architecture.py`.",
        f"* Input: rows below {variant.input.crop_top_fraction:.0%} of the frame, shrunk to "
        f"{variant.input.width_px} x {variant.input.height_px} RGB"
        + (", and the command as one-hot." if variant.takes_command else "."),
        "* Output: " + ", ".join(f"`{name}`" for name in variant.outputs) + "; steering in [-1, 1], right positive;"
        " curvature is -5 times that, 1/m.",
        "* Licence: Apache-2.0. All training pictures were rendered by this project's simulator.",
        "",
        "## Recipe",
        "",
        *_data_lines(data),
        *([f"* Began with the weights of an earlier training, `{initial}`."] if initial else []),
        f"* Training: `{json.dumps(asdict(plan))}`",
        "* Command: `pixelopolis train lane --variant " + variant.name + " --data DIR …`",
        "",
        "## Open loop, on validation scenes",
        "",
        "| output | mean absolute error |",
        "|---|---|",
        *[f"| {name} | {error:.4f} |" for name, error in errors.items()],
        "",
        f"The exported file's steering against the network's on {parity.frames} frames:",
        f"mean difference {parity.mean:.4f}, 99 % below {parity.p99:.4f}, worst {parity.worst:.4f}.",
        "",
        "## Limits",
        "",
        *_limits(variant),
    ]
    card = model.with_suffix(".md")
    card.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return card


def _data_lines(data: Sequence[Path]) -> list[str]:
    lines = []
    for folder in data:
        manifest = read_manifest(folder)
        how = (
            "poses drawn along the lines, labelled by the expert driver"
            if manifest.source == "expert"
            else "an earlier model at the wheel (DAgger), labelled by the expert driver"
        )
        lines.append(f"* Data `{folder.name}`: {manifest.frames:,} frames, seed {manifest.seed}, {how}.")
    return lines


def _limits(variant: Variant) -> list[str]:
    limits = [
        "* Trained on simulated pictures only; not tried on a real track.",
        "* It knows lanes about 0.36 m wide with a red left and a blue right line, and cars of this project's size.",
    ]
    if not variant.takes_command:
        limits.append("* It knows no commands and has seen no crossings: there its way is left to chance.")
    return limits


def add_figures(card: Path, figures: Mapping[str, Any], seed: int) -> None:
    """Put the closed-loop figures of `pixelopolis evaluate lane` into a card, in place of older ones."""
    text = card.read_text(encoding="utf-8")
    head, _, rest = text.partition(FIGURES)
    _, limits, tail = (rest or head).partition("## Limits")
    if not rest:
        head = head.partition("## Limits")[0]
    rows = [{"condition": "all", **figures}]
    rows += [{"condition": name, **values} for name, values in figures["conditions"].items()]
    table = [
        f"`pixelopolis evaluate lane --episodes {figures['episodes']} --seed {seed}`, conditions as below: 60 s each,",
        "cities and looks that no training has seen.",
        "",
        "| condition | episodes | departures | wrong turns | median survival | mean lateral | p95 lateral |",
        "|---|---|---|---|---|---|---|",
    ]
    table += [
        f"| {row['condition']} | {row['episodes']} | {row['departures']} | {row['wrong_turns']} "
        f"| {row['survival_s_median']} s | {1000 * row['lateral_mean_m']:.1f} mm "
        f"| {1000 * row['lateral_p95_m']:.1f} mm |"
        for row in rows
    ]
    body = "\n".join(table)
    card.write_text(f"{head}{FIGURES}\n\n{body}\n\n{limits}{tail}", encoding="utf-8")
