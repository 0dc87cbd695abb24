"""Pictures of an evaluation: who is taken for whom, and where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.detector.evaluation.confusion import confusion, draw_confusion
from models.detector.evaluation.evaluate import Judged
from models.detector.evaluation.pairing import Pair, pairs
from models.detector.evaluation.worst import WorstPictures
from models.detector.pictures.example import Example


class Gallery:
    """Collects while an evaluation runs."""

    def __init__(self, labels: Sequence[str], score: float) -> None:
        """What is found with `score` or more counts as found."""
        self._labels, self._score = labels, score
        self._pairs: list[Pair] = []
        self._worst = WorstPictures()

    def watch(self, example: Example, judged: Judged) -> None:
        """Take in a picture."""
        paired = pairs(judged.truth, judged.found, self._score)
        self._pairs += paired
        self._worst.add(example.image, paired)

    def draw(self, folder: Path) -> list[Path]:
        """Write `confusion.png` and, if anything went wrong, `worst.png`; returns what was written."""
        folder.mkdir(parents=True, exist_ok=True)
        matrix, worst = folder / "confusion.png", folder / "worst.png"
        draw_confusion(confusion(self._pairs, self._labels), self._labels, matrix)
        return [matrix, worst] if self._worst.draw(worst) else [matrix]
