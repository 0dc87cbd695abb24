"""How often the steering is what: of the training frames, before and after balancing, and of the validation frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.common.plots import BLUE, GREY, ORANGE, Axes, new_figure
from models.lane.dataset import HISTOGRAM_BINS
from models.lane.report.errors import FloatArray

Counts = NDArray[np.float64]
EDGES = np.linspace(-1, 1, HISTOGRAM_BINS + 1)


@dataclass(frozen=True, slots=True)
class SteeringHistogram:
    """Training frames by steering, (HISTOGRAM_BINS,) from -1 to 1."""

    after: Counts  # as they are trained on
    before: Counts | None = None  # as they would be without balancing, of the same sum; None if nobody counted

    @classmethod
    def of(cls, steering: FloatArray, before: FloatArray | None = None) -> SteeringHistogram:
        """The histogram of the training frames' steering (n,), and of what they were chosen from (m,)."""
        after = counts(steering)
        return cls(after, None if before is None else counts(before) * (len(steering) / max(1, len(before))))


def counts(steering: FloatArray) -> Counts:
    """Frames in each of the bins; what lies beyond full scale counts as full scale."""
    return np.histogram(np.clip(steering, -1, 1), EDGES)[0].astype(np.float64)


def draw_histogram(validation: FloatArray, training: SteeringHistogram | None) -> Figure:
    """Bars for the validation frames and, above them, the training frames if they are known."""
    figure = new_figure(2.4 if training is None else 4.4)
    if training is None:
        _bars(figure.subplots(), counts(validation), GREY, "validation frames")
        return figure
    upper, lower = figure.subplots(2, 1, sharex=True)
    title = "training frames"
    if training.before is not None:
        upper.stairs(training.before, EDGES, color=ORANGE, linewidth=2, zorder=2)
        title += " (bars), and as they were before balancing (line)"
    _bars(upper, training.after, BLUE, title)
    upper.set(xlabel="")
    _bars(lower, counts(validation), GREY, "validation frames")
    return figure


def _bars(axes: Axes, values: Counts, colour: str, title: str) -> None:
    axes.stairs(values, EDGES, fill=True, color=colour)
    axes.set_title(title, loc="left")
    axes.set(xlabel="true steering (of full scale; left −, right +)", ylabel="frames", xlim=(-1, 1))
