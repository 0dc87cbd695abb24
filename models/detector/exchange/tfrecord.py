"""Data sets as TFRecord files of tf.train.Example, with the keys of TensorFlow's Object Detection API.

Keys and value types are those of its `tf_example_decoder`: boxes are parts of the picture's height and width.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import tensorflow as tf

from models.common.files import write_bytes
from models.common.progress import progress_bar
from models.common.untyped import Tensor
from models.detector.exchange.exporting import Export, open_for_export, refuse_existing
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.voc import LabelledImage

MAX_SHARDS = 500  # all are open while they are written


def export_tfrecord(folder: Path, target: Path, shards: int = 1) -> int:
    """Write pictures and annotations of a data set; returns the number of pictures.

    Beside the file comes `label_map.pbtxt` with the labels' numbers. With more than one shard, examples go round
    `target-00000-of-00004` and so on. Files appear under their names when all are whole.

    Raises:
        DataSetError: if the data set is wrong, there are more shards than pictures, or a file exists.
        OSError: if a file cannot be written.
    """
    paths, label_map = shard_paths(target, shards), label_map_path(target)
    for path in paths:
        refuse_existing(path)
    data = open_for_export(folder)
    if shards > len(data.examples):
        raise DataSetError(f"{shards} shards are more than the {len(data.examples)} pictures of {folder}")
    text = label_map_text(data).encode("utf-8")
    if label_map.is_file() and label_map.read_bytes() != text:
        raise DataSetError(f"{label_map} belongs to an export with other labels; give another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    parts = [path.with_name(path.name + ".part") for path in paths]
    try:
        _write(data, parts)
        write_bytes(label_map, text)
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    finally:
        for part in parts:
            if part.is_file():
                part.unlink()
    return len(data.examples)


def _write(data: Export, paths: Sequence[Path]) -> None:
    """Write examples round the files."""
    try:
        with ExitStack() as stack, progress_bar("pictures", len(data.examples)) as advance:
            writers = [stack.enter_context(tf.io.TFRecordWriter(str(path))) for path in paths]
            for number, example in data.checked():
                writers[(number - 1) % len(writers)].write(_example(data, number, example).SerializeToString())
                advance(1)
    except tf.errors.OpError as error:
        raise OSError(f"{paths[0]}: cannot be written: {error.message}") from error


def shard_paths(target: Path, shards: int) -> list[Path]:
    """The files of an export.

    Raises:
        DataSetError: if there cannot be so many.
    """
    if not 1 <= shards <= MAX_SHARDS:
        raise DataSetError(f"there can be 1 to {MAX_SHARDS} shards, not {shards}")
    if shards == 1:
        return [target]
    return [target.with_name(f"{target.name}-{k:05d}-of-{shards:05d}") for k in range(shards)]


def label_map_path(target: Path) -> Path:
    """Where the labels of an export lie."""
    return target.with_name("label_map.pbtxt")


def label_map_text(data: Export) -> str:
    """The labels with their numbers, as a StringIntLabelMap in protobuf's text format."""
    return "".join(
        # What can be printed is quoted in JSON as it is there.
        f"item {{\n  id: {data.number_of(label)}\n  name: {json.dumps(label, ensure_ascii=False)}\n}}\n"
        for label in data.labels
    )


def _example(data: Export, number: int, example: LabelledImage) -> Tensor:
    """A picture with its boxes as tf.train.Example."""
    jpeg, boxes = example.path.read_bytes(), example.boxes
    width_px, height_px = example.width_px, example.height_px
    features = {
        "image/encoded": _bytes(jpeg),
        "image/format": _bytes(b"jpeg"),
        "image/filename": _bytes(example.path.name.encode("utf-8")),
        "image/source_id": _bytes(str(number).encode("ascii")),
        "image/height": _integers(height_px),
        "image/width": _integers(width_px),
        "image/key/sha256": _bytes(hashlib.sha256(jpeg).hexdigest().encode("ascii")),
        "image/object/bbox/xmin": _floats(*(box.x_min / width_px for box in boxes)),
        "image/object/bbox/xmax": _floats(*(box.x_max / width_px for box in boxes)),
        "image/object/bbox/ymin": _floats(*(box.y_min / height_px for box in boxes)),
        "image/object/bbox/ymax": _floats(*(box.y_max / height_px for box in boxes)),
        "image/object/class/text": _bytes(*(box.label.encode("utf-8") for box in boxes)),
        "image/object/class/label": _integers(*(data.number_of(box.label) for box in boxes)),
        "image/object/difficult": _integers(*(int(box.difficult) for box in boxes)),
        "image/object/truncated": _integers(*(int(box.truncated) for box in boxes)),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


def _bytes(*values: bytes) -> Tensor:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def _integers(*values: int) -> Tensor:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def _floats(*values: float) -> Tensor:
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))
