"""From data sets to files that a car can load: train, export, compare, card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import keras
import numpy as np

from car.perception.detector import Detector
from models.detector.card.write import Making, write_card
from models.detector.evaluation.parity import parity
from models.detector.exporting.export import export_trained
from models.detector.training.frames import read_frames
from models.detector.training.run_folder import effort
from models.detector.training.settings import TrainSettings
from models.detector.training.train import split, train

PARITY_FRAMES = 96


def make_detector(
    data: Sequence[Path], out: Path, settings: TrainSettings, command: str, start_from: Path | None = None
) -> Path:
    """Train on data sets and leave `detector.tflite`, its sidecar and its card in `out`.

    A run that was cut off goes on when called again with the same settings.

    Args:
        data: Pascal VOC folders.
        out: folder, made if missing.
        settings: what to do.
        command: the command line that this is done by, for the card.
        start_from: a `.keras` file of the same variant whose weights to begin with.

    Returns:
        The exported file.

    Raises:
        DataSetError: if a data set is wrong or too small for one batch, or `out` holds another run.
        ConversionError: if the network cannot be converted.
    """
    trained = train(data, out, settings, start_from)
    exported = export_trained(trained, data, settings, out / "detector.tflite")
    network = keras.models.load_model(trained, compile=False)
    _, validation = split(read_frames(data, settings.layout, out), settings)
    frames = [np.asarray(cv2.imread(str(example.path)), np.uint8) for example in validation[:PARITY_FRAMES]]
    agreement = parity(network, settings.layout, Detector(exported), frames)
    making = Making(data, settings, network.count_params(), command, effort(out), start_from, agreement)
    write_card(exported, making)
    return exported
