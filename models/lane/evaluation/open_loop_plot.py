"""Pictures of an open-loop evaluation: said against true, and both over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.common.plots import BLUE, ORANGE, new_figure, plotting, store
from models.lane.dataset import SINGLE_PICTURE
from models.lane.evaluation.open_loop import OpenLoop
from models.lane.report.scatter import draw_predicted

FRAMES_SHOWN = 600


def draw_open_loop(heard: OpenLoop, folder: Path) -> list[Path]:
    """Write `open_loop.png` (said against true) and `open_loop_series.png` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with plotting():
        plots = {
            "open_loop.png": draw_predicted(heard.frames.steering, heard.said.astype(np.float32)),
            "open_loop_series.png": _draw_series(heard),
        }
        for name, figure in plots.items():
            store(figure, folder / name)
    return [folder / name for name in plots]


def _draw_series(heard: OpenLoop) -> Figure:
    """The longest drive, or the first frames where there is none."""
    shown = longest_drive(heard.frames.drive)
    figure = new_figure(3.2)
    axes = figure.subplots()
    places = np.arange(shown.start, shown.stop)
    axes.plot(places, heard.true[shown], color=ORANGE, label="true")
    axes.plot(places, heard.said[shown], color=BLUE, linewidth=1, label="said")
    axes.set(xlabel="frame of the data set", ylabel="steering (of full scale; left −, right +)", ylim=(-1.1, 1.1))
    axes.legend(ncols=2, loc="upper center")
    return figure


def longest_drive(drive: NDArray[np.int32]) -> slice:
    """The frames of the longest drive, `FRAMES_SHOWN` at most; the first frames if all are single pictures.

    Args:
        drive: (n,) numbers of drives, as in a data set.
    """
    starts = np.flatnonzero(np.diff(drive, prepend=drive[0] - 1))
    ends = np.append(starts[1:], len(drive))
    lengths = np.where(drive[starts] == SINGLE_PICTURE, 0, ends - starts)
    longest = int(np.argmax(lengths))
    if lengths[longest] == 0:
        return slice(0, min(FRAMES_SHOWN, len(drive)))
    start = int(starts[longest])
    return slice(start, min(start + FRAMES_SHOWN, int(ends[longest])))
