"""What a training run leaves in its folder: checkpoints, how far it is, what it has cost."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras

from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.labels import LABELS
from models.detector.training.settings import TrainSettings

CHECKPOINT = "checkpoint.keras"
PROGRESS = "progress.json"
MODEL = "model.keras"
HISTORY = "history.csv"


@dataclass(frozen=True, slots=True)
class Effort:
    """What a run has cost, all its pieces together, and what did the arithmetic of the last one."""

    seconds: float
    by: str


def epochs_done(out: Path, settings: TrainSettings, labels: Sequence[str]) -> int:
    """How many epochs the run in `out` has behind it; 0 where there is none.

    Raises:
        DataSetError: if it has other settings or labels.
    """
    path = out / PROGRESS
    if not path.is_file():
        return 0
    progress = json.loads(path.read_text(encoding="utf-8"))
    if progress["settings"] != _plain(settings):
        raise DataSetError(f"{path}: this folder holds a run with other settings; choose another or delete it")
    if progress.get("labels", list(LABELS)) != list(labels):
        raise DataSetError(f"{path}: this folder holds a run with other labels; choose another or delete it")
    return int(progress["epochs_done"])


def effort(out: Path) -> Effort:
    """What the run in `out` has cost until its last whole epoch."""
    path = out / PROGRESS
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Effort(float(kept.get("seconds", 0.0)), str(kept.get("by", "")))


class Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """After every epoch saves the model with its optimiser, notes the losses, and then says that it is done."""

    def __init__(self, out: Path, settings: TrainSettings, labels: Sequence[str], began_s: float) -> None:
        """`began_s` is on the monotonic clock, as if the run had never been cut off."""
        super().__init__()
        self._began_s = began_s
        self._out = out
        self._settings = settings
        self._labels = labels

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Write the progress file last: what it does not name does not count."""
        self.model.save(self._out / CHECKPOINT)
        losses = {"epoch": epoch, **(logs or {})}
        with (self._out / HISTORY).open("w" if epoch == 0 else "a", encoding="utf-8") as history:
            if epoch == 0:
                history.write(",".join(losses) + "\n")
            history.write(",".join(str(value) for value in losses.values()) + "\n")
        progress = {
            "epochs_done": epoch + 1,
            "settings": _plain(self._settings),
            "labels": list(self._labels),
            "seconds": time.monotonic() - self._began_s,
            "by": _worker(),
        }
        (self._out / PROGRESS).write_text(json.dumps(progress), encoding="utf-8")


def _worker() -> str:
    """What does the arithmetic: TensorFlow on 2 cores, say, or jax on gpu:0."""
    others = [device for device in keras.distribution.list_devices() if not device.startswith("cpu")]
    return f"{keras.backend.backend()} on {', '.join(others) or f'{os.cpu_count()} cores'}"


def _plain(settings: TrainSettings) -> dict[str, object]:
    plain: dict[str, object] = json.loads(json.dumps(asdict(settings)))
    return plain
