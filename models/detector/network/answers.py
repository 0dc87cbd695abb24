"""What a network in training says about pictures, as detections, double boxes suppressed class by class."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from car.perception.seen import Box, Detection
from models.detector.network.anchors import AnchorLayout, FloatArray, decode

MAX_DETECTIONS = 25
SCORE_THRESHOLD = 0.05
NMS_IOU_THRESHOLD = 0.5


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
    scale = np.array([layout.height_px, layout.width_px] * 2)
    return [_of_picture(each, anchors, scale, labels, top_px) for each in raw]


def _of_picture(
    raw: NDArray[np.float32], anchors: FloatArray, scale: NDArray[np.int64], labels: tuple[str, ...], top_px: int
) -> tuple[Detection, ...]:
    scores = 1 / (1 + np.exp(-raw[:, 4:]))
    rows, classes = np.nonzero(scores > SCORE_THRESHOLD)
    # Not clipped before they are compared: the file does not do so either.
    corners = decode(raw[rows, :4], anchors[rows]) * scale
    sides = np.concatenate([corners[:, 1::-1], (corners[:, 2:] - corners[:, :2])[:, ::-1]], axis=1)  # x, y, w, h
    best = scores[rows, classes]
    kept = cv2.dnn.NMSBoxesBatched(sides.tolist(), best.tolist(), classes.tolist(), SCORE_THRESHOLD, NMS_IOU_THRESHOLD)
    order = sorted((int(k) for k in kept), key=lambda k: -best[k])[:MAX_DETECTIONS]
    seen = np.clip(corners, 0, scale)
    return tuple(Detection(labels[int(classes[k])], float(best[k]), _box(seen[k], top_px)) for k in order)


def _box(pixels: NDArray[np.float64], top_px: int) -> Box:
    top, left, bottom, right = pixels.tolist()
    return Box(left, top + top_px, right, bottom + top_px)
