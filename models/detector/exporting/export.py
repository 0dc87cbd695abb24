"""From a trained model to the files that a car loads: int8 TFLite with its post-processing, and its sidecar."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from models.common.untyped import Network
from models.detector.exporting.convert import convert_in_subprocess
from models.detector.exporting.graph import save_detection_graph
from models.detector.network.anchors import AnchorLayout
from models.detector.pictures.labels import CROP, LABELS, read_labels, united
from models.detector.training.data import read_crops
from models.detector.training.frames import read_frames
from models.detector.training.settings import TrainSettings
from models.detector.training.train import split

DEFAULT_SCORE_THRESHOLD = 0.45  # focal loss leaves scores low
CALIBRATION_COUNT = 150


def export_trained(trained: Path, data: Sequence[Path], settings: TrainSettings, out: Path) -> Path:
    """Export a `.keras` file, calibrated on pictures that it was trained with.

    Raises:
        DataSetError: if a data set is wrong.
        ConversionError: if the converter failed.
    """
    examples, _ = split(read_frames(data, settings.layout, trained.parent), settings)
    calibration = read_crops(examples[:CALIBRATION_COUNT], settings.layout)
    labels = united(read_labels(folder) for folder in data)
    return export(keras.models.load_model(trained, compile=False), settings.layout, out, calibration, labels=labels)


def export(
    model: Network,
    layout: AnchorLayout,
    out: Path,
    calibration: NDArray[np.uint8],
    float32: bool = False,
    labels: Sequence[str] = LABELS,
) -> Path:
    """Write `out` (a `.tflite` file) and the sidecar `out` with suffix `.json`.

    Args:
        model: a Keras detector.
        layout: the layout that it was built with.
        out: file to write.
        calibration: (n, h, w, 3) uint8 RGB crops, about a hundred, from which int8 ranges are taken.
        float32: leave the body in float32, with float32 input.
        labels: the classes in the order of the model's outputs.

    Raises:
        ConversionError: if the converter failed.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="detector-export-") as scratch:
        saved_model = Path(scratch) / "saved_model"
        save_detection_graph(model, layout, len(labels), saved_model)
        frames = Path(scratch) / "calibration.npy"
        np.save(frames, calibration)
        convert_in_subprocess(saved_model, out, None if float32 else frames)
    out.with_suffix(".json").write_text(json.dumps(sidecar(labels), indent=1) + "\n", encoding="utf-8")
    return out


def sidecar(labels: Sequence[str] = LABELS) -> dict[str, Any]:
    """What a car has to know about the file: classes in order, the part of a frame to feed, a score to trust."""
    return {
        "labels": list(labels),
        "crop": CROP.model_dump(),
        "standardised": True,
        "score_threshold": DEFAULT_SCORE_THRESHOLD,
    }
