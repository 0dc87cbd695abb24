"""Label files: what a detector's class numbers mean, for models that have no sidecar to say it."""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from car.perception.sidecar import NO_LABEL, ModelError

LARGEST_FILE_BYTES = 1_000_000
LARGEST_NUMBER = 9_999
_LINE_END = re.compile(r"\r\n?|\n")
_NUMBERED = re.compile(r"(\d{1,9})(?:\s*:\s*|\s+)(\S.*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What a label file says."""

    labels: tuple[str, ...]  # NO_LABEL where a number has none
    numbered: bool  # the file gives each label's class number itself


def read_label_file(path: Path) -> LabelFile:
    """Read a label file: one label a line, or lines such as `7 label` or `7: label` with their class numbers.

    Without numbers the first line is class 0, the next one class 1. A first line `???` stands for the background, which
    `TFLite_Detection_PostProcess` does not count: it is left out. Any other `???` and any empty line keeps its
    number and names nothing.

    Raises:
        ModelError: if it cannot be read or is no label file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except OSError as error:
        raise ModelError(path, f"the label file cannot be read ({error.strerror})") from error
    return parse_labels(content, path)


def parse_labels(content: bytes, path: Path) -> LabelFile:
    """The same for a file's content.

    Raises:
        ModelError: as `read_label_file`; names `path`.
    """
    if len(content) > LARGEST_FILE_BYTES:
        raise ModelError(path, f"is larger than {LARGEST_FILE_BYTES} bytes, so it is no label file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(path, "is no label file in UTF-8; write one label a line as plain text") from error
    if "\0" in text:
        raise ModelError(path, "is no text; write one label a line")
    lines = [line.strip() for line in _LINE_END.split(text.rstrip())]
    pairs = [_NUMBERED.fullmatch(line) for line in lines if line]
    numbers = [(int(match[1]), match[2]) for match in pairs if match]
    numbered = bool(numbers) and len(numbers) == len(pairs)
    labels = _by_number(numbers, path) if numbered else _in_order(lines, path)
    if all(label == NO_LABEL for label in labels):
        raise ModelError(path, "names no label; write one label a line")
    return LabelFile(labels, numbered)


def label_file_beside(model_path: Path) -> Path | None:
    """`<model>.txt`, or else `labels.txt`, in the model's folder; None if there is neither."""
    for path in (model_path.with_suffix(".txt"), model_path.with_name("labels.txt")):
        if path.is_file():
            return path
    return None


def labels_within(model_path: Path) -> LabelFile | None:
    """The label file that is packed into a model as TFLite metadata does it, as a zip archive behind the model's end.

    Returns:
        None if there is none, or if there are several texts and so no telling which.

    Raises:
        ModelError: if it is packed and cannot be used.
    """
    if not zipfile.is_zipfile(model_path):
        return None
    try:
        with zipfile.ZipFile(model_path) as archive:
            texts = [entry for entry in archive.infolist() if entry.filename.endswith(".txt")]
            if len(texts) != 1:
                return None
            with archive.open(texts[0]) as file:
                content = file.read(LARGEST_FILE_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ModelError(model_path, f"the label file packed into it cannot be read ({error})") from error
    return parse_labels(content, model_path / texts[0].filename)


def _in_order(lines: list[str], path: Path) -> tuple[str, ...]:
    named = lines[1:] if lines[0] == NO_LABEL else lines
    if len(named) > LARGEST_NUMBER + 1:
        raise ModelError(path, f"has {len(named)} lines, so it is no label file")
    return tuple(line or NO_LABEL for line in named)


def _by_number(pairs: list[tuple[int, str]], path: Path) -> tuple[str, ...]:
    largest = max(number for number, _ in pairs)
    if largest > LARGEST_NUMBER:
        raise ModelError(path, f"has a class number {largest}; the largest possible one is {LARGEST_NUMBER}")
    labels: dict[int, str] = {}
    for number, label in pairs:
        if number in labels:
            raise ModelError(path, f"gives class number {number} to {labels[number]!r} and to {label!r}")
        labels[number] = label
    return tuple(labels.get(number, NO_LABEL) for number in range(largest + 1))
