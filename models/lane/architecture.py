"""The networks, in Keras."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from car.perception.sidecar import COMMANDS
from models.lane.variants import BLOG, CONDITIONED, Variant

Tensor = Any  # Keras comes without types

HEAD_UNITS = 48  # hidden units of each command's own head


def build(variant: Variant, batch_size: int | None = None, image_dtype: str = "float32") -> keras.Model:
    """The network of a variant, with random weights.

    Inputs: "image", (batch, height, width, 3), 0 … 255, and for a conditioned one "command", one-hot (batch, 4).
    Outputs: a dict, each (batch, 1). Give `batch_size=1` for export: else shape operations stay in the graph.
    With `image_dtype="uint8"` the network takes a camera's bytes as they are.

    Raises:
        ValueError: if the variant has no network.
    """
    builders = {CONDITIONED.name: _conditioned, BLOG.name: _blog}
    if variant.name not in builders:
        raise ValueError(f"variant {variant.name!r} has no network")
    return builders[variant.name](variant, batch_size, image_dtype)


def _conditioned(variant: Variant, batch_size: int | None, image_dtype: str) -> keras.Model:
    """Convolutions with batch norm and ReLU (which int8 keeps whole), then a head for each command.

    All heads are computed and the one-hot command blanks all but one, so that the command cannot be overlooked.
    """
    image = keras.Input(variant.picture_shape, batch_size=batch_size, dtype=image_dtype, name="image")
    command = keras.Input((len(COMMANDS),), batch_size=batch_size, name="command")
    x = layers.Rescaling(1 / 127.5, -1)(image)
    for filters, kernel, stride in ((16, 5, 2), (32, 3, 2), (48, 3, 2), (64, 3, 2), (64, 3, 1)):
        x = _convolution(x, filters, kernel, stride)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(128, activation="relu")(x)
    heads = layers.Reshape((len(COMMANDS), HEAD_UNITS))(layers.Dense(len(COMMANDS) * HEAD_UNITS, activation="relu")(x))
    chosen = layers.Flatten()(layers.Multiply()([heads, layers.Reshape((len(COMMANDS), 1))(command)]))
    chosen = layers.Concatenate()([chosen, command])  # gives each head biases of its own
    outputs = {name: layers.Dense(1, name=name)(chosen) for name in variant.outputs}
    return keras.Model({"image": image, "command": command}, outputs, name=variant.file_stem)


def _convolution(x: Tensor, filters: int, kernel: int, stride: int) -> Tensor:
    x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.95)(x)
    return layers.ReLU()(x)


def _blog(variant: Variant, batch_size: int | None, image_dtype: str) -> keras.Model:
    """Five convolutions and four dense layers with ELU, as the original's blog describes them."""
    image = keras.Input(variant.picture_shape, batch_size=batch_size, dtype=image_dtype, name="image")
    x = layers.Rescaling(1 / 127.5, -1)(image)
    for filters, kernel, stride in ((24, 5, 2), (36, 5, 2), (48, 5, 2), (64, 3, 1), (64, 3, 1)):
        x = layers.Conv2D(filters, kernel, strides=stride, padding="same", activation="elu")(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Flatten()(x)
    for units in (100, 50, 10):
        x = layers.Dense(units, activation="elu")(x)
    return keras.Model({"image": image}, {"steering": layers.Dense(1, name="steering")(x)}, name=variant.file_stem)
