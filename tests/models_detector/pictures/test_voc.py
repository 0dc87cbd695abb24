from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.detector.pictures.boxes import DataSetError, LabelledBox
from models.detector.pictures.voc import (
    EncodedImage,
    Origin,
    annotation_path,
    image_path,
    read_data_set,
    read_example,
    read_origin,
    write_encoded,
    write_example,
)

BOXES = (
    LabelledBox("Go", 0, 1, 20, 17, occluded=True),
    LabelledBox("Car", 5, 6, 40, 30, truncated=True, difficult=True),
)


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
        ("<ymin>2</ymin>", "<ymin>inf</ymin>", "infinity"),
        ("<ymin>2</ymin>", "<ymin>nan</ymin>", "NaN"),
        ("<annotation>", '<!DOCTYPE a [<!ENTITY b "c">]><annotation>', "entities, which are refused"),
        ("<annotation>", '<?xml version="1.0" encoding="klingon"?><annotation>', "unknown encoding"),
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


def test_where_an_example_comes_from_is_kept(folder: Path) -> None:
    assert read_origin(folder, "one") is None
    jpeg = image_path(folder, "one").read_bytes()
    origin = Origin(picture="ab12", annotation="cd34")
    write_encoded(folder, "two", EncodedImage(jpeg, 40, 30), BOXES, origin)
    assert read_origin(folder, "two") == origin
    assert image_path(folder, "two").read_bytes() == jpeg
    assert read_example(folder, "two").boxes == BOXES


def test_nothing_half_written_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off before the annotation is in place, a picture alone is left, and no data set reads it."""

    def cut_off(self: Path, target: Path) -> None:
        if target.suffix == ".xml":
            raise KeyboardInterrupt
        self.rename(target)

    monkeypatch.setattr(Path, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        write_example(folder, "two", np.zeros((30, 40, 3), np.uint8), BOXES)
    monkeypatch.undo()
    assert [example.path.stem for example in read_data_set(folder)] == ["one"]
    write_example(folder, "two", np.zeros((30, 40, 3), np.uint8), BOXES)
    assert [example.path.stem for example in read_data_set(folder)] == ["one", "two"]
    assert sorted(path.suffix for path in folder.rglob("*.*")) == [".jpg", ".jpg", ".xml", ".xml"]
