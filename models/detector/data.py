"""From a data set on disk to batches: targets are computed once, pictures are decoded and varied on the fly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from car.perception.detector import crop_rows, detector_picture
from car.perception.standardise import standardised
from models.common.untyped import Dataset, Tensor
from models.detector.anchors import AnchorLayout, FloatArray, make_anchors, to_corners
from models.detector.boxes import DataSetError, LabelledBox, within_rows
from models.detector.labels import CROP, LABELS
from models.detector.light import Augmentation, vary_light
from models.detector.matching import BACKGROUND, IGNORED, Targets, match
from models.detector.voc import LabelledImage

IGNORED_COVER = 0.5  # an anchor with this much of itself in a difficult box is not asked


def image_targets(example: LabelledImage, anchors: FloatArray, labels: Sequence[str] = LABELS) -> Targets:
    """What the anchors should say about one picture's crop; classes are numbered as in `labels`.

    Raises:
        DataSetError: if a box has a class that the detector does not have.
    """
    top, bottom = crop_rows(example.height_px, CROP)
    boxes = within_rows(example.boxes, top, bottom)
    for box in boxes:
        if box.label not in labels:
            raise DataSetError(f"{example.path}: unknown class {box.label!r}; known are {', '.join(labels)}")
    wanted = [box for box in boxes if not box.difficult]
    classes = np.array([labels.index(box.label) for box in wanted], np.int64)
    seen = (top, bottom, example.width_px)
    targets = match(anchors, _corners(wanted, seen), classes)
    difficult = _corners([box for box in boxes if box.difficult], seen)
    unasked = _covered(anchors, difficult) & (targets.labels == BACKGROUND)
    targets.labels[unasked] = IGNORED
    return targets


def _corners(boxes: Sequence[LabelledBox], seen: tuple[int, int, int]) -> FloatArray:
    """Normalised corners within (first row, row past the last, width)."""
    top, bottom, width = seen
    pixels = [[box.y_min - top, box.x_min, box.y_max - top, box.x_max] for box in boxes]
    scale = np.array([bottom - top, width] * 2, np.float32)
    return np.asarray(np.array(pixels, np.float32).reshape(-1, 4) / scale, np.float32)


def _covered(anchors: FloatArray, boxes: FloatArray) -> NDArray[np.bool_]:
    """(N,) whether an anchor lies mostly in a box, or a box's middle is that of the anchor and it is larger."""
    if len(boxes) == 0:
        return np.zeros(len(anchors), np.bool_)
    corners = to_corners(anchors)
    low = np.maximum(corners[:, None, :2], boxes[None, :, :2])
    high = np.minimum(corners[:, None, 2:], boxes[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=-1)
    anchor_areas = np.prod(corners[:, 2:] - corners[:, :2], axis=-1)[:, None]
    box_areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=-1)[None, :]
    inside = shared >= IGNORED_COVER * np.minimum(anchor_areas, box_areas)
    alike = np.maximum(anchor_areas, box_areas) <= 6.0 * np.minimum(anchor_areas, box_areas)
    covered: NDArray[np.bool_] = np.any(inside & alike, axis=1)
    return covered


def read_crop(
    path: Path, layout: AnchorLayout, augmentation: Augmentation | None = None, seed: int = 0
) -> NDArray[np.uint8]:
    """(height, width, 3) RGB uint8: what a car would feed the detector for a picture, standardised.

    With an augmentation it is in another light, which `seed` decides.

    Raises:
        DataSetError: if it cannot be decoded.
    """
    frame = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if frame is None:
        raise DataSetError(f"{path}: cannot be decoded as a picture")
    crop = detector_picture(np.asarray(frame, np.uint8), CROP, layout.height_px, layout.width_px)
    return standardised(crop if augmentation is None else vary_light(crop, augmentation, seed))


def read_crops(examples: Sequence[LabelledImage], layout: AnchorLayout) -> NDArray[np.uint8]:
    """(n, height, width, 3): `read_crop` of each.

    Raises:
        DataSetError: if a picture cannot be decoded.
    """
    return np.stack([read_crop(example.path, layout) for example in examples])


def batches(
    examples: Sequence[LabelledImage],
    layout: AnchorLayout,
    batch_size: int,
    seed: int,
    augmentation: Augmentation | None,
    labels: Sequence[str] = LABELS,
) -> Dataset:
    """A tf.data.Dataset of (images (B, h, w, 3) float32 RGB 0..255, standardised, targets (B, N, 5) float32).

    With an augmentation the order is shuffled anew in every pass and the last short batch dropped.
    """
    anchors = make_anchors(layout)
    targets = [image_targets(example, anchors, labels) for example in examples]
    paths = [str(example.path) for example in examples]
    classes = np.stack([target.labels for target in targets])
    codes = np.stack([target.codes.astype(np.float16) for target in targets])

    def picture(path: bytes, draw: np.int64) -> NDArray[np.uint8]:
        return read_crop(Path(path.decode()), layout, augmentation, int(draw))

    def loaded(example: tuple[Tensor, Tensor, Tensor], draw: Tensor) -> tuple[Tensor, Tensor]:
        path, label, code = example
        image = tf.ensure_shape(
            tf.numpy_function(picture, [path, draw], tf.uint8), (layout.height_px, layout.width_px, 3)
        )
        wanted = tf.concat([tf.cast(code, tf.float32), tf.cast(label, tf.float32)[:, tf.newaxis]], axis=-1)
        return tf.cast(image, tf.float32), wanted

    data = tf.data.Dataset.from_tensor_slices((paths, classes, codes))
    if augmentation is not None:
        data = data.shuffle(len(paths), seed=seed, reshuffle_each_iteration=True)
    draws = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    data = tf.data.Dataset.zip(data, draws).map(loaded, num_parallel_calls=2, deterministic=True)
    return data.batch(batch_size, drop_remainder=augmentation is not None).prefetch(2)
