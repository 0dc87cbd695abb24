"""Data sets as Pascal VOC folders: `JPEGImages/NAME.jpg` with `Annotations/NAME.xml`, and `labels.txt`.

VOC counts pixels from 1 and includes the last one; `LabelledBox` counts from 0 and excludes it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import cv2
import defusedxml
import defusedxml.ElementTree
import numpy as np
from numpy.typing import NDArray

from models.common.files import write_bytes
from models.detector.pictures.boxes import DataSetError, LabelledBox

JPEG_QUALITY = 92
IMPORTED = "imported"
FLAGS = ("truncated", "difficult", "occluded")  # elements of an object, in the order of `LabelledBox`


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A picture's file and the objects in it."""

    path: Path
    width_px: int
    height_px: int
    boxes: tuple[LabelledBox, ...]


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """A JPEG file in memory and its size."""

    jpeg: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Origin:
    """What an imported example was made of, as checksums: the picture's file, and what says which boxes are in it."""

    picture: str
    annotation: str


def image_path(folder: Path, name: str) -> Path:
    """Where a data set keeps a picture."""
    return folder / "JPEGImages" / f"{name}.jpg"


def annotation_path(folder: Path, name: str) -> Path:
    """Where a data set keeps a picture's boxes."""
    return folder / "Annotations" / f"{name}.xml"


def write_example(folder: Path, name: str, image: NDArray[np.uint8], boxes: tuple[LabelledBox, ...]) -> None:
    """Write a BGR picture and its boxes. The annotation comes last, so its presence says that both are whole.

    Raises:
        DataSetError: if the picture cannot be encoded.
    """
    write_encoded(folder, name, encode(image), boxes)


def encode(image: NDArray[np.uint8]) -> EncodedImage:
    """A BGR picture as data sets store it.

    Raises:
        DataSetError: if the picture cannot be encoded.
    """
    ok, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not ok:
        raise DataSetError(f"a picture of shape {image.shape} cannot be encoded")
    return EncodedImage(jpeg.tobytes(), image.shape[1], image.shape[0])


def write_encoded(
    folder: Path, name: str, image: EncodedImage, boxes: tuple[LabelledBox, ...], origin: Origin | None = None
) -> None:
    """Write a picture and its boxes, the annotation last, as `write_example` does."""
    write_bytes(image_path(folder, name), image.jpeg)
    document = _annotation(name, image.width_px, image.height_px, boxes, origin)
    write_bytes(annotation_path(folder, name), ET.tostring(document, encoding="utf-8"))


def read_data_set(folder: Path) -> list[LabelledImage]:
    """All examples of a data set, by name.

    Raises:
        DataSetError: if there are none, or a file is missing or wrong.
    """
    names = example_names(folder)
    if not names:
        raise DataSetError(f"{folder}: no Annotations/*.xml; make some with 'pixelopolis collect signs --out {folder}'")
    return [read_example(folder, name) for name in names]


def example_names(folder: Path) -> list[str]:
    """The names of all examples of a data set, in order."""
    return [path.stem for path in sorted((folder / "Annotations").glob("*.xml"))]


def read_example(folder: Path, name: str) -> LabelledImage:
    """One example.

    Raises:
        DataSetError: if the picture is missing, or the annotation is missing, not XML, or lacks something.
    """
    path = annotation_path(folder, name)
    if not image_path(folder, name).is_file():
        raise DataSetError(f"{path}: its picture {image_path(folder, name)} is missing")
    root = _read_annotation(path)
    try:
        width_px, height_px = _integer(root, "size/width"), _integer(root, "size/height")
        boxes = tuple(_read_box(element) for element in root.iter("object"))
    except (ValueError, OverflowError) as error:
        raise DataSetError(f"{path}: cannot be read as a Pascal VOC annotation: {error}") from error
    for box in boxes:
        inside = 0 <= box.x_min < box.x_max <= width_px and 0 <= box.y_min < box.y_max <= height_px
        if not inside:
            raise DataSetError(
                f"{path}: the box of {box.label!r} is empty or leaves the {width_px}x{height_px} picture"
            )
    return LabelledImage(image_path(folder, name), width_px, height_px, boxes)


def read_origin(folder: Path, name: str) -> Origin | None:
    """What an example was imported from; None if it was not imported.

    Raises:
        DataSetError: if the annotation is missing or not XML.
    """
    source = _read_annotation(annotation_path(folder, name)).find("source")
    if source is None or source.findtext("database") != IMPORTED:
        return None
    return Origin(source.findtext("image", ""), source.findtext("annotation", ""))


def parse_annotation(data: bytes) -> ET.Element:
    """XML from anywhere: entities and document types, which can blow up or reach out, are refused.

    Raises:
        ValueError: if it is not XML, or has what is refused.
    """
    try:
        root: ET.Element = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except defusedxml.DefusedXmlException as error:
        raise ValueError("it has a document type or entities, which are refused") from error
    except (ET.ParseError, LookupError) as error:  # LookupError: an encoding that nobody knows
        raise ValueError(str(error)) from error
    return root


def _read_annotation(path: Path) -> ET.Element:
    try:
        return parse_annotation(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataSetError(f"{path}: cannot be read as a Pascal VOC annotation: {error}") from error


def _annotation(
    name: str, width_px: int, height_px: int, boxes: tuple[LabelledBox, ...], origin: Origin | None
) -> ET.Element:
    root = ET.Element("annotation")
    _add(root, "folder", "JPEGImages")
    _add(root, "filename", f"{name}.jpg")
    if origin is not None:
        source = ET.SubElement(root, "source")
        for key, text in (("database", IMPORTED), ("annotation", origin.annotation), ("image", origin.picture)):
            _add(source, key, text)
    size = ET.SubElement(root, "size")
    for key, value in (("width", width_px), ("height", height_px), ("depth", 3)):
        _add(size, key, value)
    for box in boxes:
        element = ET.SubElement(root, "object")
        _add(element, "name", box.label)
        _add(element, "truncated", int(box.truncated))
        _add(element, "occluded", int(box.occluded))
        _add(element, "difficult", int(box.difficult))
        corners = ET.SubElement(element, "bndbox")
        for key, value in (("xmin", box.x_min + 1), ("ymin", box.y_min + 1), ("xmax", box.x_max), ("ymax", box.y_max)):
            _add(corners, key, value)
    return root


def _add(parent: ET.Element, tag: str, value: object) -> None:
    ET.SubElement(parent, tag).text = str(value)


def _read_box(element: ET.Element) -> LabelledBox:
    label = element.findtext("name")
    if not label:
        raise ValueError("an object has no name")
    x_min, y_min = _integer(element, "bndbox/xmin") - 1, _integer(element, "bndbox/ymin") - 1
    x_max, y_max = _integer(element, "bndbox/xmax"), _integer(element, "bndbox/ymax")
    flags = [element.findtext(tag, "0").strip() == "1" for tag in FLAGS]
    return LabelledBox(label, x_min, y_min, x_max, y_max, *flags)


def _integer(element: ET.Element, path: str) -> int:
    text = element.findtext(path)
    if text is None:
        raise ValueError(f"<{path}> is missing")
    return round(float(text))
