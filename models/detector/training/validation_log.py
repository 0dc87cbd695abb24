"""After each epoch: average precision on held-back pictures, and some of them with what was found, for TensorBoard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from car.perception.detector import crop_rows
from models.common.untyped import Dataset
from models.detector.evaluation.average_precision import average_precision
from models.detector.evaluation.pairing import pairs
from models.detector.evaluation.worst import drawn
from models.detector.network.anchors import AnchorLayout, make_anchors
from models.detector.network.answers import detections
from models.detector.pictures.boxes import within_rows
from models.detector.pictures.labels import CROP
from models.detector.pictures.voc import LabelledImage

SHOWN = 8
SURE = 0.4


class ValidationLog(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """Writes to TensorBoard, and adds `val_map50` and `val_map50_95` to the epoch's figures."""

    def __init__(
        self,
        folder: Path,
        examples: Sequence[LabelledImage],
        pictures: Dataset,
        layout: AnchorLayout,
        labels: Sequence[str],
    ) -> None:
        """`pictures` are the batches of `examples`, in their order."""
        super().__init__()
        self._writer = tf.summary.create_file_writer(str(folder))
        self._pictures, self._layout, self._labels = pictures, layout, tuple(labels)
        self._anchors = make_anchors(layout)
        self._rows = [crop_rows(example.height_px, CROP) for example in examples]
        self._truth = [within_rows(each.boxes, *rows) for each, rows in zip(examples, self._rows, strict=True)]
        self._shown = [np.asarray(cv2.imread(str(each.path)), np.uint8) for each in examples[:SHOWN]]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Look at all held-back pictures."""
        raw = np.asarray(self.model.predict(self._pictures, verbose=0))
        found = detections(raw, self._anchors, self._layout, self._labels, self._rows[0][0])
        figures = {"val_map50": math.nan, "val_map50_95": math.nan}
        if any(not box.difficult for boxes in self._truth for box in boxes):
            precision = average_precision(self._truth, found, self._labels)
            figures = {"val_map50": precision.map50, "val_map50_95": precision.map50_95}
        if logs is not None:
            logs.update(figures)
        tiles = [
            drawn(image, pairs(truth, said, SURE))[..., ::-1]
            for image, truth, said in zip(self._shown, self._truth, found, strict=False)
        ]
        with self._writer.as_default(step=epoch):
            for name, value in figures.items():
                tf.summary.scalar(name, value)
            tf.summary.image("found", _stack(tiles), max_outputs=SHOWN)
        self._writer.flush()


def _stack(tiles: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.stack([np.ascontiguousarray(tile) for tile in tiles])
