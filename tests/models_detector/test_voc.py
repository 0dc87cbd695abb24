from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.detector.boxes import DataSetError, LabelledBox
from models.detector.voc import annotation_path, image_path, read_data_set, read_example, write_example

BOXES = (LabelledBox("Go", 0, 1, 20, 17), LabelledBox("Car", 5, 6, 40, 30, truncated=True, difficult=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_example(tmp_path, "one", np.full((30, 40, 3), 90, np.uint8), BOXES)
    return tmp_path


def test_what_is_written_is_read_back(folder: Path) -> None:
    (example,) = read_data_set(folder)
    assert example.boxes == BOXES
    assert (example.width_px, example.height_px) == (40, 30)
    picture = cv2.imread(str(example.path))
    assert picture is not None
    assert picture.shape == (30, 40, 3)


def test_boxes_are_written_as_voc_counts_them(folder: Path) -> None:
    corners = ET.parse(annotation_path(folder, "one")).getroot().find("object/bndbox")  # noqa: S314  # our own file
    assert corners is not None
    assert [corner.text for corner in corners] == ["1", "2", "20", "17"]


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="collect signs"):
        read_data_set(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<annotation>", "<annotation", "cannot be read"),
        ("<width>40</width>", "", "size/width"),
        ("<name>Go</name>", "", "no name"),
        ("<xmax>20</xmax>", "<xmax>200</xmax>", "leaves the 40x30 picture"),
        ("<xmax>20</xmax>", "<xmax>0</xmax>", "empty"),
        ("<ymin>2</ymin>", "<ymin>two</ymin>", "two"),
    ],
)
def test_a_broken_annotation_is_named_with_its_fault(folder: Path, old: str, new: str, said: str) -> None:
    path = annotation_path(folder, "one")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataSetError, match=said) as caught:
        read_example(folder, "one")
    assert str(path) in str(caught.value)


def test_a_missing_picture_is_named(folder: Path) -> None:
    image_path(folder, "one").unlink()
    with pytest.raises(DataSetError, match=r"one\.jpg is missing"):
        read_data_set(folder)
