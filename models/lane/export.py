"""From a trained network to the files that a car needs: the .tflite and the .json beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from car.perception.tflite import TfliteModel
from models.lane.dataset import Frames
from models.lane.variants import Variant

CALIBRATION_FRAMES = 300
PARITY_FRAMES = 400
CONVERSION_TIMEOUT_S = 600.0


InputNames = dict[str, Any]


class ExportError(Exception):
    """A network that cannot be converted."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far the exported file's steering is from the network's, over the same frames, in full scales."""

    frames: int
    mean: float
    p99: float
    worst: float


def export(variant: Variant, network: Path, calibration: Frames, folder: Path, seed: int = 0) -> Path:
    """Convert `network` (a .keras file) and write `<stem>.tflite` and `<stem>.json` into `folder`.

    Args:
        variant: what the network is.
        network: the trained network.
        calibration: frames like those that it will see, commands included.
        folder: where the files go.
        seed: of the choice of calibration frames.

    Raises:
        ExportError: with the converter's last words, if it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{variant.file_stem}.tflite"
    with tempfile.TemporaryDirectory() as scratch:
        inputs = Path(scratch) / "calibration.npz"
        np.savez(inputs, allow_pickle=False, **calibration_inputs(variant, calibration, seed))
        command = [sys.executable, "-m", "models.lane.convert", str(network), variant.name, str(inputs)]
        done = subprocess.run(  # noqa: S603  # our own module, with paths as arguments
            [*command, str(target), "int8" if variant.int8 else "dynamic"],
            capture_output=True,
            text=True,
            timeout=CONVERSION_TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        raise ExportError(f"converting {network} ended with {done.returncode}: {done.stderr[-2000:]}")
    sidecar = variant.sidecar(*tensor_names(target, variant))
    text = json.dumps(sidecar, indent=2) + "\n"
    target.with_suffix(".json").write_text(text, encoding="utf-8")
    return target


def calibration_inputs(variant: Variant, frames: Frames, seed: int) -> dict[str, NDArray[Any]]:
    """Inputs by name for some of the frames, every command among them as often as the frames have it."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(frames), min(CALIBRATION_FRAMES, len(frames)), replace=False)
    inputs: dict[str, NDArray[Any]] = {"image": frames.pictures(variant)[chosen]}
    if variant.takes_command:
        inputs["command"] = np.eye(len(COMMANDS), dtype=np.float32)[frames.command[chosen]]
    return inputs


def tensor_names(model: Path, variant: Variant) -> tuple[InputNames, dict[str, str]]:
    """Names of the file's input and output tensors by role; they come in no fixed order."""
    runner = TfliteModel(model)
    command = str(runner.input("command")["name"]) if variant.takes_command else None
    return (
        {"image": str(runner.input("image")["name"]), "command": command},
        {name: str(runner.output(name)["name"]) for name in variant.outputs},
    )


def parity(network_steering: NDArray[Any], model: Path, variant: Variant, frames: Frames) -> Parity:
    """Compare the network's steering for `frames` with that of the exported file."""
    said = exported_steering(model, variant, frames)
    gaps = np.abs(said - network_steering)
    return Parity(len(frames), float(gaps.mean()), float(np.quantile(gaps, 0.99)), float(gaps.max()))


def exported_steering(model: Path, variant: Variant, frames: Frames) -> NDArray[Any]:
    """What the exported file steers for frames that are already cropped: (n,)."""
    runner = TfliteModel(model)
    inputs, outputs = tensor_names(model, variant)
    image, steering = runner.input(inputs["image"]), runner.output(outputs["steering"])
    command = runner.input(inputs["command"]) if inputs["command"] else None
    said = []
    for picture, chosen in zip(frames.pictures(variant), frames.command, strict=True):
        runner.set(image, picture[None].astype(image["dtype"], copy=False))
        if command is not None:
            runner.set(command, np.eye(len(COMMANDS), dtype=np.float32)[chosen : chosen + 1])
        runner.invoke()
        said.append(float(runner.get(steering).flat[0]))
    return np.array(said)
