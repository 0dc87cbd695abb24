"""Frames with what was right and what was said: the worst, the typical and the best."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from models.common.plots import WIDTH_IN, new_figure, signed
from models.lane.dataset import CAMERAS, Frames
from models.lane.report.arcs import draw_steering, show_picture, shown_shape
from models.lane.report.errors import FloatArray
from models.lane.variants import Variant

WORST_FRAMES = 12
SOME_FRAMES = 6
_COLUMNS = 3
_TITLE_IN = 0.42

Indices = NDArray[np.intp]


def worst_frames(frames: Frames, said: FloatArray, count: int = WORST_FRAMES) -> Indices:
    """The frames with the largest steering errors, the worst first."""
    return np.argsort(-_errors(frames, said), kind="stable")[:count]


def best_frames(frames: Frames, said: FloatArray, count: int = SOME_FRAMES) -> Indices:
    """The frames with the smallest steering errors, the best first."""
    return np.argsort(_errors(frames, said), kind="stable")[:count]


def typical_frames(frames: Frames, said: FloatArray, count: int = SOME_FRAMES) -> Indices:
    """The frames whose steering errors are nearest to the median."""
    errors = _errors(frames, said)
    return np.argsort(np.abs(errors - np.median(errors)), kind="stable")[:count]


def varied_frames(frames: Frames, count: int = SOME_FRAMES) -> Indices:
    """Frames with different commands and, for each command, different steering; from the centre camera if it can be."""
    chosen: list[int] = []
    queues = [_spread(frames, k) for k in range(len(COMMANDS))]
    while len(chosen) < min(count, len(frames)):
        chosen += [queue.pop(0) for queue in queues if queue]
    return np.array(sorted(chosen[:count], key=lambda k: (frames.command[k], frames.steering[k])), np.intp)


def _spread(frames: Frames, command: int) -> list[int]:
    """The frames of a command: moderate left, moderate right, straight, and then whatever is left."""
    there = np.flatnonzero(frames.command == command)
    if len(there) == 0:
        return []
    centre = frames.camera[there] == CAMERAS.index("centre")
    ordered = there[np.lexsort((frames.steering[there], ~centre))]
    looked_at = np.count_nonzero(centre) or len(there)
    first = [int(ordered[int(share * (looked_at - 1))]) for share in (0.2, 0.8, 0.5)]
    return list(dict.fromkeys([*first, *ordered.tolist()]))


def draw_frames(variant: Variant, frames: Frames, said: FloatArray, chosen: Indices) -> Figure:
    """The chosen frames, three in a row, each with its command, the true and the predicted steering and their arcs."""
    rows = -(-len(chosen) // _COLUMNS)
    figure = new_figure(rows * (WIDTH_IN / _COLUMNS * shown_shape(variant) + _TITLE_IN))
    grid = figure.subplots(rows, _COLUMNS, squeeze=False)
    for axes in grid.flat:
        axes.axis("off")
    for axes, k in zip(grid.flat, chosen, strict=False):
        show_picture(axes, frames.picture[k])
        draw_steering(axes, variant, float(frames.steering[k]), float(said[k]))
        axes.set_title(frame_title(frames, int(k), float(said[k])), fontsize=9)
    return figure


def frame_title(frames: Frames, k: int, said: float) -> str:
    """Command and camera of a frame, its true steering, and what was said."""
    camera = CAMERAS[frames.camera[k]]
    beside = "" if camera == "centre" else f", {camera} camera"
    return f"{COMMANDS[frames.command[k]].value}{beside}\ntrue {signed(frames.steering[k])}, said {signed(said)}"


def _errors(frames: Frames, said: FloatArray) -> FloatArray:
    return np.asarray(np.abs(said - frames.steering))
