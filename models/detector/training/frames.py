"""Training sees pictures of one size, that of the car's camera: photos of other sizes are fitted into it once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.common.progress import progress_bar
from models.detector.network.anchors import AnchorLayout
from models.detector.pictures.boxes import DataSetError, LabelledBox
from models.detector.pictures.example import Example
from models.detector.pictures.labels import CROP
from models.detector.pictures.voc import (
    LabelledImage,
    Origin,
    annotation_path,
    encode,
    read_data_set,
    read_example,
    read_origin,
    write_encoded,
)

GREY = 128
MIN_READABLE_PX = 8  # an object that becomes smaller is difficult


def read_frames(data: Sequence[Path], layout: AnchorLayout, scratch: Path) -> list[LabelledImage]:
    """The examples of data sets, all of the size of a camera frame.

    Args:
        data: Pascal VOC folders.
        layout: of the detector, whose input is what it sees of a frame.
        scratch: where fitted pictures are kept; those that still fit their data set are used again.

    Raises:
        DataSetError: if a data set is wrong, or a picture cannot be decoded.
    """
    size_px = frame_size_px(layout)
    examples = [(k, example) for k, folder in enumerate(data) for example in read_data_set(folder)]
    others = sum((example.width_px, example.height_px) != size_px for _, example in examples)
    frames = []
    with progress_bar("fitting pictures", others) as advance:
        for k, example in examples:
            if (example.width_px, example.height_px) == size_px:
                frames.append(example)
            else:
                frames.append(_fitted(example, size_px, scratch / f"fitted-{k}"))
                advance(1)
    return frames


def shown_frames(data: Sequence[Path], layout: AnchorLayout) -> Iterator[Example]:
    """What a detector is shown of data sets that somebody has labelled, fitted as for training.

    Raises:
        DataSetError: as `read_frames`.
    """
    size_px = frame_size_px(layout)
    for folder in data:
        for example in read_data_set(folder):
            image, boxes = _decoded(example.path, example.path.read_bytes()), example.boxes
            if (example.width_px, example.height_px) != size_px:
                image, boxes = fit(image, boxes, size_px)
            yield Example(image, boxes)


def frame_size_px(layout: AnchorLayout) -> tuple[int, int]:
    """Width and height of the frames of which a detector sees a part."""
    return layout.width_px, round(layout.height_px / (CROP.bottom_fraction - CROP.top_fraction))


def fit(
    image: NDArray[np.uint8], boxes: Sequence[LabelledBox], size_px: tuple[int, int]
) -> tuple[NDArray[np.uint8], tuple[LabelledBox, ...]]:
    """A BGR picture scaled into a frame of `size_px` (width, height), as large as it goes, and its boxes.

    It keeps its aspect and lies at the top, in the middle, with grey around: below, the detector sees nothing.
    """
    (height, width), (frame_width, frame_height) = image.shape[:2], size_px
    scale = min(frame_width / width, frame_height / height)
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    left = (frame_width - inner[0]) // 2
    frame = np.full((frame_height, frame_width, 3), GREY, np.uint8)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    frame[: inner[1], left : left + inner[0]] = cv2.resize(image, inner, interpolation=method)
    across, down = inner[0] / width, inner[1] / height
    return frame, tuple(_moved(box, across, down, left) for box in boxes)


def _moved(box: LabelledBox, across: float, down: float, left: int) -> LabelledBox:
    x_min, y_min = int(box.x_min * across), int(box.y_min * down)
    moved = replace(
        box,
        x_min=left + x_min,
        y_min=y_min,
        x_max=left + max(x_min + 1, round(box.x_max * across)),
        y_max=max(y_min + 1, round(box.y_max * down)),
    )
    return replace(moved, difficult=box.difficult or min(moved.width, moved.height) < MIN_READABLE_PX)


def _fitted(example: LabelledImage, size_px: tuple[int, int], folder: Path) -> LabelledImage:
    name, data = example.path.stem, example.path.read_bytes()
    # Of a data set that has been labelled anew since, the old frame is of no use.
    said = repr((size_px, example.boxes)).encode("utf-8")
    origin = Origin(hashlib.sha256(data).hexdigest(), hashlib.sha256(said).hexdigest())
    if not (annotation_path(folder, name).is_file() and read_origin(folder, name) == origin):
        frame, boxes = fit(_decoded(example.path, data), example.boxes, size_px)
        write_encoded(folder, name, encode(frame), boxes, origin)
    return read_example(folder, name)


def _decoded(path: Path, data: bytes) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise DataSetError(f"{path}: cannot be decoded as a picture")
    return np.asarray(image, np.uint8)
