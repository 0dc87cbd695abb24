"""The detector: signs and cars in a picture, as boxes in its pixels."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2

from car.camera.frame import Picture
from car.perception.delegate import Delegate
from car.perception.detections import RawDetections, SeenPart
from car.perception.detector_outputs import find_outputs
from car.perception.detector_sidecar import detector_sidecar
from car.perception.picture_input import PictureInput
from car.perception.seen import Box, Detection
from car.perception.sidecar import NO_LABEL, DetectorCrop, DetectorSidecar, ModelError
from car.perception.standardise import standardised
from car.perception.tflite import TfliteModel

__all__ = ["Box", "Detection", "Detector", "crop_rows", "detector_picture"]

_log = logging.getLogger(__name__)


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
    """Any TFLite detector with the four outputs of TFLite_Detection_PostProcess; used by one thread at a time."""

    def __init__(
        self,
        path: Path,
        threads: int = 1,
        *,
        labels: Path | None = None,
        delegate: Delegate | None = None,
        sidecar: DetectorSidecar | None = None,
    ) -> None:
        """Load.

        Args:
            path: the .tflite file.
            threads: that it may use.
            labels: a label file, whose labels count before those of the sidecar.
            delegate: what runs the network instead of the processor.
            sidecar: what would otherwise be read from the files beside the model.

        Raises:
            ModelError: if model, sidecar, labels or delegate are missing, wrong, or do not fit each other.
        """
        self.sidecar = sidecar or detector_sidecar(path, labels)
        self._model = TfliteModel(path, threads, delegate)
        if len(self._model.inputs) != 1:
            raise ModelError(path, f"takes {', '.join(self._model.inputs)}, not one picture alone")
        (self._image,) = self._model.inputs.values()
        self._input = PictureInput(path, self._image, self.sidecar.input_range)
        self._outputs = find_outputs(self._model, self.sidecar.outputs)
        self.unknown_classes = 0  # seen and left out because nothing says what their numbers mean

    def rows(self, height_px: int) -> tuple[int, int]:
        """First row, and the row after the last, of what it sees in a picture of that height."""
        return crop_rows(height_px, self.sidecar.crop)

    def look(self, picture_bgr: Picture) -> tuple[Detection, ...]:
        """What is seen in a camera picture (h, w, 3) BGR, best first."""
        self.show(picture_bgr)
        self.run()
        return self.seen(*picture_bgr.shape[:2])

    def show(self, picture_bgr: Picture) -> None:
        """The first part of a look: give the network its picture."""
        picture = detector_picture(picture_bgr, self.sidecar.crop, self._input.height_px, self._input.width_px)
        if self.sidecar.standardised:
            picture = standardised(picture)
        self._model.set(self._image, self._input.values(picture))

    def run(self) -> None:
        """The second part: run the network."""
        self._model.invoke()

    def seen(self, height_px: int, width_px: int) -> tuple[Detection, ...]:
        """The last part: what the network saw in a camera picture of that size, best first."""
        outputs = self._outputs
        raw = RawDetections(
            self._model.get(outputs.boxes).reshape(-1, 4),
            self._model.get(outputs.classes).reshape(-1),
            self._model.get(outputs.scores).reshape(-1),
            float(self._model.get(outputs.count).flat[0]),
        )
        part = SeenPart(width_px, *self.rows(height_px))
        found = []
        for k in raw.usable(self.sidecar.score_threshold):
            label = self._label(round(float(raw.classes[k])))
            box = part.box(raw.boxes[k])
            if label is not None and box is not None:
                found.append(Detection(label, min(1.0, float(raw.scores[k])), box))
        return tuple(sorted(found, key=lambda detection: -detection.score))

    def _label(self, class_number: int) -> str | None:
        label = self.sidecar.label_of(class_number)
        if label is None:
            if self.unknown_classes == 0:
                _log.warning(
                    "model %s: gives class number %d, and there are labels for %d to %d only; others are left out",
                    self._model.path,
                    class_number,
                    self.sidecar.class_offset,
                    self.sidecar.class_offset + len(self.sidecar.labels) - 1,
                )
            self.unknown_classes += 1
        return None if label == NO_LABEL else label
