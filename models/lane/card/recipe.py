"""How a model was made, so that it can be made again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from models.common.card.facts import duration
from models.common.card.markdown import table
from models.lane.dataset import VALIDATION_EVERY, Manifest, read_manifest

if TYPE_CHECKING:  # a card can be amended where TensorFlow is not installed
    from models.lane.training.train import TrainingPlan

_DRIVEN = re.compile(r"([0-9a-f]{64})\b(.*)", re.DOTALL)  # by the model with this checksum
_EXPERT = re.compile(r"expert\b(?: (drives))?(.*)", re.DOTALL)


def is_recording(manifest: Manifest) -> bool:
    """Whether the frames come from outside the simulator."""
    return not (_DRIVEN.fullmatch(manifest.source) or _EXPERT.fullmatch(manifest.source))


def data_lines(folders: Sequence[Path]) -> list[str]:
    """A table of the data sets: frames, seed, and how they were made.

    Raises:
        DatasetError: if one cannot be read.
    """
    drivers: list[str] = []
    rows = []
    for folder in folders:
        manifest = read_manifest(folder)
        seed = "none" if is_recording(manifest) else str(manifest.seed)
        rows.append((f"`{Path(*folder.parts[-2:])}`", f"{manifest.frames:,}", seed, _made(manifest, drivers)))
    held_back = f"One shard of {VALIDATION_EVERY} of each, so whole scenes, was held back for validation."
    return [*table(("data", "frames", "seed", "made by"), rows), "", held_back]


def _made(manifest: Manifest, drivers: list[str]) -> str:
    """`drivers` are the checksums of the models that drove before, one for each round; a new one is added."""
    if driven := _DRIVEN.fullmatch(manifest.source):
        driver, circumstances = driven.groups()
        if driver not in drivers:
            drivers.append(driver)
        who = f"round {drivers.index(driver) + 1}: a model with SHA-256 `{driver[:12]}…` drove, the expert labelled"
        return f"{who} (DAgger){circumstances}"
    if by_expert := _EXPERT.fullmatch(manifest.source):
        drives, circumstances = by_expert.groups()
        how = "drives of the expert driver, with pushes" if drives else "poses along the lines, labelled by the expert"
        return f"{how}{circumstances}"
    return f"imported recording: {manifest.source}"


def plan_lines(plan: TrainingPlan, initial: Path | None, commands: Sequence[str]) -> list[str]:
    """What training depended on beside the data, and the command lines."""
    lines = [f"Training, seed {plan.seed}: `{json.dumps(asdict(plan))}`"]
    if initial is not None:
        lines += ["", f"It began with the weights of an earlier training, `{initial.name}`."]
    return [
        *lines,
        "",
        "```sh",
        *(commands or [f"pixelopolis train lane --variant {plan.variant} --data DIR …"]),
        "```",
    ]


def time_lines(wall_times_s: Mapping[str, float]) -> list[str]:
    """A table of how long each stage took, if that is known."""
    if not wall_times_s:
        return []
    rows = [*wall_times_s.items(), ("all", sum(wall_times_s.values()))]
    return ["", *table(("stage", "wall time"), [(stage, duration(seconds)) for stage, seconds in rows])]
