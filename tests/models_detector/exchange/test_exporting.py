"""A rendered data set and its exports, each read by somebody else's reader: they agree box for box."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from pycocotools.coco import COCO

from models.common.workers.processes import Processes
from models.detector.exchange.class_map import ClassMap
from models.detector.exchange.coco import export_coco
from models.detector.exchange.importing import import_voc
from models.detector.exchange.tfrecord import export_tfrecord
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.collect import collect
from models.detector.pictures.labels import LABELS, add_labels, read_labels
from models.detector.pictures.voc import image_path, read_data_set, write_example
from tests.models_detector.labelimg_by_hand import photo
from tests.models_detector.voc_by_hand import Seen, SeenImage, read_voc

COUNT = 9
ODD = 'Two words, "quoted" \\ 博物館'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered pictures, and two drawn ones: without objects, and of another size with a label of its own."""
    folder = tmp_path_factory.mktemp("signs")
    collect(folder, COUNT, seed=3, workers=Processes(1))
    add_labels(folder, [ODD])
    write_example(folder, "empty", photo(1), ())
    boxes = (
        LabelledBox(ODD, 0, 0, 7, 5, truncated=True),
        LabelledBox("Go", 50, 7, 123, 90, difficult=True, occluded=True),
    )
    write_example(folder, "größe", photo(2, 123, 91), boxes)
    return folder


def seen_by_coco(path: Path) -> dict[str, SeenImage]:
    """What pycocotools makes of an export, counted as VOC counts."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
    images = {}
    for image in coco.loadImgs(coco.getImgIds()):
        objects = []
        for found in coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]])):
            x, y, width, height = found["bbox"]
            assert found["area"] == width * height
            assert found["iscrowd"] == 0
            (category,) = coco.loadCats([found["category_id"]])
            flags = found["truncated"], found["difficult"]
            objects.append(Seen(category["name"], x + 1, y + 1, x + width, y + height, *flags))
        name = image["file_name"]
        images[Path(name).stem] = SeenImage(Path(name), image["width"], image["height"], tuple(objects))
    return images


FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/format": tf.io.FixedLenFeature([], tf.string),
    "image/filename": tf.io.FixedLenFeature([], tf.string),
    "image/source_id": tf.io.FixedLenFeature([], tf.string),
    "image/key/sha256": tf.io.FixedLenFeature([], tf.string),
    "image/height": tf.io.FixedLenFeature([], tf.int64),
    "image/width": tf.io.FixedLenFeature([], tf.int64),
    **{f"image/object/bbox/{side}": tf.io.VarLenFeature(tf.float32) for side in ("xmin", "xmax", "ymin", "ymax")},
    "image/object/class/text": tf.io.VarLenFeature(tf.string),
    **{f"image/object/{key}": tf.io.VarLenFeature(tf.int64) for key in ("class/label", "difficult", "truncated")},
}


def examples(*paths: Path) -> list[dict[str, Any]]:
    """What TensorFlow parses from TFRecords, as numbers and bytes."""
    parsed = []
    for record in tf.data.TFRecordDataset([str(path) for path in paths]):
        example = tf.io.parse_single_example(record, FEATURES)
        parsed.append(
            {
                key.removeprefix("image/"): (
                    tf.sparse.to_dense(value) if key.startswith("image/object") else value
                ).numpy()
                for key, value in example.items()
            }
        )
    return parsed


def seen_by_tensorflow(*paths: Path) -> dict[str, SeenImage]:
    """What TensorFlow makes of an export, counted as VOC counts."""
    images = {}
    for example in examples(*paths):
        width, height = int(example["width"]), int(example["height"])
        corners = [
            np.rint(example[f"object/bbox/{side}"].astype(np.float64) * size).astype(int) + first
            for side, size, first in (("xmin", width, 1), ("ymin", height, 1), ("xmax", width, 0), ("ymax", height, 0))
        ]
        names = [text.decode("utf-8") for text in example["object/class/text"]]
        flags = example["object/truncated"], example["object/difficult"]
        objects = [Seen(*map_plain(each)) for each in zip(names, *corners, *flags, strict=True)]
        name = Path(example["filename"].decode("utf-8"))
        images[name.stem] = SeenImage(name, width, height, tuple(objects))
    return images


def map_plain(values: tuple[Any, ...]) -> list[Any]:
    """Numpy's numbers as Python's."""
    return [values[0], *(int(value) for value in values[1:])]


def bare(images: dict[str, SeenImage]) -> dict[str, tuple[str, int, int, tuple[Seen, ...]]]:
    """Without the folder that a picture lies in."""
    return {name: (image.path.name, image.width, image.height, image.objects) for name, image in images.items()}


def test_all_three_formats_agree_box_for_box(data: Path, tmp_path: Path) -> None:
    assert export_coco(data, tmp_path / "signs.json") == COUNT + 2
    assert export_tfrecord(data, tmp_path / "signs.tfrecord") == COUNT + 2
    voc = bare(read_voc(data))
    assert len(voc) == COUNT + 2
    assert sum(len(image[3]) for image in voc.values()) > 12
    assert bare(seen_by_coco(tmp_path / "signs.json")) == voc
    assert bare(seen_by_tensorflow(tmp_path / "signs.tfrecord")) == voc


def test_a_data_set_can_be_imported_again_as_it_is(data: Path, tmp_path: Path) -> None:
    report = import_voc(tmp_path / "again", data, ClassMap(read_labels(data)))
    assert report.problems == []
    voc = read_voc(data)
    assert bare(read_voc(tmp_path / "again")) == bare(voc)
    kept, given = (read_data_set(folder) for folder in (tmp_path / "again", data))
    assert [example.boxes for example in kept] == [example.boxes for example in given]
    assert any(box.occluded for example in given for box in example.boxes)
    for name in voc:
        assert image_path(tmp_path / "again", name).read_bytes() == image_path(data, name).read_bytes()


def test_coco_says_what_is_occluded(data: Path, tmp_path: Path) -> None:
    export_coco(data, tmp_path / "signs.json")
    annotations = json.loads((tmp_path / "signs.json").read_text(encoding="utf-8"))["annotations"]
    boxes = [box for example in read_data_set(data) for box in example.boxes]
    assert [each["occluded"] for each in annotations] == [int(box.occluded) for box in boxes]


def test_labels_have_the_same_numbers_everywhere(data: Path, tmp_path: Path) -> None:
    export_coco(data, tmp_path / "signs.json")
    export_tfrecord(data, tmp_path / "signs.tfrecord")
    wanted = {label: k for k, label in enumerate((*LABELS, ODD), 1)}
    document = json.loads((tmp_path / "signs.json").read_text(encoding="utf-8"))
    assert {each["name"]: each["id"] for each in document["categories"]} == wanted
    kinds = {each["name"]: each["supercategory"] for each in document["categories"]}
    assert (kinds["Go"], kinds["Car"], kinds[ODD]) == ("sign", "vehicle", "own")
    assert label_map(tmp_path / "label_map.pbtxt") == wanted
    for example in examples(tmp_path / "signs.tfrecord"):
        for text, number in zip(example["object/class/text"], example["object/class/label"], strict=True):
            assert wanted[text.decode("utf-8")] == number


def label_map(path: Path) -> dict[str, int]:
    """A label map read by protobuf as the Object Detection API defines it."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="label_map.proto", package="label_map_by_hand", syntax="proto2")
    item = file.message_type.add(name="StringIntLabelMapItem")
    item.field.add(name="name", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    item.field.add(name="id", number=2, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL)
    whole = file.message_type.add(name="StringIntLabelMap")
    whole.field.add(
        name="item",
        number=1,
        type=field.TYPE_MESSAGE,
        label=field.LABEL_REPEATED,
        type_name=".label_map_by_hand.StringIntLabelMapItem",
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName("label_map_by_hand.StringIntLabelMap"))
    return {each.name: each.id for each in text_format.Parse(path.read_text(encoding="utf-8"), kind()).item}


def test_a_tfrecord_holds_the_pictures_themselves(data: Path, tmp_path: Path) -> None:
    export_tfrecord(data, tmp_path / "signs.tfrecord")
    found = examples(tmp_path / "signs.tfrecord")
    names = sorted(path.stem for path in (data / "Annotations").glob("*.xml"))
    assert [Path(example["filename"].decode()).stem for example in found] == names
    for number, (name, example) in enumerate(zip(names, found, strict=True), 1):
        jpeg = image_path(data, name).read_bytes()
        assert example["encoded"] == jpeg
        assert example["key/sha256"].decode() == hashlib.sha256(jpeg).hexdigest()
        assert example["format"] == b"jpeg"
        assert example["source_id"] == str(number).encode()
        assert tf.io.decode_jpeg(example["encoded"]).shape[:2] == (example["height"], example["width"])


def test_shards_share_the_examples_out(data: Path, tmp_path: Path) -> None:
    export_tfrecord(data, tmp_path / "whole.tfrecord")
    export_tfrecord(data, tmp_path / "signs.tfrecord", shards=4)
    paths = [tmp_path / f"signs.tfrecord-{k:05d}-of-00004" for k in range(4)]
    assert sorted(tmp_path.iterdir()) == sorted([*paths, tmp_path / "label_map.pbtxt", tmp_path / "whole.tfrecord"])
    counts = [len(examples(path)) for path in paths]
    assert sum(counts) == COUNT + 2
    assert max(counts) - min(counts) <= 1
    assert seen_by_tensorflow(*paths) == seen_by_tensorflow(tmp_path / "whole.tfrecord")


def test_ids_of_coco_are_whole_and_unique(data: Path, tmp_path: Path) -> None:
    export_coco(data, tmp_path / "signs.json")
    document = json.loads((tmp_path / "signs.json").read_text(encoding="utf-8"))
    for part in ("images", "annotations", "categories"):
        ids = [each["id"] for each in document[part]]
        assert ids == list(range(1, len(ids) + 1))
    assert all((data / "JPEGImages" / image["file_name"]).is_file() for image in document["images"])
    assert {"info", "licenses"} <= document.keys()
