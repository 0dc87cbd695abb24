"""Which picture an annotation is about, however files have been moved and called."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from models.detector.exchange.photo_folder import PhotoFolder


def made(folder: Path, *names: str) -> PhotoFolder:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return PhotoFolder(folder)


CASES = {
    "beside it": (["a.xml", "a.jpg"], "a.xml", "a.jpg", "a.jpg"),
    "as a png": (["a.xml", "a.png"], "a.xml", "a.png", "a.png"),
    "told as a path of Windows": (["a.xml", "a.jpg"], "a.xml", "C:\\photos\\a.jpg", "a.jpg"),
    "told as a path of Unix": (["a.xml", "a.jpg"], "a.xml", "/home/eve/photos/a.jpg", "a.jpg"),
    "a path that leads out": (["a.xml", "a.jpg"], "a.xml", "../../etc/a.jpg", "a.jpg"),
    "told without its end": (["a.xml", "a.jpg"], "a.xml", "a", "a.jpg"),
    "nothing told": (["a.xml", "a.jpeg"], "a.xml", "", "a.jpeg"),
    "capitals": (["A b.XML", "A b.JPG"], "A b.XML", "a B.jpg", "A b.JPG"),
    "renamed after it was labelled": (["new.xml", "new.jpg", "old.jpg"], "new.xml", "old.jpg", "new.jpg"),
    "only the annotation renamed": (["new.xml", "old.jpg"], "new.xml", "old.jpg", "old.jpg"),
    "two kinds of the same name": (["a.xml", "a.jpg", "a.png"], "a.xml", "a.png", "a.png"),
    "dots in the name": (["a.b.c.xml", "a.b.c.jpg"], "a.b.c.xml", "a.b.c.jpg", "a.b.c.jpg"),
    "apart": (["Annotations/a.xml", "JPEGImages/a.jpg"], "Annotations/a.xml", "a.jpg", "JPEGImages/a.jpg"),
    "apart, picture in the folder": (["Annotations/a.xml", "a.jpg"], "Annotations/a.xml", "a.jpg", "a.jpg"),
    "pictures apart": (["a.xml", "JPEGImages/a.jpg"], "a.xml", "a.jpg", "JPEGImages/a.jpg"),
    "the nearest one": (["a.xml", "a.jpg", "JPEGImages/a.jpg"], "a.xml", "a.jpg", "a.jpg"),
    "none": (["a.xml", "b.jpg"], "a.xml", "a.jpg", None),
    "outside": (["sub/a.xml", "b.jpg", "sub/a.jpg"], "a.xml", "sub/a.jpg", None),
}


@pytest.mark.parametrize(("names", "annotation", "told", "expected"), CASES.values(), ids=CASES.keys())
def test_the_picture_of(tmp_path: Path, names: list[str], annotation: str, told: str, expected: str | None) -> None:
    found = made(tmp_path, *names).picture_of(tmp_path / annotation, told)
    assert found == (None if expected is None else tmp_path / expected)


def test_accents_match_however_they_are_composed(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "Schloßstraße é.jpg") for form in ("NFC", "NFD"))
    assert composed != apart
    found = made(tmp_path, apart).picture_of(tmp_path / "x.xml", composed)
    assert found == tmp_path / apart


def test_names_that_differ_by_capitals_only_are_told_apart(tmp_path: Path) -> None:
    photos = made(tmp_path, "a.jpg", "A.jpg")
    if len(photos.pictures()) < 2:
        pytest.skip("this file system does not know capitals")
    assert photos.picture_of(tmp_path / "A.xml", "A.jpg") == tmp_path / "A.jpg"
    assert photos.picture_of(tmp_path / "a.xml", "a.jpg") == tmp_path / "a.jpg"


def test_hidden_files_folders_and_other_files_are_passed_over(tmp_path: Path) -> None:
    photos = made(tmp_path, "a.xml", "._a.xml", "b.txt", "._a.jpg", "sub/c.xml", "Annotations/d.XML", "e.jpg")
    (tmp_path / "f.xml").mkdir()
    assert photos.annotations() == [tmp_path / "Annotations" / "d.XML", tmp_path / "a.xml"]
    assert photos.pictures() == {tmp_path / "e.jpg"}


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert PhotoFolder(tmp_path / "none").annotations() == []
