"""Whether an exported file still says what the Keras model says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from car.perception.detector import Detection, Detector, detector_picture
from car.perception.standardise import standardised
from models.common.untyped import Network
from models.detector.evaluation.evaluate import without_threshold
from models.detector.network.anchors import AnchorLayout, FloatArray, decode, make_anchors, overlaps

SURE_SCORE = 0.5
SCORE_TOLERANCE = 0.1
MIN_OVERLAP = 0.85


def parity(model: Network, layout: AnchorLayout, detector: Detector, frames: Sequence[NDArray[np.uint8]]) -> float:
    """Share of whole BGR frames in which the file agrees with Keras on the most certain detection.

    Agreement: same class, boxes overlapping by MIN_OVERLAP, scores within SCORE_TOLERANCE. Frames in which Keras
    is sure of nothing count when the file is not clearly sure of something either.
    """
    open_detector = without_threshold(detector)
    agreements = [_agrees(model, layout, open_detector, frame) for frame in frames]
    return float(np.mean(agreements))


def _agrees(model: Network, layout: AnchorLayout, detector: Detector, frame: NDArray[np.uint8]) -> bool:
    crop = detector_picture(frame, detector.sidecar.crop, layout.height_px, layout.width_px)
    crop = standardised(crop) if detector.sidecar.standardised else crop
    raw = np.asarray(model(crop[np.newaxis].astype(np.float32), training=False))[0]
    anchor, label = np.unravel_index(raw[:, 4:].argmax(), raw[:, 4:].shape)
    score = float(1 / (1 + np.exp(-raw[anchor, 4 + label])))
    found = detector.look(frame)
    if score < SURE_SCORE:
        return not found or found[0].score < SURE_SCORE + SCORE_TOLERANCE
    box = np.clip(decode(raw[anchor : anchor + 1, :4], make_anchors(layout)[anchor : anchor + 1]), 0.0, 1.0)
    scale = np.array([crop.shape[0], crop.shape[1]] * 2, np.float32)
    return any(
        each.label == detector.sidecar.labels[label]
        and abs(each.score - score) <= SCORE_TOLERANCE
        and overlaps(_corners(each), box * scale)[0, 0] >= MIN_OVERLAP
        for each in found
    )


def _corners(detection: Detection) -> FloatArray:
    box = detection.box
    return np.array([[box.top_px, box.left_px, box.bottom_px, box.right_px]], np.float32)
