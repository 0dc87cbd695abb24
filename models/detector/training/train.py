"""Training the detector: seeds, schedule, checkpoints after every epoch, resume, TensorBoard, progress bar."""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from models.common.kernel_muon import KernelMuon
from models.common.untyped import Network
from models.detector.network.architecture import BOXES, LOGITS, build_detector
from models.detector.network.loss import DetectionLoss
from models.detector.network.transfer import begin_with
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.collage import write_collages
from models.detector.pictures.labels import read_labels, united
from models.detector.pictures.voc import LabelledImage
from models.detector.training.data import Batches
from models.detector.training.frames import read_frames
from models.detector.training.run_folder import CHECKPOINT, MODEL, Checkpoint, effort, epochs_done
from models.detector.training.settings import TrainSettings
from models.detector.training.validation_log import ValidationLog


def train(data: Sequence[Path], out: Path, settings: TrainSettings, start_from: Path | None = None) -> Path:
    """Train on data sets and write the model, checkpoints and logs into `out`.

    A run that was cut off goes on after its last whole epoch when called again with the same settings; of a finished
    one the model is given as it is.

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
    began_s = time.monotonic()
    labels = united(read_labels(folder) for folder in data)
    done = epochs_done(out, settings, labels)
    if done == settings.collage_epochs + settings.epochs and (out / MODEL).is_file():
        return out / MODEL
    examples = read_frames(data, settings.layout, out)
    training, validation = split(examples, settings)
    keras.utils.set_random_seed(settings.seed)
    out.mkdir(parents=True, exist_ok=True)
    phases = _phases(training, out, settings)
    steps = sum(phase.epochs * (len(phase.examples) // settings.batch_size) for phase in phases)
    model = _resumed(out, labels) if done else _fresh(settings, steps, labels, start_from)
    checked = Batches(validation, settings.layout, settings.batch_size, settings.seed, None, labels)
    log = ValidationLog(out / "logs" / "pictures", validation, checked, settings.layout, labels)
    checkpoint = Checkpoint(out, settings, labels, began_s - effort(out).seconds)
    for phase in phases:
        if done >= phase.end:
            continue
        shown = (phase.examples, settings.layout, settings.batch_size, settings.seed, settings.augmentation, labels)
        model.fit(
            Batches(*shown, first_pass=done),
            shuffle=False,  # `Batches` does
            validation_data=checked,
            epochs=phase.end,
            initial_epoch=done,
            verbose=1 if sys.stdout.isatty() else 0,
            callbacks=[
                log,
                keras.callbacks.TensorBoard(out / "logs", write_graph=False),
                checkpoint,
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
    optimizer = KernelMuon(
        schedule, clipnorm=10.0, weight_decay=0.01, adam_weight_decay=0.0, exclude_layers=[f"{BOXES}_", f"{LOGITS}_"]
    )
    _compile(model, optimizer, labels)
    return model


def _resumed(out: Path, labels: Sequence[str]) -> Network:
    model = keras.models.load_model(out / CHECKPOINT, custom_objects={"DetectionLoss": DetectionLoss})
    _compile(model, model.optimizer, labels)
    return model


def _compile(model: Network, optimizer: keras.optimizers.Optimizer, labels: Sequence[str]) -> None:
    # XLA on a CPU trains this network at a third of TensorFlow's speed; JAX has nothing else.
    model.compile(optimizer, DetectionLoss(len(labels)), jit_compile=keras.backend.backend() == "jax")
