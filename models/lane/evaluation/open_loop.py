"""Open-loop evaluation: what a lane model says about the frames of a data set, against what was right there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from car.perception.lane import LaneModel
from car.perception.sidecar import COMMANDS
from models.lane.dataset import CAMERAS, SINGLE_PICTURE, Frames

DEAD_ZONE = 0.05  # of full scale: who steers less than that goes straight on, to neither side
LEAST_SPREAD = 1e-6  # below, differences are those of arithmetic
DECIMALS = 5

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Steering, true and said, of the same frames; [-1, 1], right positive."""

    frames: Frames
    said: FloatArray

    @property
    def true(self) -> FloatArray:
        """What was right."""
        return self.frames.steering.astype(np.float64)


def listen(model: Path, frames: Frames) -> OpenLoop:
    """Show a model the frames of a data set in their order; a recurrent one forgets at the start of each drive.

    Pictures are cut as the model's sidecar says, by the code that cuts a car's camera frames.

    Raises:
        ModelError: if the file or its sidecar cannot be used.
    """
    lane = LaneModel(model)
    console = Console(stderr=True)
    said = np.empty(len(frames))
    for k in track(range(len(frames)), "frames", console=console, disable=not console.is_terminal):
        if k == 0 or frames.drive[k] != frames.drive[k - 1] or frames.drive[k] == SINGLE_PICTURE:
            lane.reset()
        bgr = np.ascontiguousarray(frames.picture[k][..., ::-1])
        said[k] = lane.look(bgr, COMMANDS[frames.command[k]]).steering
    return OpenLoop(frames, said)


def open_loop_report(heard: OpenLoop) -> dict[str, Any]:
    """Scores over all frames, beside always steering their mean, and for each command and camera that occurs.

    The model beats the constant mean when both its mean absolute and its root mean square error are smaller.

    Raises:
        ValueError: if there are no frames.
    """
    true, said, frames = heard.true, heard.said, heard.frames
    if len(true) == 0:
        raise ValueError("there are no frames to judge by")
    constant = float(true.mean())
    whole, mean = scores(true, said), scores(true, np.full_like(true, constant))
    return {
        **whole,
        "constant_mean": {"steering": round(constant, DECIMALS), "mae": mean["mae"], "rmse": mean["rmse"]},
        "beats_constant_mean": whole["mae"] < mean["mae"] and whole["rmse"] < mean["rmse"],
        "dead_zone": DEAD_ZONE,
        "commands": _by_label(heard, frames.command, [command.value for command in COMMANDS]),
        "cameras": _by_label(heard, frames.camera, CAMERAS),
    }


def _by_label(heard: OpenLoop, label: NDArray[np.uint8], names: Sequence[str]) -> dict[str, dict[str, Any]]:
    groups = {name: label == k for k, name in enumerate(names)}
    return {name: scores(heard.true[chosen], heard.said[chosen]) for name, chosen in groups.items() if chosen.any()}


def scores(true: FloatArray, said: FloatArray) -> dict[str, Any]:
    """How near `said` is to `true`, both (n,) with n >= 1.

    Sign agreement is the share of frames steered to the right side, of those that are to be steered beyond the dead
    zone. It is None if there are none, and the correlation is where one of the two never changes.
    """
    errors = said - true
    turning = np.abs(true) > DEAD_ZONE
    agreement = float(np.mean(np.sign(said[turning]) == np.sign(true[turning]))) if turning.any() else None
    return {
        "frames": len(true),
        "mae": round(float(np.abs(errors).mean()), DECIMALS),
        "rmse": round(float(np.sqrt(np.mean(errors**2))), DECIMALS),
        "correlation": _correlation(true, said),
        "sign_agreement": None if agreement is None else round(agreement, DECIMALS),
    }


def _correlation(true: FloatArray, said: FloatArray) -> float | None:
    if min(true.std(), said.std()) < LEAST_SPREAD:
        return None
    return round(float(np.corrcoef(true, said)[0, 1]), DECIMALS)
