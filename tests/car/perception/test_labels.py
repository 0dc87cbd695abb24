"""Label files in every form, and what is no label file."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.perception.detector import Detector
from car.perception.detector_sidecar import detector_sidecar
from car.perception.labels import LARGEST_FILE_BYTES, LabelFile, labels_within, parse_labels, read_label_file
from car.perception.sidecar import ModelError

HERE = Path("labels.txt")
# Words that are no number, so that no list of them looks numbered.
WORDS = st.text(st.characters(categories=["L", "P"]), min_size=1, max_size=12).filter(lambda word: word != "???")
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(st.lists(WORDS, min_size=1, max_size=40), ENDS, st.booleans(), st.booleans(), st.sampled_from(["", "\ufeff"]))
def test_one_label_a_line(labels: list[str], end: str, background: bool, ended: bool, mark: str) -> None:
    text = mark + end.join((["???"] if background else []) + labels) + (end if ended else "")
    assert parse_labels(text.encode(), HERE) == LabelFile(tuple(labels), numbered=False)


@given(
    st.dictionaries(st.integers(0, 300), WORDS, min_size=1, max_size=30), st.sampled_from([" ", "  ", ": ", ":", "\t"])
)
def test_numbered_labels_in_any_order_with_gaps(labels: dict[int, str], between: str) -> None:
    text = "\n\n".join(f"{number}{between}{label}" for number, label in labels.items())
    found = parse_labels(text.encode(), HERE)
    assert found.numbered
    assert found.labels == tuple(labels.get(number, "???") for number in range(max(labels) + 1))


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_anything_else_is_labels_or_one_clear_error(content: bytes) -> None:
    try:
        found = parse_labels(content, HERE)
    except ModelError as error:
        assert str(error).startswith("model labels.txt: ")  # noqa: PT017  # either outcome is right
    else:
        assert any(label != "???" for label in found.labels)
        assert all(label and label == label.strip() for label in found.labels)


def test_what_names_nothing_keeps_its_number() -> None:
    assert parse_labels(b"???\nperson\n???\n\ncar\n\n\n", HERE).labels == ("person", "???", "???", "car")
    assert parse_labels(b"\nperson\n", HERE).labels == ("???", "person")


def test_labels_that_only_look_numbered_are_taken_as_they_are() -> None:
    assert parse_labels(b"30 limit\nStop sign\n", HERE) == LabelFile(("30 limit", "Stop sign"), numbered=False)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "names no label"),
        (b"???\n\n", "names no label"),
        (b"0 ???\n", "names no label"),
        (b"\xff\xfeS\0t\0o\0p\0", "UTF-8"),
        (b"a\0b", "is no text"),
        (b"0 Hand\n0 Car\n", "gives class number 0 to 'Hand' and to 'Car'"),
        (b"123456789 Hand\n", "class number 123456789; the largest possible one is 9999"),
        (b"a\n" * 10_001, "has 10001 lines"),
        (b"a" * (LARGEST_FILE_BYTES + 1), "is larger than"),
    ],
)
def test_what_is_no_label_file_is_named(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"labels\.txt: ") as caught:
        read_label_file(path)
    assert problem in str(caught.value)


def test_a_label_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.txt: the label file cannot be read \(No such file"):
        read_label_file(tmp_path / "none.txt")
    with pytest.raises(ModelError, match=r"cannot be read \(Is a directory"):
        read_label_file(tmp_path)


@pytest.fixture
def model(models: Path, tmp_path: Path) -> Path:
    """A detector of two classes without any sidecar."""
    return Path(shutil.copy(models / "detector.tflite", tmp_path / "mine.tflite"))


def test_a_label_file_stands_in_for_the_sidecar(model: Path) -> None:
    model.with_name("labels.txt").write_text("???\nHand\nCar\n")
    found = Detector(model).look(np.full((240, 320, 3), 255, np.uint8))
    assert {detection.label for detection in found} == {"Hand", "Car"}
    assert {round(detection.box.bottom_px) for detection in found} == {180}  # no crop: it sees the whole picture
    model.with_suffix(".txt").write_text("0 One\n1 Two\n")  # of this model alone, so it counts before
    assert detector_sidecar(model).labels == ("One", "Two")
    other = model.with_name("other.txt")
    other.write_text("A\nB\n")
    assert detector_sidecar(model, other).labels == ("A", "B")


def test_labels_come_from_the_label_file_and_all_else_from_the_sidecar(model: Path) -> None:
    model.with_name("labels.txt").write_text("Hand\nCar\n")
    sidecar = model.with_suffix(".json")
    sidecar.write_text('{"class_offset": 1, "score_threshold": 0.3}')
    found = detector_sidecar(model)
    assert (found.labels, found.class_offset, found.score_threshold) == (("Hand", "Car"), 1, 0.3)
    sidecar.write_text('{"labels": ["A"], "class_offset": 1}')
    assert detector_sidecar(model).labels == ("A",)
    numbered = model.with_name("numbered.txt")
    numbered.write_text("1 Hand\n2 Car\n")
    found = detector_sidecar(model, numbered)
    assert (found.label_of(1), found.label_of(2), found.label_of(0), found.label_of(3)) == ("Hand", "Car", "???", None)


def test_labels_that_are_packed_into_the_model(model: Path) -> None:
    with zipfile.ZipFile(model, "a") as archive:
        archive.writestr("labelmap.txt", "???\nHand\nCar\n")
    found = Detector(model).look(np.full((240, 320, 3), 255, np.uint8))
    assert {detection.label for detection in found} == {"Hand", "Car"}
    with zipfile.ZipFile(model, "a") as archive:
        archive.writestr("vocabulary.txt", "a\nb\n")
    assert labels_within(model) is None


def test_packed_labels_that_are_damaged_are_named(model: Path) -> None:
    with zipfile.ZipFile(model, "a") as archive:
        archive.writestr("labelmap.txt", "Hand\nCar\n")
    model.write_bytes(model.read_bytes().replace(b"Hand\nCar\n", b"Hund\nCar\n"))
    with pytest.raises(ModelError, match=r"mine\.tflite: the label file packed into it cannot be read"):
        labels_within(model)


def test_a_model_without_labels_is_told_every_way_out(model: Path) -> None:
    with pytest.raises(ModelError, match=r"mine\.tflite: nothing says what its classes are") as caught:
        Detector(model)
    for way_out in ("--labels", "detector_labels", "labels.txt", "mine.json"):
        assert way_out in str(caught.value)


def test_a_model_that_is_not_there_is_named_before_its_labels(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.tflite: there is no such file"):
        Detector(tmp_path / "none.tflite", labels=tmp_path / "none.txt")
