"""One measured figure, as the command line promises it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from models.latency import Latency


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, and where there is one, the baseline's value from the same run."""

    name: str
    value: float
    unit: str
    baseline: float | None = None

    def as_json(self) -> dict[str, Any]:
        """With the ratio to the baseline; below 1 is less than the baseline's."""
        ratio = self.value / self.baseline if self.baseline else None
        return {**asdict(self), "ratio": ratio}


class NotHeldError(Exception):
    """What was measured does not hold what is promised; the figures are there all the same."""

    def __init__(self, figures: list[Figure], problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.figures = figures


def latency_figures(name: str, ours: Latency, theirs: Latency | None = None) -> list[Figure]:
    """Median and 99th percentile."""
    return [
        Figure(f"{name} p50", ours.p50_ms, "ms", theirs.p50_ms if theirs else None),
        Figure(f"{name} p99", ours.p99_ms, "ms", theirs.p99_ms if theirs else None),
    ]


def percentile(values: list[float], share: float) -> float:
    """Nearest-rank percentile of at least one value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
