"""Reads Pascal VOC folders with nothing but the standard library, to see what others see in ours."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Seen:
    """An object as VOC counts: pixels from 1, the last one included."""

    name: str
    xmin: int
    ymin: int
    xmax: int
    ymax: int
    truncated: int
    difficult: int


@dataclass(frozen=True)
class SeenImage:
    """A picture's file and size, and its objects in the order of the file."""

    path: Path
    width: int
    height: int
    objects: tuple[Seen, ...]


def read_voc(folder: Path) -> dict[str, SeenImage]:
    """All pictures by name."""
    return {path.stem: _image(path) for path in sorted((folder / "Annotations").glob("*.xml"))}


def _image(path: Path) -> SeenImage:
    root = ET.parse(path).getroot()  # noqa: S314  # made by the tests
    assert root.tag == "annotation"
    picture = path.parent.parent / _text(root, "folder") / _text(root, "filename")
    assert picture.is_file()
    objects = tuple(_object(element) for element in root.iter("object"))
    return SeenImage(picture, int(_text(root, "size/width")), int(_text(root, "size/height")), objects)


def _object(element: ET.Element) -> Seen:
    corners = (int(_text(element, f"bndbox/{corner}")) for corner in ("xmin", "ymin", "xmax", "ymax"))
    flags = (int(_text(element, flag)) for flag in ("truncated", "difficult"))
    return Seen(_text(element, "name"), *corners, *flags)


def _text(element: ET.Element, path: str) -> str:
    text = element.findtext(path)
    assert text is not None, path
    return text
