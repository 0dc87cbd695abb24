"""What was wrong with a recording, counted by kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Kind:
    count: int
    example: str


class Problems:
    """Counts problems and keeps the first example of each kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def note(self, kind: str, where: str, count: int = 1) -> None:
        """Count a problem; `where` names file and line."""
        found = self._kinds.setdefault(kind, _Kind(0, where))
        found.count += count

    def count(self, kind: str) -> int:
        """How many of a kind there were."""
        return self._kinds[kind].count if kind in self._kinds else 0

    @property
    def total(self) -> int:
        """How many there were in all."""
        return sum(kind.count for kind in self._kinds.values())

    def lines(self) -> list[str]:
        """One line for each kind with an example, and the total; none if there was nothing wrong."""
        if not self._kinds:
            return []
        lines = [f"{kind.count} x {name}, for example {kind.example}" for name, kind in sorted(self._kinds.items())]
        return [*lines, f"{self.total} problem{'s' if self.total > 1 else ''} in all"]
