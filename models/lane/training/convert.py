"""Keras to TFLite, as a program of its own: the converter can take its whole process down with it.

Called by `models.lane.training.export` as
`python -m models.lane.convert NETWORK.keras VARIANT CALIBRATION.npz OUT.tflite int8|float`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from models.lane.training.architecture import build, copy_weights
from models.lane.variants import variant_named

Network = Any  # Keras and TensorFlow come without types
Converter = Any

MODES = ("int8", "float")


def convert(network: Path, variant_name: str, calibration: Path, target: Path, mode: str) -> None:
    """Write `target`.

    Args:
        network: a trained `.keras` file.
        variant_name: what it is.
        calibration: `.npz` with an array of inputs for each of the network's inputs, at least 100 rows.
        target: the `.tflite` to write.
        mode: "int8" (integer body, picture uint8, everything else that goes in or out float32) or "float".
    """
    variant = variant_named(variant_name)
    single = build(variant, batch_size=1, image_dtype="uint8" if mode == "int8" else "float32")
    copy_weights(keras.models.load_model(network, compile=False), single)
    with tempfile.TemporaryDirectory() as scratch:
        _save(single, Path(scratch))
        converter = tf.lite.TFLiteConverter.from_saved_model(scratch)
        _configure(converter, calibration, mode)
        target.write_bytes(converter.convert())


def _save(network: Network, folder: Path) -> None:
    """Store a network as a SavedModel; through a module that holds its variables, or they are lost on the way."""
    module = tf.Module()
    module.held = [variable.value for variable in network.variables]
    specifications = {x.name: tf.TensorSpec(x.shape, x.dtype, x.name) for x in network.inputs}
    module.run = tf.function(lambda inputs: network(inputs, training=False), input_signature=[specifications])
    tf.saved_model.save(module, str(folder), signatures=module.run.get_concrete_function())


def _configure(converter: Converter, calibration: Path, mode: str) -> None:
    if mode == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: _rows(calibration)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]


def _rows(calibration: Path) -> Iterator[dict[str, Any]]:
    with np.load(calibration) as arrays:
        inputs = {name: arrays[name] for name in arrays.files}
    for k in range(len(inputs["image"])):
        yield {name: rows[k : k + 1] for name, rows in inputs.items()}


def main() -> None:
    """Entry point of the program."""
    network, variant_name, calibration, target, mode = sys.argv[1:]
    if mode not in MODES:
        raise SystemExit(f"mode must be one of {', '.join(MODES)}, not {mode!r}")
    convert(Path(network), variant_name, Path(calibration), Path(target), mode)


if __name__ == "__main__":
    main()
