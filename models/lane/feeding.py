"""Frames into a network: batches, shuffled and lightly disturbed, with tf.data."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import Frames
from models.lane.variants import Variant

Tensor = Any  # TensorFlow comes without types

# A mirrored city has its lines' colours swapped; with red and blue swapped too it is a city again, in which every
# left turn is a right one.
MIRROR_SHARE = 0.35
MIRRORED_COMMANDS = [
    COMMANDS.index({Command.LEFT: Command.RIGHT, Command.RIGHT: Command.LEFT}.get(command, command))
    for command in COMMANDS
]


def batches(frames: Frames, variant: Variant, batch_size: int, *, seed: int, augment: bool) -> tf.data.Dataset:
    """Batches of (inputs, targets) for a variant; with `augment` shuffled anew in each epoch and disturbed."""
    pictures = tf.constant(frames.pictures(variant))
    commands = tf.constant(np.eye(len(COMMANDS), dtype=np.float32)[frames.command])
    targets = tf.constant(np.stack([getattr(frames, name) for name in variant.outputs], axis=1))

    def gather(chosen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return (
            tf.cast(tf.gather(pictures, chosen), tf.float32),
            tf.gather(commands, chosen),
            tf.gather(targets, chosen),
        )

    def named(image: Tensor, command: Tensor, target: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        inputs = {"image": image, "command": command} if variant.takes_command else {"image": image}
        return inputs, {name: target[:, k : k + 1] for k, name in enumerate(variant.outputs)}

    rows = tf.data.Dataset.range(len(frames))
    if not augment:
        return rows.batch(batch_size).map(gather).map(named).prefetch(2)
    disturbed = rows.shuffle(len(frames), seed=seed).batch(batch_size, drop_remainder=len(frames) > batch_size)
    counted = tf.data.Dataset.zip(disturbed.map(gather), tf.data.Dataset.random(seed=seed))
    return counted.map(_disturb).map(named).prefetch(2)


def _disturb(batch: tuple[Tensor, Tensor, Tensor], draw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mirror some pictures; brightness, contrast and colour cast for all. `draw` seeds this batch."""
    image, command, target = batch
    count = tf.shape(image)[0]
    seeds = tf.stack([tf.fill([4], draw), tf.range(4, dtype=draw.dtype)], axis=1)
    mirrored = tf.random.stateless_uniform((count,), seeds[0]) < MIRROR_SHARE
    image = tf.where(mirrored[:, None, None, None], image[:, :, ::-1, ::-1], image)
    command = tf.where(mirrored[:, None], tf.gather(command, MIRRORED_COMMANDS, axis=1), command)
    target = tf.where(mirrored[:, None], -target, target)
    contrast = tf.random.stateless_uniform((count, 1, 1, 1), seeds[1], 0.75, 1.25)
    cast = tf.random.stateless_uniform((count, 1, 1, 3), seeds[2], 0.9, 1.1)
    shift = tf.random.stateless_uniform((count, 1, 1, 1), seeds[3], -25.0, 25.0)
    image = tf.clip_by_value((image - 128.0) * contrast * cast + 128.0 + shift, 0.0, 255.0)
    return image, command, target
