"""What was predicted against what was true."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from car.perception.sidecar import COMMANDS
from models.common.plots import BLUE, DENSITY_COLOURS, Axes, new_figure
from models.lane.dataset import Frames
from models.lane.report.errors import FloatArray

FEWEST_FOR_DENSITY = 400  # below, single dots tell more
_EDGE = 1.1  # of the plot; a network may say more than full scale
_TRUE, _SAID = "true steering", "predicted steering"
_UNIT = " (of full scale; left −, right +)"


def draw_predicted(true: FloatArray, said: FloatArray) -> Figure:
    """All frames: how many there are at each place, or single dots if there are few."""
    figure = new_figure(5.4)
    axes = figure.subplots()
    _place_all(figure, [axes], [true], [said])
    axes.set(xlabel=_TRUE + _UNIT, ylabel=_SAID + _UNIT)
    return figure


def draw_predicted_by_command(frames: Frames, said: FloatArray) -> Figure:
    """The same for each command that occurs, two in a row."""
    present = [k for k in range(len(COMMANDS)) if np.any(frames.command == k)]
    rows = -(-len(present) // 2)
    figure = new_figure(2.45 * rows + 0.3)
    grid = figure.subplots(rows, 2, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[len(present) :]:
        axes.set_visible(False)
    chosen = [frames.command == k for k in present]
    panels = list(grid.flat[: len(present)])
    _place_all(figure, panels, [frames.steering[c] for c in chosen], [said[c] for c in chosen])
    for axes, k in zip(panels, present, strict=True):
        axes.set(title=f"{COMMANDS[k].value}, {np.count_nonzero(frames.command == k):,} frames")
    figure.supxlabel(_TRUE + _UNIT, size="medium")
    figure.supylabel(_SAID, size="medium")
    return figure


def _place_all(figure: Figure, panels: Sequence[Axes], true: Sequence[FloatArray], said: Sequence[FloatArray]) -> None:
    """One panel each; all by the same colours."""
    dense = sum(map(len, true)) >= FEWEST_FOR_DENSITY
    drawn = [_place(axes, t, np.clip(s, -_EDGE, _EDGE), dense) for axes, t, s in zip(panels, true, said, strict=True)]
    if dense:
        colours = LogNorm(1, max(2, *(cells.get_array().max() for cells in drawn)))
        for cells in drawn:
            cells.set_norm(colours)
        figure.colorbar(drawn[0], ax=list(panels), label="frames in a cell", shrink=0.8)


def _place(axes: Axes, true: FloatArray, said: FloatArray, dense: bool) -> Axes:
    axes.set(xlim=(-_EDGE, _EDGE), ylim=(-_EDGE, _EDGE), aspect="equal")
    axes.plot([-1, 1], [-1, 1], color="black", linewidth=0.8, linestyle="--", zorder=3)
    if not dense:
        return axes.plot(true, said, "o", color=BLUE, markersize=4, alpha=0.5, markeredgewidth=0)
    extent = (-_EDGE, _EDGE, -_EDGE, _EDGE)
    return axes.hexbin(true, said, gridsize=44, mincnt=1, extent=extent, cmap=DENSITY_COLOURS, zorder=2)
