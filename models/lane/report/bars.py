"""Errors as bars: by steering, by command, by camera, and how residuals are spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib import patheffects
from matplotlib.figure import Figure

from models.common.plots import BLUE, ORANGE, Axes, new_figure, signed
from models.lane.report.errors import ErrorGroup, FloatArray

_ERROR = "steering error (of full scale)"
RESIDUAL_BINS = 61
LEAST_RESIDUAL = 0.05  # half of the narrowest residual axis, so that a perfect network has one too


def draw_by_steering(groups: Sequence[ErrorGroup | None]) -> Figure:
    """Mean and 90th percentile of the error over the true steering; where there are no frames is no bar."""
    figure = new_figure(3.2)
    axes = figure.subplots()
    edges = np.linspace(-1, 1, len(groups) + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    found = [(x, group) for x, group in zip(middles, groups, strict=True) if group is not None]
    places = [x for x, _ in found]
    axes.bar(places, [group.mean for _, group in found], 0.9 * (edges[1] - edges[0]), color=BLUE, label="mean")
    axes.plot(
        places, [group.p90 for _, group in found], "_", color=ORANGE, markersize=18, mew=3, label="90 % are below"
    )
    for x, group in found:
        count = axes.annotate(_short(group.frames), (x, 0), (0, 3), textcoords="offset points", ha="center", size=8)
        count.set_path_effects([patheffects.withStroke(linewidth=2.5, foreground="white")])  # bars may be low
    axes.set(xlabel="true steering (of full scale; left −, right +)", ylabel=_ERROR, xlim=(-1, 1))
    axes.set_ylim(0, _top([group for _, group in found]))
    axes.legend(ncols=2, loc="upper center")
    return figure


def draw_groups(commands: Sequence[ErrorGroup], cameras: Sequence[ErrorGroup]) -> Figure:
    """The same by command and by camera."""
    rows = len(commands) + len(cameras)
    figure = new_figure(1.5 + 0.36 * rows)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(len(commands), len(cameras)))
    top = _top([*commands, *cameras])
    for axes, groups, label in ((upper, commands, "command"), (lower, cameras, "camera")):
        _lying(axes, groups)
        axes.set(ylabel=label, xlim=(0, top))
    lower.set(xlabel=_ERROR)
    upper.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure


def draw_residuals(true: FloatArray, said: FloatArray) -> Figure:
    """How predicted minus true is spread, with mean and quantiles."""
    residuals = said - true
    reach = max(LEAST_RESIDUAL, float(np.quantile(np.abs(residuals), 0.995)))
    figure = new_figure(3.0)
    axes = figure.subplots()
    axes.hist(np.clip(residuals, -reach, reach), RESIDUAL_BINS, range=(-reach, reach), color=BLUE)
    low, high = np.quantile(residuals, (0.05, 0.95))
    for value, style, label in (
        (low, "--", f"5 % below {signed(low)}"),
        (residuals.mean(), "-", f"mean {signed(residuals.mean())}"),
        (high, "--", f"5 % above {signed(high)}"),
    ):
        axes.axvline(np.clip(value, -reach, reach), color=ORANGE, linestyle=style, label=label)
    axes.set(xlabel="predicted − true steering (of full scale; + is too far right)", ylabel="frames")
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), handlelength=1.5, columnspacing=1.2)
    return figure


def _lying(axes: Axes, groups: Sequence[ErrorGroup]) -> None:
    places = list(range(len(groups)))[::-1]
    axes.barh(places, [group.mean for group in groups], 0.7, color=BLUE, label="mean")
    axes.plot([group.p90 for group in groups], places, "|", color=ORANGE, markersize=16, mew=3, label="90 % are below")
    axes.set_yticks(places, [f"{group.name} ({_short(group.frames)})" for group in groups])
    axes.set_ylim(-0.6, len(groups) - 0.4)
    axes.grid(visible=False, axis="y")


def _short(frames: int) -> str:
    return f"{frames:,}" if frames < 10_000 else f"{frames / 1000:.0f}k"


def _top(groups: Sequence[ErrorGroup]) -> float:
    return max(0.01, 1.25 * max((max(group.mean, group.p90) for group in groups), default=0.0))
