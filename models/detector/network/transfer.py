"""Beginning a training with what another network has learnt, also when it knew other classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from models.common.untyped import Network
from models.detector.network.architecture import LOGITS
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import LABELS

Weights = NDArray[np.float32]


def begin_with(target: Network, labels: Sequence[str], start_from: Path, shapes: int) -> None:
    """Give `target` the weights of a stored network of the same variant.

    What is said about a class that both know is taken over, wherever it stands in their lists; new classes begin as
    they would without.

    Args:
        target: a fresh network.
        labels: its classes.
        start_from: a `.keras` file; `progress.json` beside it tells its classes, or they are the catalogue's and `Car`.
        shapes: anchors of a cell.

    Raises:
        DataSetError: if it is another variant, or does not know as many classes as it should.
    """
    known = labels_of(start_from)
    initial = keras.models.load_model(start_from, compile=False)
    theirs, mine = _weights(initial), _weights(target)
    if list(map(len, theirs)) != list(map(len, mine)):
        raise DataSetError(f"{start_from}: is of another variant; give its --variant")
    for layer, old, new in zip(target.layers, theirs, mine, strict=True):
        if layer.name.startswith(f"{LOGITS}_"):
            both = zip(old, new, strict=True)
            old = [_rearranged(one, other, known, labels, shapes, start_from) for one, other in both]
        if [one.shape for one in old] != [one.shape for one in new]:
            raise DataSetError(f"{start_from}: is of another variant; give its --variant")
        layer.set_weights(old)


def _weights(network: Network) -> list[list[Weights]]:
    return [layer.get_weights() for layer in network.layers]


def labels_of(network: Path) -> tuple[str, ...]:
    """The classes of a trained network."""
    progress = network.with_name("progress.json")
    if not progress.is_file():
        return LABELS
    return tuple(json.loads(progress.read_text(encoding="utf-8")).get("labels", LABELS))


def _rearranged(
    old: Weights, new: Weights, known: tuple[str, ...], labels: Sequence[str], shapes: int, source: Path
) -> Weights:
    """A class head's weights, (…, shapes * classes): `new` with what `old` has of the same classes."""
    if old.shape[-1] != shapes * len(known):
        raise DataSetError(f"{source}: knows other classes than the {len(known)} of the progress.json beside it")
    mixed = new.reshape(*new.shape[:-1], shapes, len(labels)).copy()
    theirs = old.reshape(*old.shape[:-1], shapes, len(known))
    for place, label in enumerate(labels):
        if label in known:
            mixed[..., place] = theirs[..., known.index(label)]
    return np.asarray(mixed.reshape(new.shape), np.float32)
