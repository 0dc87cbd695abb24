"""The networks, in Keras.

A network that drives takes one frame; a recurrent one also takes the state of its memory and gives the next. For
training, a recurrent network is unrolled over a row of frames by `build_sequence`, with the very same layers.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from car.perception.sidecar import COMMANDS
from models.lane.variants import Variant

Tensor = Any  # Keras comes without types
Network = Any
Layer = Any

# filters, kernel, stride
CONVOLUTIONS = ((16, 5, 2), (32, 3, 2), (64, 3, 2), (96, 3, 2), (96, 3, 1))
BLOG_CONVOLUTIONS = ((24, 5, 2), (36, 5, 2), (48, 5, 2), (64, 3, 1), (64, 3, 1))
FEATURES = 128
HEAD_UNITS = 48  # hidden units of each command's own head
# A row of frames in training, 2 s: a corner is that long out of sight before the turn round it begins.
SEQUENCE_FRAMES = 24
STATES = ("memory_h", "memory_c")


def build(variant: Variant, batch_size: int | None = None, image_dtype: str = "float32") -> Network:
    """The network of a variant as a car runs it, with random weights.

    Inputs: "image", (batch, height, width, 3), 0 … 255; for one that takes commands "command", one-hot (batch, 4); for
    a recurrent one "memory_h" and "memory_c", (batch, units). Outputs: a dict of (batch, 1) each, and the next memory.
    Give `batch_size=1` for export: else shape operations stay in the graph. With `image_dtype="uint8"` the network
    takes a camera's bytes as they are.
    """
    image = keras.Input(variant.picture_shape, batch_size=batch_size, dtype=image_dtype, name="image")
    if not variant.takes_command:
        return keras.Model({"image": image}, _blog(variant, image), name=variant.file_stem)
    command = keras.Input((len(COMMANDS),), batch_size=batch_size, name="command")
    features = _features(image)
    if not variant.memory_units:
        outputs = _answers(variant, features, command)
        return keras.Model({"image": image, "command": command}, outputs, name=variant.file_stem)
    memory = [keras.Input((variant.memory_units,), batch_size=batch_size, name=name) for name in STATES]
    remembered, after = _cell(variant)(features, memory)
    outputs = _answers(variant, layers.Concatenate()([features, remembered]), command)
    outputs |= {name: layers.Identity(name=f"next_{name}")(state) for name, state in zip(STATES, after, strict=True)}
    inputs = {"image": image, "command": command} | dict(zip(STATES, memory, strict=True))
    return keras.Model(inputs, outputs, name=variant.file_stem)


def build_for_training(variant: Variant) -> Network:
    """What is trained: the network itself, or a recurrent one over `SEQUENCE_FRAMES` frames in a row.

    The latter takes "image" (batch, frames, height, width, 3) and "command" (batch, frames, 4), and gives
    (batch, frames, 1) for each output; its memory starts empty.
    """
    if not variant.memory_units:
        return build(variant)
    image = keras.Input((SEQUENCE_FRAMES, *variant.picture_shape), name="image")
    command = keras.Input((SEQUENCE_FRAMES, len(COMMANDS)), name="command")
    # All frames through the convolutions at once: several times as fast as a layer that goes from frame to frame.
    features = _features(keras.ops.reshape(image, (-1, *variant.picture_shape)))
    features = keras.ops.reshape(features, (-1, SEQUENCE_FRAMES, FEATURES))
    remembered = layers.RNN(_cell(variant), return_sequences=True)(features)
    outputs = _answers(variant, layers.Concatenate()([features, remembered]), command)
    return keras.Model({"image": image, "command": command}, outputs, name=variant.file_stem)


def copy_weights(trained: Network, target: Network) -> None:
    """Give `target` the weights of `trained`: both have the same layers under the same names."""
    weights = {layer.name: layer.get_weights() for layer in _leaves(trained)}
    for layer in _leaves(target):
        if layer.get_weights():
            layer.set_weights(weights[layer.name])


def begin_with(initial: Network, target: Network) -> None:
    """Give `target` the weights of those layers that `initial` has too, of the same name and shape.

    So a recurrent network can begin with the eyes of one that has no memory.

    Raises:
        ValueError: if they have no layer in common.
    """
    known = {layer.name: layer.get_weights() for layer in _leaves(initial)}
    shared = 0
    for layer in _leaves(target):
        mine, theirs = layer.get_weights(), known.get(layer.name, [])
        if mine and [w.shape for w in mine] == [w.shape for w in theirs]:
            layer.set_weights(theirs)
            shared += 1
    if not shared:
        raise ValueError(f"network {initial.name} has no layer in common with {target.name}; begin without it")


def _leaves(network: Network) -> list[Any]:
    """The layers that hold weights."""
    return [getattr(layer, "cell", layer) for layer in network.layers]  # of a recurrent layer, its cell holds them


def _cell(variant: Variant) -> Layer:
    return layers.LSTMCell(variant.memory_units, name="memory")


def _features(image: Tensor) -> Tensor:
    """Convolutions with batch norm and ReLU, which int8 keeps whole."""
    x = layers.Rescaling(1 / 127.5, -1)(image)
    for k, (filters, kernel, stride) in enumerate(CONVOLUTIONS):
        x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, name=f"conv{k}")(x)
        x = layers.BatchNormalization(momentum=0.95, name=f"norm{k}")(x)
        x = layers.ReLU()(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    return layers.Dense(FEATURES, activation="relu", name="features")(x)


def _answers(variant: Variant, x: Tensor, command: Tensor) -> dict[str, Tensor]:
    """A head for each command; all are computed, and the one-hot command blanks all but one.

    So the command cannot be overlooked. Leading axes are kept: (batch, …, units) gives (batch, …, 1).
    """
    lead = tuple(command.shape[1:-1])
    heads = layers.Dense(len(COMMANDS) * HEAD_UNITS, activation="relu", name="heads")(x)
    heads = layers.Reshape((*lead, len(COMMANDS), HEAD_UNITS))(heads)
    chosen = layers.Multiply()([heads, layers.Reshape((*lead, len(COMMANDS), 1))(command)])
    chosen = layers.Reshape((*lead, len(COMMANDS) * HEAD_UNITS))(chosen)
    chosen = layers.Concatenate()([chosen, command])  # gives each head biases of its own
    return {name: layers.Dense(1, name=name)(chosen) for name in variant.outputs}


def _blog(variant: Variant, image: Tensor) -> dict[str, Tensor]:
    """Five convolutions and four dense layers, as the original's blog describes them (with ELU)."""
    x = layers.Rescaling(1 / 127.5, -1)(image)
    act = variant.activation
    for k, (filters, kernel, stride) in enumerate(BLOG_CONVOLUTIONS):
        x = layers.Conv2D(filters, kernel, strides=stride, padding="same", activation=act, name=f"conv{k}")(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Flatten()(x)
    for units in (100, 50, 10):
        x = layers.Dense(units, activation=act, name=f"dense{units}")(x)
    return {"steering": layers.Dense(1, name="steering")(x)}
