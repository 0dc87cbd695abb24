"""How far a network's answers are from the true ones, in all and by kind of frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from models.lane.dataset import CAMERAS, Frames
from models.lane.variants import Variant

FloatArray = NDArray[np.float32]

STEERING_BINS = 10


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """The absolute steering errors of one kind of frames, in full scales."""

    name: str
    frames: int
    mean: float
    p90: float  # nine of ten frames are below


def mean_errors(variant: Variant, frames: Frames, predicted: Mapping[str, FloatArray]) -> dict[str, float]:
    """Mean absolute error by output, over the frames whose truth is known; an output that has none is left out."""
    errors = {name: np.abs(predicted[name] - getattr(frames, name)) for name in variant.outputs}
    return {name: float(np.nanmean(error)) for name, error in errors.items() if not np.isnan(error).all()}


def known_frames(variant: Variant, frames: Frames) -> dict[str, int]:
    """By output, how many frames have a true value."""
    return {name: int(np.isfinite(getattr(frames, name)).sum()) for name in variant.outputs}


def command_errors(frames: Frames, steering: FloatArray) -> dict[str, float]:
    """Mean absolute steering error by command, of the commands that occur."""
    return {group.name: group.mean for group in by_command(frames, steering)}


def by_command(frames: Frames, steering: FloatArray) -> list[ErrorGroup]:
    """Steering errors by command, of the commands that occur."""
    return _groups(frames, steering, frames.command, [command.value for command in COMMANDS])


def by_camera(frames: Frames, steering: FloatArray) -> list[ErrorGroup]:
    """Steering errors by camera, of the cameras that occur."""
    return _groups(frames, steering, frames.camera, list(CAMERAS))


def by_steering(frames: Frames, steering: FloatArray) -> list[ErrorGroup | None]:
    """Steering errors by what would have been right, in `STEERING_BINS` equal bins from -1 to 1; None where empty."""
    bins = np.clip(((frames.steering + 1) / 2 * STEERING_BINS).astype(int), 0, STEERING_BINS - 1)
    edges = np.linspace(-1, 1, STEERING_BINS + 1)
    names = [f"{low:+.1f} to {high:+.1f}" for low, high in pairwise(edges)]
    found = {group.name: group for group in _groups(frames, steering, bins, names)}
    return [found.get(name) for name in names]


def _groups(frames: Frames, steering: FloatArray, label: NDArray[np.integer], names: list[str]) -> list[ErrorGroup]:
    errors = np.abs(steering - frames.steering)
    parts = [(name, errors[label == k]) for k, name in enumerate(names)]
    return [
        ErrorGroup(name, len(part), float(part.mean()), float(np.quantile(part, 0.9)))
        for name, part in parts
        if len(part)
    ]
