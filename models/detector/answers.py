"""What a network in training says about pictures, as detections: TensorFlow's own suppression of double boxes."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from car.perception.seen import Box, Detection
from models.detector.anchors import AnchorLayout, FloatArray, decode
from models.detector.graph import MAX_DETECTIONS, NMS_IOU_THRESHOLD, SCORE_THRESHOLD


def detections(
    raw: NDArray[np.float32], anchors: FloatArray, layout: AnchorLayout, labels: tuple[str, ...], top_px: int = 0
) -> list[tuple[Detection, ...]]:
    """Detections of each picture, best first, as the exported file would give them.

    Args:
        raw: (n, anchors, 4 + classes) codes and logits.
        anchors: as the network was trained with.
        layout: theirs.
        labels: of the classes.
        top_px: the row of the whole picture at which the network's begins.
    """
    boxes = np.stack([decode(codes, anchors) for codes in raw[..., :4]])
    scores = 1 / (1 + np.exp(-raw[..., 4:]))
    corners, best, classes, counts = (
        part.numpy()
        for part in tf.image.combined_non_max_suppression(
            boxes[:, :, None],
            scores,
            MAX_DETECTIONS,
            MAX_DETECTIONS,
            NMS_IOU_THRESHOLD,
            SCORE_THRESHOLD,
            clip_boxes=True,
        )
    )
    scale = np.array([layout.height_px, layout.width_px] * 2)
    return [
        tuple(
            Detection(labels[int(classes[k, j])], float(best[k, j]), _box(corners[k, j] * scale, top_px))
            for j in range(int(counts[k]))
        )
        for k in range(len(raw))
    ]


def _box(pixels: NDArray[np.float64], top_px: int) -> Box:
    top, left, bottom, right = pixels.tolist()
    return Box(left, top + top_px, right, bottom + top_px)
