"""Pascal VOC annotations as other programs write them: read leniently, object by object, and never trusted."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from models.detector.exchange.class_map import shown
from models.detector.exchange.problems import UnusableError
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.voc import FLAGS, parse_annotation

MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ForeignObject:
    """An object as it was labelled: its class instead of a label, and a box that may lie anywhere.

    `problem` says what is wrong with an object that cannot be read; its box is then meaningless.
    """

    box: LabelledBox
    problem: UnusableError | None = None


@dataclass(frozen=True, slots=True)
class ForeignAnnotation:
    """What an annotation says."""

    filename: str  # of its picture, as it was called where it was labelled; may be empty
    size_px: tuple[int, int] | None  # width and height; None if it says nothing useful
    objects: tuple[ForeignObject, ...]


def read_foreign_annotation(path: Path) -> ForeignAnnotation:
    """Read an annotation.

    Raises:
        UnusableError: if it cannot be read, is too large, or is something else.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnusableError("annotation is too large", f"{size} bytes; at most {MAX_BYTES}")
        root = parse_annotation(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UnusableError("annotation cannot be read", str(error)) from error
    if root.tag != "annotation":
        raise UnusableError("annotation is not Pascal VOC", f"it begins with <{root.tag[:40]}>, not <annotation>")
    return ForeignAnnotation(
        root.findtext("filename", "").strip(), _size_px(root), tuple(_object(each) for each in root.findall("object"))
    )


def _size_px(root: ET.Element) -> tuple[int, int] | None:
    try:
        width, height = _pixels(root, "size/width"), _pixels(root, "size/height")
    except UnusableError:
        return None
    return (width, height) if width > 0 and height > 0 else None


def _object(element: ET.Element) -> ForeignObject:
    name = element.findtext("name", "").strip()
    flags = [element.findtext(flag, "").strip().lower() in ("1", "true") for flag in FLAGS]
    nowhere = LabelledBox(name, 0, 0, 0, 0, *flags)
    try:
        # VOC counts from 1. Where a program counts from 0, a box at the border begins at 0 and is not cut for that.
        x_min, y_min = (0 if n == 0 else n - 1 for n in _corner(element, "min"))
        x_max, y_max = _corner(element, "max")
    except UnusableError as error:
        return ForeignObject(nowhere, error)
    if not name:
        return ForeignObject(nowhere, UnusableError("object has no class"))
    return ForeignObject(LabelledBox(name, x_min, y_min, x_max, y_max, *flags))


def _corner(element: ET.Element, which: str) -> tuple[int, int]:
    return _pixels(element, f"bndbox/x{which}"), _pixels(element, f"bndbox/y{which}")


def _pixels(element: ET.Element, path: str) -> int:
    text = element.findtext(path)
    if text is None:
        raise UnusableError("box cannot be read", f"<{path}> is missing")
    try:
        return round(float(text))
    except (ValueError, OverflowError) as error:
        raise UnusableError("box cannot be read", f"<{path}> is {shown(text)}") from error
