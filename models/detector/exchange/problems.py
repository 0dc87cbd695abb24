"""What an import could not use, and what came of the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Concerns(StrEnum):
    """What a problem is about, and what became of it."""

    PICTURE = "picture skipped"
    OBJECT = "object skipped"
    USED = "object used"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a file; `kind` is the same for all files that have it."""

    path: Path
    concerns: Concerns
    kind: str
    detail: str = ""

    def __str__(self) -> str:
        path = str(self.path)
        detail = f" ({self.detail})" if self.detail else ""
        return f"{path if path.isprintable() else repr(path)}: {self.kind}{detail}; {self.concerns}"


class UnusableError(Exception):
    """A picture or an object that cannot be used."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        self.detail = detail


@dataclass(slots=True)
class ImportReport:
    """What came of an import; all counts but `new` and `renewed` are of what the data set now has from the folder."""

    new: int = 0
    renewed: int = 0  # was there, but has been labelled otherwise since
    present: int = 0  # was there as it is
    unlabelled: int = 0  # pictures without an annotation, which are not imported
    left_out: int = 0  # objects that the class map leaves out
    labels: Counter[str] = field(default_factory=Counter)  # objects by label
    problems: list[Problem] = field(default_factory=list)

    @property
    def pictures(self) -> int:
        """How many pictures of the folder the data set now has."""
        return self.new + self.renewed + self.present

    def rows(self) -> list[tuple[str, int]]:
        """What there was, how often; problems by kind, pictures first."""
        rows = [
            ("pictures: new", self.new),
            ("pictures: labelled anew", self.renewed),
            ("pictures: there already", self.present),
            ("pictures: without annotation, not imported", self.unlabelled),
            *((f"{concerns}: {kind}", n) for (concerns, kind), n in self._counted(Concerns.PICTURE)),
            *((f"objects: {label}", n) for label, n in sorted(self.labels.items())),
            ("objects: left out by the class map", self.left_out),
            *((f"{concerns}: {kind}", n) for (concerns, kind), n in self._counted(Concerns.OBJECT, Concerns.USED)),
        ]
        return [(what, count) for what, count in rows if count or what == "pictures: new"]

    def _counted(self, *concerns: Concerns) -> list[tuple[tuple[Concerns, str], int]]:
        counts = Counter((problem.concerns, problem.kind) for problem in self.problems)
        return sorted((key, count) for key, count in counts.items() if key[0] in concerns)
