"""Data sets that cannot be exported, and places that cannot be written: told, and nothing is lost or half written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from models.detector.exchange.coco import export_coco
from models.detector.exchange.tfrecord import export_tfrecord
from models.detector.pictures.boxes import DataSetError, LabelledBox
from models.detector.pictures.labels import add_labels
from models.detector.pictures.voc import annotation_path, image_path, write_example
from tests.models_detector.labelimg_by_hand import photo


def small(folder: Path) -> Path:
    write_example(folder, "a", photo(1), (LabelledBox("Go", 1, 1, 20, 20),))
    write_example(folder, "b", photo(2), ())
    return folder


EXPORTS = [
    pytest.param(lambda data, out: export_coco(data, out / "x"), id="coco"),
    pytest.param(lambda data, out: export_tfrecord(data, out / "x"), id="tfrecord"),
]


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda data: write_example(data, "a", photo(1), (LabelledBox("Cow", 1, 1, 9, 9),)),
            r"'Cow' is no label .*labels\.txt",
        ),
        (lambda data: image_path(data, "b").unlink(), r"b\.jpg is missing"),
        (lambda data: image_path(data, "b").write_bytes(b"?"), r"b\.jpg: cannot be read as a JPEG picture"),
        (lambda data: image_path(data, "b").write_bytes(image_path(data, "a").read_bytes()[:100]), r"b\.jpg"),
        (lambda data: annotation_path(data, "b").write_bytes(b"<"), r"b\.xml: cannot be read"),
        (
            lambda data: annotation_path(data, "b").write_bytes(
                annotation_path(data, "b").read_bytes().replace(b"<width>160", b"<width>170")
            ),
            r"b\.jpg: is 160x120, and its annotation says 170x120",
        ),
    ],
)
def test_a_damaged_data_set_is_not_exported_and_its_file_is_named(
    tmp_path: Path,
    export: Callable[[Path, Path], int],
    spoil: Callable[[Path], object],
    said: str,
) -> None:
    data = small(tmp_path / "data")
    spoil(data)
    with pytest.raises(DataSetError, match=said):
        export(data, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


@pytest.mark.parametrize("export", EXPORTS)
def test_nothing_is_overwritten(tmp_path: Path, export: Callable[[Path, Path], int]) -> None:
    data = small(tmp_path / "data")
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(DataSetError, match=r"x exists already; give another name"):
        export(data, tmp_path)
    assert (tmp_path / "x").read_bytes() == b"mine"


def test_a_label_map_of_other_labels_is_kept(tmp_path: Path) -> None:
    data = small(tmp_path / "data")
    export_tfrecord(data, tmp_path / "one")
    before = (tmp_path / "label_map.pbtxt").read_bytes()
    export_tfrecord(data, tmp_path / "two")
    add_labels(data, ["Giraffe"])
    with pytest.raises(DataSetError, match="belongs to an export with other labels; give another folder"):
        export_tfrecord(data, tmp_path / "three")
    assert (tmp_path / "label_map.pbtxt").read_bytes() == before
    assert not (tmp_path / "three").exists()


@pytest.mark.parametrize("shards", [3, 501])
def test_there_are_no_empty_shards(tmp_path: Path, shards: int) -> None:
    with pytest.raises(DataSetError, match=str(shards)):
        export_tfrecord(small(tmp_path / "data"), tmp_path / "x", shards)


def test_a_place_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    data = small(tmp_path / "data")
    (tmp_path / "out" / "x-00001-of-00002.part").mkdir(parents=True)
    with pytest.raises(OSError, match=r"x-00000-of-00002\.part: cannot be written"):
        export_tfrecord(data, tmp_path / "out" / "x", shards=2)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x-00001-of-00002.part"]


def test_an_export_that_is_cut_off_leaves_nothing_under_its_name(tmp_path: Path) -> None:
    data = small(tmp_path / "data")
    write_example(data, "c", photo(3), ())
    image_path(data, "c").write_bytes(b"found only when its turn comes")
    for export in (export_coco, export_tfrecord):
        with pytest.raises(DataSetError):
            export(data, tmp_path / "x")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
