"""What every export needs of a data set: its examples checked against their pictures, and its labels' numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import labels_path, read_labels
from models.detector.pictures.voc import LabelledImage, read_data_set


@dataclass(frozen=True, slots=True)
class Export:
    """A data set to be written for other programs.

    Pictures are numbered from 1 in the order of their names, labels from 1 in the order of `labels.txt`: 0 is the
    background's in both formats.
    """

    folder: Path
    labels: tuple[str, ...]
    examples: tuple[LabelledImage, ...]

    def number_of(self, label: str) -> int:
        """A label's number."""
        return self.labels.index(label) + 1

    def checked(self) -> Iterator[tuple[int, LabelledImage]]:
        """Every example with its number.

        Raises:
            DataSetError: if a picture is not as large as its annotation says, or cannot be read.
        """
        for number, example in enumerate(self.examples, 1):
            _check_picture(example)
            yield number, example


def open_for_export(folder: Path) -> Export:
    """Read a data set.

    Raises:
        DataSetError: if a file is missing or wrong, or an object has a label that the data set does not have.
    """
    labels, examples = read_labels(folder), tuple(read_data_set(folder))
    for example in examples:
        for box in example.boxes:
            if box.label not in labels:
                raise DataSetError(
                    f"{example.path}: {box.label!r} is no label of the data set; "
                    f"it has those of {labels_path(folder)}, or without that file the catalogue's and Car"
                )
    return Export(folder, labels, examples)


def refuse_existing(path: Path) -> None:
    """Check that an export does not overwrite anything.

    Raises:
        DataSetError: if there is such a file.
    """
    if path.exists():
        raise DataSetError(f"{path} exists already; give another name")


def _check_picture(example: LabelledImage) -> None:
    try:
        with Image.open(example.path, formats=("JPEG",)) as image:
            size = image.size
    except (OSError, Image.DecompressionBombError) as error:
        raise DataSetError(f"{example.path}: cannot be read as a JPEG picture: {error}") from error
    if size != (example.width_px, example.height_px):
        raise DataSetError(
            f"{example.path}: is {size[0]}x{size[1]}, and its annotation says {example.width_px}x{example.height_px}"
        )
