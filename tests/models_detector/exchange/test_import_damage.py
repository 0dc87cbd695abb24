"""Photos that are damaged or labelled badly: each is told, costs only itself, and nothing hostile gets through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector.exchange.class_map import ClassMap
from models.detector.exchange.importing import import_voc
from models.detector.exchange.objects import within
from models.detector.exchange.problems import Concerns, ImportReport, UnusableError
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.labels import LABELS
from tests.models_detector.labelimg_by_hand import Drawn, Photos, encoded, photo
from tests.models_detector.voc_by_hand import Seen, read_voc

CLASSES = ClassMap(LABELS, {"stop": "Stop_sign"})
STOP = Drawn("stop", 20, 30, 60, 70)


def problems(report: ImportReport) -> list[tuple[str, str, Concerns]]:
    """File, kind and consequence of each."""
    return [(problem.path.name, problem.kind, problem.concerns) for problem in report.problems]


def spoil_text(old: str, new: str) -> Callable[[Photos], object]:
    def spoil(photos: Photos) -> None:
        path = photos.folder / "b.xml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return spoil


BOMB = (
    '<!DOCTYPE annotation [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><annotation><filename>&c;</filename></annotation>'
)
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>'

# What is done to the second of three photos, and what is told of it; the other two always come over.
DAMAGES = {
    "cut off": (spoil_text("</annotation>", ""), "annotation cannot be read", "no element found"),
    "entities": (lambda p: p.annotate("b.jpg", BOMB), "annotation cannot be read", "entities, which are refused"),
    "external entity": (lambda p: p.annotate("b.jpg", OUTSIDE), "annotation cannot be read", "are refused"),
    "empty": (lambda p: p.annotate("b.jpg", ""), "annotation cannot be read", ""),
    "another format": (lambda p: p.annotate("b.jpg", "<svg/>"), "annotation is not Pascal VOC", "<svg>"),
    "huge": (lambda p: p.annotate("b.jpg", " " * (5 << 20)), "annotation is too large", "at most 4194304"),
    "not text": (lambda p: (p.folder / "b.xml").write_bytes(b"\xff\x00\x01"), "annotation cannot be read", ""),
    "picture missing": (lambda p: p.picture("b.jpg").unlink(), "picture is missing", "looked for 'b.jpg'"),
    "picture empty": (lambda p: p.picture("b.jpg").write_bytes(b""), "picture cannot be decoded", ""),
    "picture broken": (
        lambda p: p.picture("b.jpg").write_bytes(encoded(photo(1))[:900]),
        "picture cannot be decoded",
        "truncated",
    ),
    "picture scaled": (
        lambda p: p.picture("b.jpg").write_bytes(encoded(photo(1, 80, 60))),
        "picture has another size than its annotation says",
        "80x60, not 160x120",
    ),
    "unknown class": (spoil_text(">stop<", ">tram<"), "no object can be used", ""),
    "a name without letters": (spoil_text(">stop<", "> <"), "no object can be used", ""),
    "empty box": (spoil_text("<xmax>60<", "<xmax>20<"), "no object can be used", ""),
    "box turned round": (spoil_text("<xmax>60<", "<xmax>10<"), "no object can be used", ""),
    "box outside": (
        spoil_text(
            "<xmin>20</xmin>\n\t\t\t<ymin>30</ymin>\n\t\t\t<xmax>60<", "<xmin>200</xmin><ymin>30</ymin><xmax>260<"
        ),
        "no object can be used",
        "",
    ),
    "corner missing": (spoil_text("<ymin>30</ymin>", ""), "no object can be used", ""),
    "corner no number": (spoil_text("<ymin>30<", "<ymin>thirty<"), "no object can be used", ""),
    "corner not finite": (spoil_text("<ymin>30<", "<ymin>nan<"), "no object can be used", ""),
    "corner infinite": (spoil_text("<ymax>70<", "<ymax>1e999<"), "no object can be used", ""),
    "no box": (spoil_text("bndbox", "robndbox"), "no object can be used", ""),
}


@pytest.mark.parametrize(("spoil", "kind", "detail"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_costs_the_one_photo_and_is_told(
    tmp_path: Path, spoil: Callable[[Photos], object], kind: str, detail: str
) -> None:
    photos = Photos(tmp_path / "photos", {name: [STOP] for name in ("a.jpg", "b.jpg", "c.jpg")})
    photos.write()
    spoil(photos)
    report = import_voc(tmp_path / "data", photos.folder, CLASSES)
    assert set(read_voc(tmp_path / "data")) == {"a", "c"}
    assert report.new == 2
    assert report.unlabelled == 0
    (told,) = [problem for problem in report.problems if problem.concerns is Concerns.PICTURE]
    assert (told.path.name, told.kind) == ("b.xml", kind)
    assert detail in told.detail
    assert "\n" not in str(told)


@pytest.mark.parametrize(
    ("drawn", "kind"),
    [
        (Drawn("tram", 5, 5, 20, 20), "class 'tram' is unknown"),
        (Drawn("stop", 30, 30, 30, 60), "box is empty"),
        (Drawn("stop", 30, 60, 60, 30), "box is empty"),
        (Drawn("stop", 161, 5, 180, 20), "box is outside the picture"),
        (Drawn("stop", 5, 200, 60, 280), "box is outside the picture"),
        (Drawn("", 5, 5, 20, 20), "object has no class"),
    ],
)
def test_an_object_that_cannot_be_used_costs_only_itself(tmp_path: Path, drawn: Drawn, kind: str) -> None:
    folder = Photos(tmp_path / "photos", {"a.jpg": [drawn, STOP]}).write()
    report = import_voc(tmp_path / "data", folder, CLASSES)
    assert problems(report) == [("a.xml", kind, Concerns.OBJECT)]
    assert [seen.name for seen in read_voc(tmp_path / "data")["a"].objects] == ["Stop_sign"]


def test_a_box_that_leaves_the_picture_is_cut_with_a_warning(tmp_path: Path) -> None:
    folder = Photos(tmp_path / "photos", {"a.jpg": [Drawn("stop", 100, 50, 190, 150)]}).write()
    report = import_voc(tmp_path / "data", folder, CLASSES)
    assert problems(report) == [("a.xml", "box leaves the picture, and is cut", Concerns.USED)]
    assert read_voc(tmp_path / "data")["a"].objects == (Seen("Stop_sign", 100, 50, 160, 120, 1, 0),)


@pytest.mark.parametrize(("written", "kept"), [("0", 1), ("1", 1), ("0.4", 1), ("2.0", 2), ("-3", 1)])
def test_boxes_of_programs_that_count_from_0_or_in_parts_of_pixels(tmp_path: Path, written: str, kept: int) -> None:
    photos = Photos(tmp_path / "photos", {"a.jpg": [Drawn("stop", 7, 30, 60, 70)]})
    path = photos.write() / "a.xml"
    path.write_text(path.read_text(encoding="utf-8").replace("<xmin>7<", f"<xmin>{written}<"), encoding="utf-8")
    report = import_voc(tmp_path / "data", photos.folder, CLASSES)
    assert read_voc(tmp_path / "data")["a"].objects[0].xmin == kept
    assert len(report.problems) == (written == "-3")


@given(
    st.tuples(*[st.integers(-(10**30), 10**30) | st.integers(-5, 70)] * 4),
    st.booleans(),
    st.booleans(),
)
def test_whatever_is_used_lies_in_the_picture(corners: tuple[int, int, int, int], cut: bool, hard: bool) -> None:
    box = LabelledBox("Go", *corners, cut, hard)
    try:
        inside, doubt = within(box, 64, 48)
    except UnusableError:
        return
    assert 0 <= inside.x_min < inside.x_max <= 64
    assert 0 <= inside.y_min < inside.y_max <= 48
    assert (doubt is None) == (inside == box)
    assert inside.difficult == hard
    assert inside.truncated == (cut or doubt is not None)
