"""Classes of the detector, those of a data set, and the part of a camera frame that the detector looks at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from car.perception.sidecar import DetectorCrop
from city.sign_catalogue import SIGN_KINDS
from models.common.files import write_bytes
from models.detector.pictures.boxes import DataSetError

CAR = "Car"
LABELS: tuple[str, ...] = (*SIGN_KINDS, CAR)
MAX_LABELS = 1000
MAX_LABEL_LENGTH = 64

# The detector sees the top 80 % of a 320x240 frame: below that is only the road in front of the bumper.
CROP = DetectorCrop(top_fraction=0.0, bottom_fraction=0.8)


def labels_path(folder: Path) -> Path:
    """Where a data set keeps its labels, one a line; a class's number is its line's, counted from 0."""
    return folder / "labels.txt"


def read_labels(folder: Path) -> tuple[str, ...]:
    """The labels that a data set may use; the catalogue and `Car` where it does not say.

    Raises:
        DataSetError: if the list cannot be read, is empty or too long, or has a label twice or one that cannot be.
    """
    path = labels_path(folder)
    try:
        labels = tuple(path.read_text(encoding="utf-8-sig").splitlines())
    except FileNotFoundError:
        return LABELS
    except (OSError, ValueError) as error:
        raise DataSetError(f"{path}: cannot be read as a list of labels: {error}") from error
    if not 1 <= len(labels) <= MAX_LABELS:
        raise DataSetError(f"{path}: holds {len(labels)} labels; 1 to {MAX_LABELS} are possible, one a line")
    for number, label in enumerate(labels, 1):
        problem = "it stands there twice" if label in labels[: number - 1] else label_problem(label)
        if problem:
            raise DataSetError(f"{path}, line {number}: {label!r} cannot be a label: {problem}")
    return labels


def add_labels(folder: Path, labels: Iterable[str]) -> tuple[str, ...]:
    """Store which labels a data set may use: those it has, and behind them what is new; returns all.

    Numbers that were given stay, so exports and networks that were made before still fit.

    Raises:
        DataSetError: if the stored list is wrong, or the new one would be.
    """
    stored = read_labels(folder)
    wanted = united([stored, tuple(labels)])
    if wanted != stored or not labels_path(folder).is_file():
        write_bytes(labels_path(folder), "".join(f"{label}\n" for label in wanted).encode("utf-8"))
    return wanted


def united(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """One list of all labels, in the order in which they come first."""
    return tuple(dict.fromkeys(label for labels in lists for label in labels))


def label_problem(label: str) -> str | None:
    """Why something cannot be a label; None if it can."""
    if not label or label != label.strip():
        return "it is empty, or begins or ends with a blank"
    if not label.isprintable():
        return "it holds letters that cannot be printed"
    if len(label) > MAX_LABEL_LENGTH:
        return f"it is longer than {MAX_LABEL_LENGTH} letters"
    return None
