"""A training report in Markdown with plots: loss, steering histogram, predicted against true, worst frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from models.lane.dataset import HISTOGRAM_BINS, Frames
from models.lane.variants import Variant

mpl.use("Agg")

from matplotlib import pyplot as plt  # the backend must be chosen first

WORST_FRAMES = 12

FloatArray = NDArray[np.float32]


def write_report(
    folder: Path,
    variant: Variant,
    history: Mapping[str, Sequence[float]],
    validation: Frames,
    predicted: Mapping[str, FloatArray],
) -> Path:
    """Write `report.md` and its pictures into `folder`.

    Args:
        folder: an existing folder.
        variant: what was trained.
        history: by metric, one value per epoch.
        validation: frames on which the network was not trained.
        predicted: what it says about them, by output.
    """
    _plot_loss(folder / "loss.png", history)
    _plot_histogram(folder / "steering.png", validation.steering)
    _plot_against(folder / "predicted.png", validation.steering, predicted["steering"])
    _plot_worst(folder / "worst.png", variant, validation, predicted["steering"])
    errors = mean_errors(variant, validation, predicted)
    constant = float(np.abs(validation.steering - validation.steering.mean()).mean())
    by_command = command_errors(validation, predicted["steering"])
    lines = [
        f"# Training of the lane model, variant {variant.name}",
        "",
        f"{len(validation):,} validation frames, of scenes that were not trained on.",
        f"Steering that is always the mean would be off by {constant:.4f}.",
        "",
        "| output | mean absolute error |",
        "|---|---|",
        *[f"| {name} | {error:.4f} |" for name, error in errors.items()],
        *[f"| steering, command {name} | {error:.4f} |" for name, error in by_command.items()],
        "",
        "![loss](loss.png)",
        "![steering histogram](steering.png)",
        "![predicted against true](predicted.png)",
        "",
        "The frames with the largest errors:",
        "",
        "![worst frames](worst.png)",
    ]
    path = folder / "report.md"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def mean_errors(variant: Variant, frames: Frames, predicted: Mapping[str, FloatArray]) -> dict[str, float]:
    """Mean absolute error by output."""
    return {name: float(np.abs(predicted[name] - getattr(frames, name)).mean()) for name in variant.outputs}


def command_errors(frames: Frames, steering: FloatArray) -> dict[str, float]:
    """Mean absolute steering error by command, of the commands that occur."""
    errors = np.abs(steering - frames.steering)
    return {
        command.value: float(errors[frames.command == k].mean())
        for k, command in enumerate(COMMANDS)
        if np.any(frames.command == k)
    }


def _plot_loss(path: Path, history: Mapping[str, Sequence[float]]) -> None:
    figure, axes = plt.subplots(figsize=(7, 4))
    for name in ("loss", "val_loss"):
        axes.plot(history.get(name, []), label=name)
    axes.set(xlabel="epoch", yscale="log")
    axes.legend()
    _store(figure, path)


def _plot_histogram(path: Path, steering: FloatArray) -> None:
    figure, axes = plt.subplots(figsize=(7, 3))
    axes.hist(steering, HISTOGRAM_BINS, (-1, 1))
    axes.set(xlabel="steering, right positive", ylabel="frames")
    _store(figure, path)


def _plot_against(path: Path, true: FloatArray, predicted: FloatArray) -> None:
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot(true, predicted, ".", markersize=2, alpha=0.4)
    axes.plot([-1, 1], [-1, 1], "k", linewidth=0.8)
    axes.set(xlabel="the expert's steering", ylabel="the network's", aspect="equal")
    _store(figure, path)


def _plot_worst(path: Path, variant: Variant, frames: Frames, predicted: FloatArray) -> None:
    worst = np.argsort(-np.abs(predicted - frames.steering))[:WORST_FRAMES]
    figure, grid = plt.subplots(3, 4, figsize=(13, 6.5))
    for axes, k in zip(grid.flat, worst, strict=False):
        axes.imshow(frames.pictures(variant)[k])
        axes.set_title(
            f"{COMMANDS[frames.command[k]].value}: {frames.steering[k]:.2f}, said {predicted[k]:.2f}", fontsize=9
        )
    for axes in grid.flat:
        axes.axis("off")
    _store(figure, path)


def _store(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)
