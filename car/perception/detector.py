"""The detector: signs and cars in a picture, as boxes in its pixels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from car.camera.frame import Picture
from car.perception.seen import Box, Detection
from car.perception.sidecar import DetectorCrop, DetectorSidecar, ModelError, read_sidecar
from car.perception.tflite import TfliteModel

__all__ = ["Box", "Detection", "Detector", "crop_rows", "detector_picture"]


def crop_rows(height_px: int, crop: DetectorCrop) -> tuple[int, int]:
    """First row, and the row after the last, of what the detector sees."""
    return round(height_px * crop.top_fraction), round(height_px * crop.bottom_fraction)


def detector_picture(picture_bgr: Picture, crop: DetectorCrop, height_px: int, width_px: int) -> Picture:
    """Crop and scale a camera picture (h, w, 3) BGR to what a detector sees, (height_px, width_px, 3) RGB uint8.

    Training uses this very function, so that both see the same.
    """
    first, end = crop_rows(picture_bgr.shape[0], crop)
    part = picture_bgr[first:end]
    if part.shape[:2] != (height_px, width_px):
        part = cv2.resize(part, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    converted: Picture = cv2.cvtColor(part, cv2.COLOR_BGR2RGB)
    return converted


class Detector:
    """Any TFLite SSD that ends in TFLite_Detection_PostProcess, with its sidecar."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load.

        Raises:
            ModelError: if model and sidecar are missing, wrong, or do not fit each other.
        """
        self.sidecar = read_sidecar(path, DetectorSidecar)
        self._model = TfliteModel(path, threads)
        self._image = next(iter(self._model.inputs.values()))
        shape = tuple(int(n) for n in self._image["shape"])
        if len(shape) != 4 or shape[0] != 1 or shape[3] != 3:
            raise ModelError(path, f"takes {shape}, not one picture (1, height, width, 3)")
        self._height_px, self._width_px = shape[1:3]
        self._dtype = self._image["dtype"]
        if self._dtype not in (np.uint8, np.float32):
            raise ModelError(path, f"takes {self._dtype.__name__} pictures, not uint8 or float32")
        # The interpreter lists the four outputs in any order; only their suffix says which is which.
        by_suffix = {name.partition(":")[2] or "0": detail for name, detail in self._model.outputs.items()}
        if not {"0", "1", "2", "3"} <= by_suffix.keys():
            raise ModelError(
                path, f"lacks the outputs :0 … :3 of a detection model; it has {', '.join(self._model.outputs)}"
            )
        self._outputs = tuple(by_suffix[suffix] for suffix in "0123")

    def rows(self, height_px: int) -> tuple[int, int]:
        """First row, and the row after the last, of what it sees in a picture of that height."""
        return crop_rows(height_px, self.sidecar.crop)

    def look(self, picture_bgr: Picture) -> tuple[Detection, ...]:
        """What is seen in a camera picture (h, w, 3) BGR, best first."""
        full_height_px, full_width_px = picture_bgr.shape[:2]
        first, end = self.rows(full_height_px)
        picture = detector_picture(picture_bgr, self.sidecar.crop, self._height_px, self._width_px)
        self._model.set(self._image, picture[None].astype(self._dtype, copy=False))
        self._model.invoke()
        boxes, classes, scores, count = (self._model.get(detail)[0] for detail in self._outputs)
        found = []
        for k in range(min(int(count), len(scores))):
            index = round(float(classes[k])) - self.sidecar.class_offset
            score = float(scores[k])
            if score < self.sidecar.score_threshold or not 0 <= index < len(self.sidecar.labels):
                continue
            top, left, bottom, right = (max(0.0, min(1.0, float(edge))) for edge in boxes[k])
            box = Box(
                left * full_width_px,
                first + top * (end - first),
                right * full_width_px,
                first + bottom * (end - first),
            )
            if box.right_px > box.left_px and box.bottom_px > box.top_px:
                found.append(Detection(self.sidecar.labels[index], min(1.0, score), box))
        return tuple(sorted(found, key=lambda detection: -detection.score))
