"""The course of a training: losses, steering error and learning rate by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from models.common.plots import BLUE, GREY, ORANGE, Axes, new_figure

History = Mapping[str, Sequence[float]]

# Keras names the error of a network with one output "mae", of one with several "steering_mae".
_ERROR_NAMES = ("steering_mae", "mae")
_RATE = "learning_rate"
_PANEL_IN = 2.1


def draw_curves(history: History, stage_epochs: Sequence[int] = ()) -> Figure:
    """Losses of training and validation; below them steering errors and learning rate, as far as recorded.

    A dotted line stands between the stages of a training, if `stage_epochs` tells how long they were.
    """
    panels = [("loss", "loss")]
    panels += [(name, "mean steering error\n(of full scale)") for name in _ERROR_NAMES if history.get(name)]
    panels += [(_RATE, "learning rate")] if history.get(_RATE) else []
    figure = new_figure(_PANEL_IN * len(panels) + 0.5)
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (name, label) in zip(grid, panels, strict=True):
        values, held_back = history.get(name, []), history.get(f"val_{name}", [])
        _line(axes, values, GREY if name == _RATE else BLUE, "training frames, disturbed", "o-")
        _line(axes, held_back, ORANGE, "validation frames", "s--")
        positive = bool(values) and min((*values, *held_back)) > 0
        axes.set(ylabel=label, yscale="log" if positive and name not in _ERROR_NAMES else "linear")
        for last_epoch in list(accumulate(stage_epochs))[:-1]:
            axes.axvline(last_epoch + 0.5, color="black", linestyle=":", linewidth=1)
    if grid[0].lines:
        grid[0].legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    grid[-1].set(xlabel="epoch")
    grid[-1].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return figure


def _line(axes: Axes, values: Sequence[float], colour: str, label: str, form: str) -> None:
    if values:
        axes.plot(range(1, len(values) + 1), values, form, color=colour, label=label, markersize=4)


def best_epoch(history: History, stage_epochs: Sequence[int] = ()) -> int | None:
    """The epoch of the last stage with the lowest validation loss, counted from 1; None if none was recorded."""
    losses = history.get("val_loss", [])
    start = max(0, len(losses) - stage_epochs[-1]) if stage_epochs else 0
    return None if not losses else 1 + min(range(start, len(losses)), key=losses.__getitem__)
