"""From a data set on disk to batches: targets are computed once, pictures are decoded and varied on the fly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from car.perception.detector import crop_rows, detector_picture
from car.perception.standardise import LEAST_DEVIATION, STANDARD_DEVIATION, STANDARD_MEAN, standardised
from models.common.untyped import Dataset, Tensor
from models.detector.anchors import AnchorLayout, FloatArray, to_corners
from models.detector.boxes import DataSetError, LabelledBox, within_rows
from models.detector.labels import CROP, LABELS
from models.detector.matching import BACKGROUND, IGNORED, Targets, match
from models.detector.voc import LabelledImage

IGNORED_COVER = 0.5  # an anchor with this much of itself in a difficult box is not asked


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a picture's light may be varied in training. Never mirrored: signs have a left and a right."""

    brightness: float = 28.0  # of 255
    contrast: tuple[float, float] = (0.75, 1.3)
    channel_gain: float = 0.12
    gamma: tuple[float, float] = (0.7, 1.4)  # what standardising does not undo
    noise: float = 6.0  # standard deviation, at most


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


def read_crops(examples: Sequence[LabelledImage], layout: AnchorLayout) -> NDArray[np.uint8]:
    """(n, height, width, 3) RGB: what a car would feed the detector for these pictures, standardised.

    Raises:
        DataSetError: if a picture cannot be decoded.
    """
    crops = []
    for example in examples:
        frame = cv2.imread(str(example.path), cv2.IMREAD_COLOR)
        if frame is None:
            raise DataSetError(f"{example.path}: cannot be decoded as a picture")
        crops.append(standardised(detector_picture(frame, CROP, layout.height_px, layout.width_px)))
    return np.stack(crops)


def batches(
    examples: Sequence[LabelledImage],
    anchors: FloatArray,
    batch_size: int,
    seed: int,
    augmentation: Augmentation | None,
    labels: Sequence[str] = LABELS,
) -> Dataset:
    """A tf.data.Dataset of (images (B, h, w, 3) float32 RGB 0..255, standardised, targets (B, N, 5) float32).

    With an augmentation the order is shuffled anew in every pass and the last short batch dropped.
    """
    targets = [image_targets(example, anchors, labels) for example in examples]
    paths = [str(example.path) for example in examples]
    classes = np.stack([target.labels for target in targets])
    codes = np.stack([target.codes.astype(np.float16) for target in targets])
    data = tf.data.Dataset.from_tensor_slices((paths, classes, codes))
    if augmentation is not None:
        data = data.shuffle(len(paths), seed=seed, reshuffle_each_iteration=True)
    data = data.map(_load, num_parallel_calls=2)
    data = data.batch(batch_size, drop_remainder=augmentation is not None)
    if augmentation is not None:
        vary = _Vary(augmentation, seed)
        data = data.map(vary, num_parallel_calls=1, deterministic=True)
    data = data.map(_standardised, num_parallel_calls=1, deterministic=True)
    return data.prefetch(2)


def _load(path: Tensor, labels: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
    frame = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method="INTEGER_ACCURATE")
    rows = tf.cast(tf.shape(frame)[0], tf.float32)
    top, bottom = (
        tf.cast(tf.round(rows * fraction), tf.int32) for fraction in (CROP.top_fraction, CROP.bottom_fraction)
    )
    wanted = tf.concat([tf.cast(codes, tf.float32), tf.cast(labels, tf.float32)[:, tf.newaxis]], axis=-1)
    return tf.cast(frame[top:bottom], tf.float32), wanted


def _standardised(images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """As `car.perception.standardise` does it, for a batch."""
    mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
    deviation = tf.math.reduce_std(images, axis=(1, 2), keepdims=True)
    levels = (images - mean) * (STANDARD_DEVIATION / tf.maximum(deviation, LEAST_DEVIATION)) + STANDARD_MEAN
    return tf.clip_by_value(levels, 0.0, 255.0), targets


class _Vary:
    """Random light for a batch, each picture its own."""

    def __init__(self, augmentation: Augmentation, seed: int) -> None:
        self._augmentation = augmentation
        self._generator = tf.random.Generator.from_seed(seed)

    def __call__(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        limits, random = self._augmentation, self._generator
        count = tf.shape(images)[0]
        contrast = random.uniform((count, 1, 1, 1), *limits.contrast)
        brightness = random.uniform((count, 1, 1, 1), -limits.brightness, limits.brightness)
        gains = random.uniform((count, 1, 1, 3), 1 - limits.channel_gain, 1 + limits.channel_gain)
        gamma = random.uniform((count, 1, 1, 1), *limits.gamma)
        noise = random.normal(tf.shape(images)) * random.uniform((count, 1, 1, 1), 0.0, limits.noise)
        varied = ((images - 128.0) * contrast + 128.0 + brightness) * gains
        varied = 255.0 * (tf.clip_by_value(varied, 0.0, 255.0) / 255.0) ** gamma
        return tf.clip_by_value(varied + noise, 0.0, 255.0), targets
