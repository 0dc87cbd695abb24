"""SavedModel to TFLite, run as a process of its own: the converter is native code that can take its caller down."""

from __future__ import annotations

import argparse
import os
import subprocess  # runs this very module
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from car.perception.picture_input import NORMALISED_RANGE, values_of_bytes


class ConversionError(RuntimeError):
    """The converter failed; holds the end of what it said."""


def convert_in_subprocess(saved_model: Path, out: Path, calibration: Path | None) -> None:
    """Write a TFLite file.

    Args:
        saved_model: folder with the SavedModel.
        out: file to write.
        calibration: `.npy` of (n, h, w, 3) uint8 RGB pictures for a model that is int8 throughout; float32 without.

    Raises:
        ConversionError: if the converter failed or crashed.
    """
    command = [sys.executable, "-m", "models.detector.exporting.convert", str(saved_model), str(out)]
    if calibration is not None:
        command += ["--calibration", str(calibration)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603  # our own arguments
    if result.returncode != 0 or not out.is_file():
        raise ConversionError(
            f"{saved_model}: conversion to {out} ended with status {result.returncode}: {result.stderr[-2000:]}"
        )


def convert(saved_model: Path, calibration: Path | None) -> bytes:
    """The TFLite file's content."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    converter.allow_custom_ops = True
    if calibration is not None:
        images = np.load(calibration)
        values = values_of_bytes(np.dtype(np.float32), 0.0, 0, NORMALISED_RANGE)

        def representative() -> Iterator[list[Any]]:
            for image in images:
                yield [values[image[np.newaxis]]]

        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = representative
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
    content: bytes = converter.convert()
    return content


def main() -> None:
    """Command line of the conversion process."""
    parser = argparse.ArgumentParser(prog="models.detector.exporting.convert")
    parser.add_argument("saved_model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--calibration", type=Path)
    arguments = parser.parse_args()
    arguments.out.write_bytes(convert(arguments.saved_model, arguments.calibration))


if __name__ == "__main__":
    main()
