"""What the tests with Docker measure, as a page of Markdown."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class Report:
    """Rows of tables, by the table's heads."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    def add(self, heads: Sequence[str], *cells: object) -> None:
        """Add a row to the table with these heads."""
        self._tables.setdefault(tuple(heads), []).append(tuple(map(str, cells)))

    @contextmanager
    def time(self, step: str) -> Iterator[None]:
        """Note how long something takes, if it succeeds."""
        begun_s = time.monotonic()
        yield
        self.add(("step", "time"), step, f"{time.monotonic() - begun_s:.0f} s")

    def __str__(self) -> str:
        return "\n".join(self._table(heads, rows) for heads, rows in self._tables.items())

    @staticmethod
    def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
        lines = [heads, ["---"] * len(heads), *rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def write(self, path: Path) -> None:
        """Print it, and keep it in a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(self), "utf-8")
        print(f"\n{self}")  # noqa: T201  # for whoever runs the tests with -s
