"""A comparison of drivers as a page: a Markdown table, bars, and JSON for other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.lane.comparison.compare import Plans
from models.lane.comparison.plot import draw_comparison

Row = Mapping[str, Any]

_COLUMNS = (
    "driver", "course", "file", "latency p50", "p99", "departures", "wrong turns", "choices as commanded",
    "median survival", "mean distance", "mean lateral", "p95 lateral",
)  # fmt: skip


def write_comparison(compared: Mapping[str, Any], plans: Plans, folder: Path) -> Path:
    """Write `comparison.md`, `comparison.json` and `comparison.png` into an existing folder; returns the first.

    Args:
        compared: what `compare` returns.
        plans: what was driven.
        folder: where to.
    """
    rows: Sequence[Row] = compared["rows"]
    (folder / "comparison.json").write_text(json.dumps(compared, indent=2) + "\n", encoding="utf-8")
    draw_comparison(rows, folder / "comparison.png")
    page = folder / "comparison.md"
    lines = [
        "# Lane drivers compared",
        "",
        _plan_line(plans),
        "The drives are the same for every driver, in cities and looks that no training has seen. The course `streets`",
        "has no choice of way; on `cities` only the command tells it, so that a model without commands is lost there.",
        "Latency is of the network alone on one core, all files taking turns in one run.",
        "",
        *comparison_table(rows),
        *_baseline_lines(compared["baseline"]),
        "",
        "![bars](comparison.png)",
    ]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return page


def _plan_line(plans: Plans) -> str:
    first = next(iter(plans.values()))
    conditions = ", ".join(dict.fromkeys(episode.condition.name for episode in first))
    return f"{len(first)} drives of {first[0].seconds:g} s on each course, seed {first[0].seed}, {conditions}."


def comparison_table(rows: Sequence[Row]) -> list[str]:
    """The lines of a Markdown table, a row for each driver and course."""
    return ["| " + " | ".join(_COLUMNS) + " |", "|---" * len(_COLUMNS) + "|", *[_line(row) for row in rows]]


def _line(row: Row) -> str:
    cells = (
        row["driver"],
        row["course"],
        _shown(row["file_bytes"], "{:,} bytes"),
        _shown(row["latency_p50_ms"], "{:.3f} ms"),
        _shown(row["latency_p99_ms"], "{:.3f} ms"),
        row["departures"],
        row["wrong_turns"],
        f"{row['choices_as_commanded']} of {row['choices_taken']}",
        f"{row['survival_s_median']:.1f} s",
        f"{row['distance_mean_m']:.2f} m",
        f"{1000 * row['lateral_mean_m']:.1f} mm",
        f"{1000 * row['lateral_p95_m']:.1f} mm",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _baseline_lines(baseline: Row | None) -> list[str]:
    if baseline is None:
        return []
    name, p50_ms, p99_ms = Path(baseline["file"]).name, baseline["latency_p50_ms"], baseline["latency_p99_ms"]
    size = f"{baseline['file_bytes']:,} bytes"
    return ["", f"Beside them, in the same run: `{name}`, {size}, latency p50 {p50_ms:.3f} ms, p99 {p99_ms:.3f} ms."]
