"""Photos as labelImg labels them become a data set; whatever is wrong with some is told and costs only those."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.detector.exchange.class_map import ClassMap
from models.detector.exchange.importing import import_voc
from models.detector.exchange.problems import Concerns, ImportReport
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.labels import LABELS, add_labels, labels_path, read_labels
from models.detector.pictures.voc import annotation_path, image_path, read_data_set, write_example
from tests.models_detector.labelimg_by_hand import Drawn, Photos, annotation, encoded, photo
from tests.models_detector.voc_by_hand import Seen, read_voc

CLASSES = ClassMap(LABELS, {"stop": "Stop_sign", "person": None, "giraffe": "Giraffe"}, ("Giraffe",))
STOP = Drawn("stop", 20, 30, 60, 70)


def problems(report: ImportReport) -> list[tuple[str, str, Concerns]]:
    """File, kind and consequence of each."""
    return [(problem.path.name, problem.kind, problem.concerns) for problem in report.problems]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("apart", [False, True])
def test_every_box_comes_over_as_it_was_labelled(tmp_path: Path, apart: bool) -> None:
    objects = {
        "IMG 0001.jpg": [STOP, Drawn("Car", 0, 40, 160, 120), Drawn("person", 5, 5, 9, 9)],
        "Größe & <Höhe>.jpg": [Drawn("giraffe", 100, 10, 140, 90, difficult=True)],
        "empty street.png": [],
        "交差点.JPG": [Drawn("Go", 1, 2, 30, 40)],
    }
    folder = Photos(tmp_path / "photos", objects, apart).write()
    report = import_voc(tmp_path / "data", folder, CLASSES)
    assert report.problems == []
    assert (report.new, report.renewed, report.present, report.left_out) == (4, 0, 0, 1)
    assert report.labels == {"Stop_sign": 1, "Car": 1, "Giraffe": 1, "Go": 1}
    seen = read_voc(tmp_path / "data")
    assert {name: image.objects for name, image in seen.items()} == {
        "IMG 0001": (Seen("Stop_sign", 20, 30, 60, 70, 0, 0), Seen("Car", 1, 40, 160, 120, 1, 0)),
        "Größe & <Höhe>": (Seen("Giraffe", 100, 10, 140, 90, 0, 1),),
        "empty street": (),
        "交差点": (Seen("Go", 1, 2, 30, 40, 1, 0),),
    }
    assert {(image.width, image.height) for image in seen.values()} == {(160, 120)}
    assert read_labels(tmp_path / "data") == (*LABELS, "Giraffe")
    assert len(read_data_set(tmp_path / "data")) == 4


def test_jpegs_are_kept_byte_for_byte(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos", {"a.jpg": [STOP]})
    import_voc(tmp_path / "data", photos.write(), CLASSES)
    assert image_path(tmp_path / "data", "a").read_bytes() == photos.picture("a.jpg").read_bytes()


def test_names_can_be_taken_once(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos", {"a.jpg": [STOP], "b.jpg": [STOP]})
    photos.write()
    (photos.folder / "Annotations").mkdir()
    second = photos.folder / "Annotations" / "A.xml"
    second.write_text(annotation("A.jpg", (160, 120), [STOP]), encoding="utf-8")
    (photos.folder / "copy of b.xml").write_bytes((photos.folder / "b.xml").read_bytes())
    report = import_voc(tmp_path / "data", photos.folder, CLASSES)
    assert problems(report) == [
        ("a.xml", "name is taken", Concerns.PICTURE),
        ("copy of b.xml", "picture is labelled twice", Concerns.PICTURE),
    ]
    assert set(read_voc(tmp_path / "data")) == {"A", "b"}


def test_a_name_that_xml_cannot_hold_is_told(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos", {"a.jpg": [STOP], "b" * 210 + ".jpg": [STOP], "c.jpg": [STOP]})
    (photos.write() / "a.xml").rename(photos.folder / "a\x1b[31m.xml")
    report = import_voc(tmp_path / "data", photos.folder, CLASSES)
    assert [kind for _, kind, _ in problems(report)] == ["name cannot be kept"] * 2
    assert all(str(problem).isprintable() for problem in report.problems)
    assert report.new == 1


def test_a_second_import_writes_only_what_is_new_or_labelled_otherwise(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos", {name: [STOP] for name in ("a.jpg", "b.jpg", "c.jpg")})
    data = tmp_path / "data"
    import_voc(data, photos.write(), CLASSES)
    before = contents(data)
    times = {path: path.stat().st_mtime_ns for path in data.rglob("*.*")}
    report = import_voc(data, photos.folder, CLASSES)
    assert (report.new, report.renewed, report.present) == (0, 0, 3)
    assert report.labels == {"Stop_sign": 3}
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*.*")} == times
    photos.annotate("b.jpg", annotation("b.jpg", (160, 120), [STOP, Drawn("Go", 90, 5, 120, 40)]))
    photos.add("d.jpg", [STOP], seed=9)
    report = import_voc(data, photos.folder, CLASSES)
    assert (report.new, report.renewed, report.present) == (1, 1, 2)
    after = contents(data)
    assert {name for name in before if before[name] != after[name]} == {"Annotations/b.xml"}
    assert [seen.name for seen in read_voc(data)["b"].objects] == ["Stop_sign", "Go"]


def test_another_class_map_renews_what_it_concerns(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos", {"a.jpg": [STOP], "b.jpg": [Drawn("Go", 5, 5, 40, 40)]})
    import_voc(tmp_path / "data", photos.write(), CLASSES)
    report = import_voc(tmp_path / "data", photos.folder, replace(CLASSES, targets={"stop": "Slow"}))
    assert (report.new, report.renewed, report.present) == (0, 1, 1)
    assert [seen.name for seen in read_voc(tmp_path / "data")["a"].objects] == ["Slow"]


def test_what_is_there_under_the_same_name_is_never_overwritten(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_example(data, "rendered", photo(5), (LabelledBox("Go", 1, 1, 20, 20),))
    first = Photos(tmp_path / "one", {"IMG_1.jpg": [STOP], "IMG_2.jpg": [STOP]}).write()
    import_voc(data, first, CLASSES)
    annotation_path(data, "IMG_2").write_bytes(b"damaged")
    before = contents(data)
    other = Photos(tmp_path / "two", {"rendered.jpg": [STOP]})
    other.add("IMG_1.jpg", [STOP], seed=7)  # another phone counts its pictures too
    other.add("IMG_2.jpg", [STOP], seed=8)
    report = import_voc(data, other.write(), CLASSES)
    assert {kind for _, kind, _ in problems(report)} == {"name is taken"}
    assert len(report.problems) == 3
    assert contents(data) == before


def test_an_import_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = Photos(tmp_path / "photos", {f"{k}.jpg": [STOP] for k in range(6)})
    import_voc(tmp_path / "whole", photos.write(), CLASSES)
    moved: list[str] = []

    def cut_off(self: Path, target: Path) -> None:
        """As if the power went when the fourth annotation was in its `.part` file."""
        if target.suffix == ".xml" and moved.count(".xml") == 3:
            raise KeyboardInterrupt
        moved.append(target.suffix)
        self.rename(target)

    monkeypatch.setattr(Path, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        import_voc(tmp_path / "data", photos.folder, CLASSES)
    monkeypatch.undo()
    assert len(read_data_set(tmp_path / "data")) == 3
    report = import_voc(tmp_path / "data", photos.folder, CLASSES)
    assert (report.new, report.present) == (3, 3)
    assert contents(tmp_path / "data") == contents(tmp_path / "whole")


def test_nothing_is_made_where_nothing_can_be_imported(tmp_path: Path) -> None:
    folder = Photos(tmp_path / "photos", {"a.jpg": [Drawn("tram", 5, 5, 40, 40)]}).write()
    report = import_voc(tmp_path / "data", folder, CLASSES)
    assert report.pictures == 0
    assert not (tmp_path / "data").exists()


def test_photos_go_into_a_data_set_that_is_there(tmp_path: Path) -> None:
    data = tmp_path / "data"
    add_labels(data, ["Zebra"])
    write_example(data, "rendered", photo(5), (LabelledBox("Zebra", 1, 1, 20, 20),))
    import_voc(data, Photos(tmp_path / "photos", {"a.jpg": [STOP]}).write(), CLASSES)
    assert read_labels(data) == (*LABELS, "Zebra", "Giraffe")
    assert set(read_voc(data)) == {"a", "rendered"}


def test_pictures_without_annotation_are_counted(tmp_path: Path) -> None:
    photos = Photos(tmp_path / "photos", {"a.jpg": [STOP]})
    photos.write()
    photos.picture("b.jpg").write_bytes(encoded(photo(3)))
    report = import_voc(tmp_path / "data", photos.folder, CLASSES)
    assert report.unlabelled == 1
    assert labels_path(tmp_path / "data").is_file()
