"""From a trained network to the files that a car needs: an int8 and a float .tflite, each with its .json."""

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

from car.perception.lane import LaneModel
from car.perception.sidecar import COMMANDS
from car.perception.tflite import TfliteModel
from models.lane.dataset import Frames
from models.lane.training.architecture import STATES
from models.lane.variants import Variant

CALIBRATION_FRAMES = 400
PARITY_FRAMES = 400
CONVERSION_TIMEOUT_S = 600.0

TensorNames = dict[str, Any]


class ExportError(Exception):
    """A network that cannot be converted."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How far an exported file's steering is from the network's, over the same frames, in full scales."""

    frames: int
    mean: float
    p99: float
    worst: float


def float_model(model: Path) -> Path:
    """The float file that belongs to an int8 one: `lane_float.tflite` to `lane.tflite`."""
    return model.with_name(f"{model.stem}_float.tflite")


def export(variant: Variant, network: Path, calibration: Frames, folder: Path, seed: int = 0) -> Path:
    """Convert `network` (a .keras file) and write `<stem>.tflite` (int8) and `<stem>_float.tflite` into `folder`.

    Args:
        variant: what the network is.
        network: the trained network.
        calibration: frames like those that it will see, commands included; in rows for a recurrent one.
        folder: where the files go, each with its .json.
        seed: of the choice of calibration frames.

    Returns:
        The int8 file.

    Raises:
        ExportError: with the converter's last words, if it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{variant.file_stem}.tflite"
    _convert(variant, network, float_model(target), {}, "float")
    _convert(variant, network, target, calibration_inputs(variant, calibration, seed, float_model(target)), "int8")
    return target


def _convert(variant: Variant, network: Path, target: Path, inputs: dict[str, NDArray[Any]], mode: str) -> None:
    """In a process of its own, since the converter can take its process down."""
    with tempfile.TemporaryDirectory() as scratch:
        calibration = Path(scratch) / "calibration.npz"
        np.savez(calibration, allow_pickle=False, **inputs)
        command = [sys.executable, "-m", "models.lane.training.convert", str(network), variant.name, str(calibration)]
        done = subprocess.run(  # noqa: S603  # our own module, with paths as arguments
            [*command, str(target), mode], capture_output=True, text=True, timeout=CONVERSION_TIMEOUT_S, check=False
        )
    if done.returncode != 0:
        raise ExportError(f"converting {network} ended with {done.returncode}: {done.stderr[-2000:]}")
    text = json.dumps(variant.sidecar(*tensor_names(target, variant)), indent=2) + "\n"
    target.with_suffix(".json").write_text(text, encoding="utf-8")


def calibration_inputs(variant: Variant, frames: Frames, seed: int, whole: Path) -> dict[str, NDArray[Any]]:
    """Inputs by name for some of the frames, every command among them as often as the frames have it.

    `whole` is the float model; a recurrent one has to drive through the frames for its memories to be real ones.
    """
    rng = np.random.default_rng(seed)
    if variant.memory_units:
        frames = frames.only(slice(4 * CALIBRATION_FRAMES))
    chosen = rng.choice(len(frames), min(CALIBRATION_FRAMES, len(frames)), replace=False)
    inputs: dict[str, NDArray[Any]] = {"image": frames.picture[chosen]}
    if variant.takes_command:
        inputs["command"] = np.eye(len(COMMANDS), dtype=np.float32)[frames.command[chosen]]
    if variant.memory_units:
        memories = _memories(whole, frames)
        inputs |= {name: memory[chosen] for name, memory in zip(STATES, memories, strict=True)}
    return inputs


def _memories(model: Path, frames: Frames) -> list[NDArray[np.float32]]:
    """What a recurrent model remembered when it came to each frame: (n, units) for each of its states."""
    lane = LaneModel(model, memory_every=1)
    before: list[list[NDArray[Any]]] = []
    for k, picture in enumerate(frames.picture):
        if k == 0 or frames.drive[k] != frames.drive[k - 1]:
            lane.reset()
        before.append([state[0] for state in lane.memory])
        lane.judge(picture, COMMANDS[frames.command[k]])
    return [np.stack(states).astype(np.float32) for states in zip(*before, strict=True)]


def tensor_names(model: Path, variant: Variant) -> tuple[TensorNames, TensorNames]:
    """Names of the file's input and output tensors by role; they come in no fixed order."""
    runner = TfliteModel(model)
    memory = STATES if variant.memory_units else ()
    inputs: TensorNames = {
        "image": str(runner.input("image")["name"]),
        "command": str(runner.input("command")["name"]) if variant.takes_command else None,
    }
    outputs: TensorNames = {name: str(runner.output(name)["name"]) for name in variant.outputs}
    if memory:
        inputs["memory"] = [str(runner.input(name)["name"]) for name in memory]
        outputs["memory"] = [str(runner.output(name)["name"]) for name in memory]
    return inputs, outputs


def parity(network_steering: NDArray[Any], model: Path, frames: Frames) -> Parity:
    """Compare the network's steering for `frames` with that of the exported file."""
    said = exported_steering(model, frames)
    gaps = np.abs(said - np.clip(network_steering, -1.0, 1.0))
    return Parity(len(frames), float(gaps.mean()), float(np.quantile(gaps, 0.99)), float(gaps.max()))


def exported_steering(model: Path, frames: Frames) -> NDArray[Any]:
    """What the exported file steers for a data set's frames: (n,). A recurrent one forgets at each new drive."""
    lane = LaneModel(model, memory_every=1)
    said = []
    for k, picture in enumerate(frames.picture):
        if k == 0 or frames.drive[k] != frames.drive[k - 1] or frames.drive[k] < 0:
            lane.reset()
        said.append(lane.judge(picture, COMMANDS[frames.command[k]]).steering)
    return np.array(said)
