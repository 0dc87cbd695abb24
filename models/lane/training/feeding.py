"""Frames into a network: batches, shuffled and lightly disturbed, with tf.data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import Frames
from models.lane.training.architecture import SEQUENCE_FRAMES
from models.lane.variants import Variant

Tensor = Any  # TensorFlow comes without types

# A mirrored city has its lines' colours swapped; with red and blue swapped too it is a city again, in which every
# left turn is a right one.
MIRROR_SHARE = 0.35
MIRRORED_COMMANDS = [
    COMMANDS.index({Command.LEFT: Command.RIGHT, Command.RIGHT: Command.LEFT}.get(command, command))
    for command in COMMANDS
]


def rows_of(frames: Frames, variant: Variant) -> NDArray[np.int64]:
    """(n, length) indices of the frames that are fed together: one each, or rows of frames for a recurrent network.

    Raises:
        ValueError: if a recurrent network finds no drive that is long enough.
    """
    if not variant.memory_units:
        return np.arange(len(frames), dtype=np.int64)[:, None]
    first = np.arange(max(0, len(frames) - SEQUENCE_FRAMES + 1))
    last = first + SEQUENCE_FRAMES - 1
    # Drives are numbered through, so the same number at both ends means that there is no other between them.
    whole = (frames.drive[first] >= 0) & (frames.drive[first] == frames.drive[last])
    if not whole.any():
        raise ValueError(
            f"variant {variant.name} learns from drives of {SEQUENCE_FRAMES} frames and more; there are only single "
            "pictures: collect with --driver expert, or record a drive"
        )
    return np.asarray(first[whole][:, None] + np.arange(SEQUENCE_FRAMES), np.int64)


def _apart(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the rows that share no frame, from the first on."""
    kept, free_from = [], 0
    for k, first in enumerate(rows[:, 0]):
        if first >= free_from:
            kept.append(k)
            free_from = int(rows[k, -1]) + 1
    return rows[kept]


def in_rows(frames: Frames, variant: Variant) -> Frames:
    """The frames in the order in which `batches` feeds them without `augment`; each row is a drive of its own.

    Raises:
        ValueError: if a recurrent network finds no drive that is long enough.
    """
    if not variant.memory_units:
        return frames
    rows = _apart(rows_of(frames, variant))
    return replace(frames.only(rows.ravel()), drive=np.repeat(np.arange(len(rows), dtype=np.int32), rows.shape[1]))


def batches(frames: Frames, variant: Variant, batch_size: int, *, seed: int, augment: bool) -> tf.data.Dataset:
    """Batches of (inputs, targets) for a variant; with `augment` shuffled anew in each epoch and disturbed.

    Unknown targets are NaN. `batch_size` counts frames, whether they come in rows or alone.

    Raises:
        ValueError: if a recurrent network finds no drive that is long enough.
    """
    rows = rows_of(frames, variant)
    rows = rows[:: max(1, rows.shape[1] // 2)] if augment else _apart(rows)  # training sees each frame twice an epoch
    deck = _Deck(frames, variant, rows, mirrored=augment)

    def named(image: Tensor, command: Tensor, target: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        if not variant.memory_units:
            image, command, target = image[:, 0], command[:, 0], target[:, 0]
        inputs = {"image": image, "command": command} if variant.takes_command else {"image": image}
        return inputs, {name: target[..., k : k + 1] for k, name in enumerate(variant.outputs)}

    count = max(1, batch_size // rows.shape[1])
    picks = tf.data.Dataset.range(len(rows))
    if not augment:
        return picks.batch(count).map(deck.plain).map(named).prefetch(2)
    shuffled = picks.shuffle(len(rows), seed=seed).batch(count, drop_remainder=len(rows) > count)
    counted = tf.data.Dataset.zip(shuffled, tf.data.Dataset.random(seed=seed))
    return counted.map(deck.disturbed).map(named).prefetch(2)


class _Deck:
    """All frames as tensors, to be dealt in rows. Mirrored pictures are made once: turning them costs most."""

    def __init__(self, frames: Frames, variant: Variant, rows: NDArray[np.int64], *, mirrored: bool) -> None:
        pictures = tf.constant(frames.picture)
        self._pictures = tf.concat([pictures, pictures[:, :, ::-1, ::-1]], axis=0) if mirrored else pictures
        self._commands = tf.constant(np.eye(len(COMMANDS), dtype=np.float32)[frames.command])
        self._targets = tf.constant(np.stack([getattr(frames, name) for name in variant.outputs], axis=1))
        self._rows = tf.constant(rows)
        self._count = len(frames)

    def plain(self, picked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(batch, length, …) of pictures, commands and targets."""
        row = tf.gather(self._rows, picked)
        image = tf.cast(tf.gather(self._pictures, row), tf.float32)
        return image, tf.gather(self._commands, row), tf.gather(self._targets, row)

    def disturbed(self, picked: Tensor, draw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same, some rows mirrored, all with another brightness, contrast and cast. `draw` seeds this batch."""
        row = tf.gather(self._rows, picked)
        count = tf.shape(row)[0]
        seeds = tf.stack([tf.fill([4], draw), tf.range(4, dtype=draw.dtype)], axis=1)
        mirrored = tf.random.stateless_uniform((count, 1), seeds[0]) < MIRROR_SHARE
        image = tf.cast(tf.gather(self._pictures, row + self._count * tf.cast(mirrored, row.dtype)), tf.float32)
        command, target = tf.gather(self._commands, row), tf.gather(self._targets, row)
        command = tf.where(mirrored[..., None], tf.gather(command, MIRRORED_COMMANDS, axis=2), command)
        target = tf.where(mirrored[..., None], -target, target)
        contrast = tf.random.stateless_uniform((count, 1, 1, 1, 1), seeds[1], 0.75, 1.25)
        cast = tf.random.stateless_uniform((count, 1, 1, 1, 3), seeds[2], 0.9, 1.1)
        shift = tf.random.stateless_uniform((count, 1, 1, 1, 1), seeds[3], -25.0, 25.0)
        gain = contrast * cast
        image = tf.clip_by_value(image * gain + (128.0 + shift - 128.0 * gain), 0.0, 255.0)
        return image, command, target
