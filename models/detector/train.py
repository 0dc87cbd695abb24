"""Training the detector: seeds, schedule, checkpoints after every epoch, resume, TensorBoard, progress bar."""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras

from models.common.kernel_muon import KernelMuon
from models.common.untyped import Network
from models.detector.anchors import AnchorLayout
from models.detector.architecture import BOXES, LOGITS, build_detector
from models.detector.boxes import DataSetError
from models.detector.collage import write_collages
from models.detector.data import batches
from models.detector.frames import read_frames
from models.detector.labels import LABELS, read_labels, united
from models.detector.light import Augmentation
from models.detector.loss import DetectionLoss
from models.detector.transfer import begin_with
from models.detector.validation_log import ValidationLog
from models.detector.voc import LabelledImage

CHECKPOINT = "checkpoint.keras"
PROGRESS = "progress.json"
MODEL = "model.keras"
HISTORY = "history.csv"


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that decides what a training run does."""

    variant: str = "edge-w1.0"
    collage_epochs: int = 5  # first, on collages
    collages: int = 20_000
    epochs: int = 5  # then, on whole frames
    batch_size: int = 8
    learning_rate: float = 6e-3
    warmup_share: float = 0.05  # of all steps
    seed: int = 1
    validation_share: float = 0.04
    layout: AnchorLayout = field(default_factory=AnchorLayout)
    augmentation: Augmentation = field(default_factory=Augmentation)


def train(data: Sequence[Path], out: Path, settings: TrainSettings, start_from: Path | None = None) -> Path:
    """Train on data sets and write the model, checkpoints and logs into `out`.

    A run that was cut off goes on after its last whole epoch when called again with the same settings.

    Args:
        data: Pascal VOC folders; pictures may have any size.
        out: folder, made if missing.
        settings: what to do.
        start_from: a `.keras` file of the same variant whose weights to begin with; it may know other classes.

    Returns:
        The finished model's file.

    Raises:
        DataSetError: if a data set is wrong or too small for one batch, or `out` holds another run.
    """
    labels = united(read_labels(folder) for folder in data)
    examples = read_frames(data, settings.layout, out)
    training, validation = split(examples, settings)
    keras.utils.set_random_seed(settings.seed)
    out.mkdir(parents=True, exist_ok=True)
    done = _epochs_done(out, settings, labels)
    phases = _phases(training, out, settings)
    steps = sum(phase.epochs * (len(phase.examples) // settings.batch_size) for phase in phases)
    model = _resumed(out, labels) if done else _fresh(settings, steps, labels, start_from)
    checked = batches(validation, settings.layout, settings.batch_size, settings.seed, None, labels)
    log = ValidationLog(out / "logs" / "pictures", validation, checked, settings.layout, labels)
    for phase in phases:
        if done >= phase.end:
            continue
        seed = settings.seed + done
        model.fit(
            batches(phase.examples, settings.layout, settings.batch_size, seed, settings.augmentation, labels),
            shuffle=False,  # the data set does
            validation_data=checked,
            epochs=phase.end,
            initial_epoch=done,
            verbose=1 if sys.stdout.isatty() else 0,
            callbacks=[
                log,
                keras.callbacks.TensorBoard(out / "logs", write_graph=False),
                _Checkpoint(out, settings, labels),
            ],
        )
        done = phase.end
    keras.models.load_model(out / CHECKPOINT, compile=False).save(out / MODEL)  # without the optimiser
    return out / MODEL


@dataclass(frozen=True, slots=True)
class _Phase:
    """Epochs up to `end` that see the same examples."""

    examples: list[LabelledImage]
    epochs: int
    end: int


def _phases(training: list[LabelledImage], out: Path, settings: TrainSettings) -> list[_Phase]:
    phases = []
    if settings.collage_epochs:
        collages = write_collages(training, out / "collages", settings.collages, settings.seed)
        phases.append(_Phase(collages, settings.collage_epochs, settings.collage_epochs))
    if settings.epochs:
        phases.append(_Phase(training, settings.epochs, settings.collage_epochs + settings.epochs))
    return phases


def split(
    examples: Sequence[LabelledImage], settings: TrainSettings
) -> tuple[list[LabelledImage], list[LabelledImage]]:
    """Training and validation examples, chosen by the seed; every order of `examples` gives the same halves.

    Raises:
        DataSetError: if fewer examples are left to train with than a batch holds.
    """
    ordered = sorted(examples, key=lambda example: (example.path.name, str(example.path)))
    random.Random(settings.seed).shuffle(ordered)
    held = max(1, round(len(ordered) * settings.validation_share))
    if len(ordered) - held < settings.batch_size:
        raise DataSetError(
            f"{len(ordered)} examples are too few: a batch needs {settings.batch_size} beside {held} for validation"
        )
    return ordered[held:], ordered[:held]


def _fresh(settings: TrainSettings, steps: int, labels: Sequence[str], start_from: Path | None) -> Network:
    model = build_detector(settings.variant, settings.layout, len(labels))
    if start_from is not None:
        begin_with(model, labels, start_from, len(settings.layout.shapes))
    warmup = math.ceil(steps * settings.warmup_share)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=settings.learning_rate / 20,
        decay_steps=max(1, steps - warmup),
        alpha=0.01,
        warmup_target=settings.learning_rate,
        warmup_steps=warmup,
    )
    # XLA on a CPU trains this network at a third of the speed.
    optimizer = KernelMuon(
        schedule, clipnorm=10.0, weight_decay=0.01, adam_weight_decay=0.0, exclude_layers=[f"{BOXES}_", f"{LOGITS}_"]
    )
    model.compile(optimizer, DetectionLoss(len(labels)), jit_compile=False)
    return model


def _resumed(out: Path, labels: Sequence[str]) -> Network:
    model = keras.models.load_model(out / CHECKPOINT, custom_objects={"DetectionLoss": DetectionLoss})
    model.compile(model.optimizer, DetectionLoss(len(labels)), jit_compile=False)
    return model


def _epochs_done(out: Path, settings: TrainSettings, labels: Sequence[str]) -> int:
    path = out / PROGRESS
    if not path.is_file():
        return 0
    progress = json.loads(path.read_text(encoding="utf-8"))
    if progress["settings"] != _plain(settings):
        raise DataSetError(f"{path}: this folder holds a run with other settings; choose another or delete it")
    if progress.get("labels", list(LABELS)) != list(labels):
        raise DataSetError(f"{path}: this folder holds a run with other labels; choose another or delete it")
    return int(progress["epochs_done"])


def _plain(settings: TrainSettings) -> dict[str, object]:
    plain: dict[str, object] = json.loads(json.dumps(asdict(settings)))
    return plain


class _Checkpoint(keras.callbacks.Callback):  # type: ignore[misc]  # keras is untyped
    """After every epoch saves the model with its optimiser, notes the losses, and then says that it is done."""

    def __init__(self, out: Path, settings: TrainSettings, labels: Sequence[str]) -> None:
        super().__init__()
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
        progress = {"epochs_done": epoch + 1, "settings": _plain(self._settings), "labels": list(self._labels)}
        (self._out / PROGRESS).write_text(json.dumps(progress), encoding="utf-8")
