"""Class maps: what each class becomes, and every slip in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.detector.exchange.class_map import ClassMap, read_class_map
from models.detector.exchange.problems import UnusableError
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import LABELS


def read(folder: Path, text: str) -> ClassMap:
    path = folder / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return read_class_map(path, LABELS)


def test_classes_become_labels_or_nothing(tmp_path: Path) -> None:
    classes = read(
        tmp_path,
        """
        # what our annotations call them
        stop: Stop_sign
        halt sign: Stop_sign
        一時停止: Stop_sign
        person: null
        dog:
        giraffe: {new: Giraffe}
        long neck: {new: Giraffe}
        horse: {new: 馬}
        again: {new: Go}
        """,
    )
    assert [classes.label_of(name) for name in ("stop", "halt sign", "一時停止")] == ["Stop_sign"] * 3
    assert classes.label_of("person") is None
    assert classes.label_of("dog") is None
    assert classes.label_of("giraffe") == classes.label_of("long neck") == "Giraffe"
    assert classes.label_of("horse") == "馬"
    assert classes.label_of("again") == "Go"
    assert classes.new == ("Giraffe", "馬")


def test_labels_need_no_line_and_other_classes_are_unknown(tmp_path: Path) -> None:
    for classes in (ClassMap(LABELS), read(tmp_path, "stop: Stop_sign")):
        assert classes.label_of("Car") == "Car"
        for name in ("car", "person", ""):
            with pytest.raises(UnusableError, match=f"class '{name}' is unknown: give it a label with --classes"):
                classes.label_of(name)


def test_a_label_can_be_given_to_another(tmp_path: Path) -> None:
    assert read(tmp_path, "Left: Left_or_through").label_of("Left") == "Left_or_through"


def test_a_very_long_name_is_told_in_short() -> None:
    with pytest.raises(UnusableError) as caught:
        ClassMap(LABELS).label_of("x" * 100_000)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stop: Stop_sgin", "'stop': there is no label 'Stop_sgin'; did you mean Stop_sign? A label of your own is"),
        ("stop: Xyzzyx", "known are Hand, Go"),
        ("stop: {new: ' '}", "cannot be a label: it is empty"),
        ("stop: {new: stop_sign}", "'stop_sign' differs from 'Stop_sign' by capitals only"),
        ("a: {new: Giraffe}\nb: {new: GIRAFFE}", "'GIRAFFE' differs from 'Giraffe' by capitals only"),
        ("stop: {neu: Giraffe}", "must be a label, null to leave it out, or {new: NAME}"),
        ("stop: {new: 3}", "must be a label"),
        ("stop: [Go]", "must be a label"),
        ("stop: 3", "must be a label"),
        ("3: Go", "3 is no name; put it into quotes"),
        ("no: Go", "False is no name; put it into quotes"),
        ("stop: Go\nstop: Slow", "a key stands twice"),
        ("a: &x {new: B}\nc: *x", "aliases"),
        ("- stop", "must hold lines like 'their name: Hand'"),
        ("", "must hold lines"),
        ("stop: {", "cannot be read as a class map"),
        ("[" * 100_000, "cannot be read as a class map"),
    ],
)
def test_a_slip_is_named_with_its_line_and_the_way_out(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataSetError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "map.yaml") in str(caught.value)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    with pytest.raises(DataSetError, match="cannot be read"):
        read_class_map(path, LABELS)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataSetError, match="cannot be read"):
        read_class_map(path, LABELS)
    path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(DataSetError, match="too large"):
        read_class_map(path, LABELS)
