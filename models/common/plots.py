"""How the report's plots look: colours that the colour-blind can tell apart, letters that a phone can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import matplotlib as mpl
from matplotlib.figure import Figure

Axes: TypeAlias = Any  # matplotlib comes without types

# Of the palette by Okabe and Ito.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C8C8C"
DENSITY_COLOURS = "viridis"
WIDTH_IN = 5.6  # a plot as wide as a phone still has letters that can be read
DOTS_PER_INCH = 130

STYLE = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "legend.frameon": False,
    "figure.facecolor": "white",
}


def plotting() -> Any:  # noqa: ANN401  # a context manager of a library without types
    """A context in which plots get the report's style."""
    return mpl.rc_context(STYLE)


def new_figure(height_in: float) -> Figure:
    """An empty figure as wide as the report's page."""
    return Figure(figsize=(WIDTH_IN, height_in), layout="constrained")


def signed(value: float) -> str:
    """A value with two digits and its sign; zero has none to speak of."""
    return f"{value:+z.2f}".replace("-", "−")


def store(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    figure.savefig(path, dpi=DOTS_PER_INCH)
