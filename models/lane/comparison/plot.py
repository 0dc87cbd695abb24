"""A comparison of drivers as bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.common.plots import BLUE, GREY, ORANGE, Axes, new_figure, plotting, store

Row = Mapping[str, Any]

COURSE_COLOURS = (BLUE, ORANGE)
LETTERS = 26  # of a driver's name
BAR_IN = 0.22  # height of a driver's bar on one course


def draw_comparison(rows: Sequence[Row], path: Path) -> None:
    """Write a PNG: for each driver and course lost drives, survival, distance, deviation; for each file latency."""
    drivers = list(dict.fromkeys(str(row["driver"]) for row in rows))
    courses = list(dict.fromkeys(str(row["course"]) for row in rows))
    panels: tuple[tuple[str, Callable[[Row], float]], ...] = (
        ("lost drives, of 100", lambda row: 100 * (row["departures"] + row["wrong_turns"]) / row["episodes"]),
        ("median survival, s", lambda row: row["survival_s_median"]),
        ("mean distance, m", lambda row: row["distance_mean_m"]),
        ("lateral deviation p95, mm", lambda row: 1000 * row["lateral_p95_m"]),
    )
    with plotting():
        figure = new_figure(5 * (0.7 + BAR_IN * len(courses) * len(drivers)))
        grid = figure.subplots(len(panels) + 1, 1)
        for axes, (label, value) in zip(grid, panels, strict=False):
            for k, course in enumerate(courses):
                known = {row["driver"]: value(row) for row in rows if row["course"] == course}
                _bars(axes, drivers, known, (k, len(courses)), COURSE_COLOURS[k], course)
            axes.set(xlabel=label)
        grid[0].legend(ncols=len(courses), loc="lower center", bbox_to_anchor=(0.5, 1.0))
        files = {row["driver"]: row["latency_p50_ms"] for row in rows if row["latency_p50_ms"] is not None}
        _bars(grid[-1], drivers, files, (0, 1), GREY)
        grid[-1].set(xlabel="latency of the network alone, median, ms")
        store(figure, path)


def _bars(
    axes: Axes,
    drivers: Sequence[str],
    values: Mapping[str, float],
    place: tuple[int, int],
    colour: str,
    label: str | None = None,
) -> None:
    """Lying bars, the first driver on top; `place` is which bar of how many in each driver's group."""
    which, of = place
    height = 0.8 / of
    middles = np.arange(len(drivers))[::-1]
    lengths = [values.get(name, 0.0) for name in drivers]
    axes.barh(middles - (which - (of - 1) / 2) * height, lengths, height, color=colour, label=label)
    axes.set_yticks(middles, [name if len(name) <= LETTERS else f"…{name[1 - LETTERS :]}" for name in drivers])
    axes.grid(visible=False, axis="y")
