"""Which objects a detector takes for which, as a matrix and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from models.common.plots import new_figure, plotting, store
from models.detector.evaluation.pairing import Pair

NOTHING = "nothing"
HEIGHT_INCHES = 6.2


def confusion(all_pairs: Iterable[Pair], labels: Sequence[str]) -> NDArray[np.int64]:
    """(n + 1, n + 1) counts: the row is what is there, the column what was found; the last of both is nothing."""
    counts = np.zeros((len(labels) + 1,) * 2, np.int64)
    place = {label: k for k, label in enumerate(labels)}
    for pair in all_pairs:
        row = len(labels) if pair.truth is None else place[pair.truth.label]
        column = len(labels) if pair.found is None else place[pair.found.label]
        counts[row, column] += 1
    return counts


def draw_confusion(counts: NDArray[np.int64], labels: Sequence[str], path: Path) -> None:
    """Write a PNG: shares of each row in colour, counts in figures."""
    with plotting():
        store(_figure(counts, [*labels, NOTHING]), path)


def _figure(counts: NDArray[np.int64], names: Sequence[str]) -> Figure:
    figure = new_figure(HEIGHT_INCHES)
    axes = figure.subplots()
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    axes.grid(visible=False)
    places = range(len(names))
    axes.set_xticks(places, names, rotation=90)
    axes.set_yticks(places, names)
    axes.set(xlabel="found", ylabel="there")
    for row, column in np.argwhere(counts > 0).tolist():
        ink = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=ink, fontsize=7)
    return figure
