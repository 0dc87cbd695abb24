"""Training a lane model from data sets on disk."""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from models.lane.dataset import Frames, read_split
from models.lane.report import ValidationLog
from models.lane.training.architecture import begin_with, build_for_training
from models.lane.training.feeding import batches, in_rows
from models.lane.variants import Variant

Network = Any  # Keras and TensorFlow come without types
Tensor = Any

# Mean squared errors are in these units before they are summed, so that the auxiliary outputs neither
# drown nor are drowned: steering in full scales, lateral in 0.3 m, heading in 1 rad.
LOSS_WEIGHTS = {"steering": 1.0, "lateral_m": 10.0, "heading_rad": 1.0}
WARM_UP_EPOCHS = 0.5


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that training depends on beside the data."""

    variant: str
    seed: int = 1
    epochs: int = 10
    batch_size: int = 128
    learning_rate: float = 1.5e-3
    patience_epochs: int = 5


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A trained network with what is worth knowing about its training."""

    model: Network
    history: dict[str, list[float]]
    validation: Frames
    training_steering: NDArray[np.float32]

    @property
    def training_frames(self) -> int:
        """How many frames it was trained on."""
        return len(self.training_steering)


def train(
    variant: Variant,
    data: Sequence[Path],
    run: Path,
    plan: TrainingPlan,
    *,
    initial: Path | None = None,
    quiet: bool = False,
) -> TrainingResult:
    """Train `variant` on data sets; checkpoints, TensorBoard logs and the best model go to `run`.

    A run that was interrupted goes on where its last whole epoch ended when called again with the same folder.

    Args:
        variant: what to train.
        data: folders of data sets.
        run: where to work; the best network is left there as `best.keras`.
        plan: seeds and sizes.
        initial: a `.keras` file to start from instead of random weights, as after a DAgger round.
        quiet: print no progress.

    Raises:
        DatasetError: if a data set cannot be read.
        ValueError: if `run` holds a training with another plan, or the data have no drives for a recurrent network.
    """
    run.mkdir(parents=True, exist_ok=True)
    _keep_plan(run / "plan.json", plan)
    finished = run / "finished.json"
    if not finished.exists():
        curves = _fit(variant, data, run, plan, initial, quiet)
        finished.write_text(json.dumps(curves) + "\n", encoding="utf-8")
        keras.backend.clear_session()
        gc.collect()  # the pictures of a training fill gigabytes, and another may follow
    training, validation = read_split(data, variant)
    curves = json.loads(finished.read_text(encoding="utf-8"))
    model = keras.models.load_model(run / "best.keras", compile=False)
    return TrainingResult(model, curves, in_rows(validation, variant), training.steering)


def _keep_plan(path: Path, plan: TrainingPlan) -> None:
    wanted = asdict(plan)
    if path.exists() and (found := json.loads(path.read_text(encoding="utf-8"))) != wanted:
        raise ValueError(f"{path} is of another training, {found}, not {wanted}; give another folder")
    path.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")


def known_squared_error(target: Tensor, said: Tensor) -> Tensor:
    """Mean squared error over the targets that are known; the others, of recordings, are NaN."""
    known = tf.math.is_finite(target)
    gap = tf.where(known, said, 0.0) - tf.where(known, target, 0.0)
    return tf.reduce_mean(tf.square(gap), axis=-1)


def _fit(
    variant: Variant,
    data: Sequence[Path],
    run: Path,
    plan: TrainingPlan,
    initial: Path | None,
    quiet: bool,
) -> dict[str, list[float]]:
    keras.utils.set_random_seed(plan.seed)
    model = build_for_training(variant)
    if initial is not None:
        begin_with(keras.models.load_model(initial, compile=False), model)
    training, validation = read_split(data, variant)
    feed = batches(training, variant, plan.batch_size, seed=plan.seed, augment=True)
    check = batches(validation, variant, plan.batch_size, seed=plan.seed, augment=False)
    log = ValidationLog(
        run / "tensorboard" / "frames",
        in_rows(validation, variant),
        lambda model: np.asarray(model.predict(check, verbose=0)["steering"]).reshape(-1),
    )
    del training, validation  # the batches have copies
    model.compile(
        optimizer=keras.optimizers.Adam(_schedule(plan, len(feed))),
        loss=dict.fromkeys(variant.outputs, known_squared_error),
        loss_weights={name: LOSS_WEIGHTS[name] for name in variant.outputs},
        metrics={"steering": ["mae"]},
        jit_compile=False,  # XLA on a CPU is several times slower
    )
    history = model.fit(
        feed,
        validation_data=check,
        epochs=plan.epochs,
        verbose=0 if quiet else 1,
        callbacks=[
            keras.callbacks.BackupAndRestore(run / "backup"),
            keras.callbacks.ModelCheckpoint(run / "best.keras", monitor="val_loss", save_best_only=True),
            keras.callbacks.EarlyStopping(monitor="val_loss", patience=plan.patience_epochs),
            log,  # before the next one, so that the learning rate is in its file
            keras.callbacks.CSVLogger(run / "history.csv", append=True),
            keras.callbacks.TensorBoard(run / "tensorboard"),
        ],
    )
    return {name: [float(value) for value in values] for name, values in history.history.items()}


def _schedule(plan: TrainingPlan, steps_per_epoch: int) -> keras.optimizers.schedules.LearningRateSchedule:
    warm_up = max(1, round(WARM_UP_EPOCHS * steps_per_epoch))
    return keras.optimizers.schedules.CosineDecay(
        plan.learning_rate / 10,
        max(1, plan.epochs * steps_per_epoch - warm_up),
        alpha=0.01,
        warmup_target=plan.learning_rate,
        warmup_steps=warm_up,
    )


def predictions(
    model: Network, variant: Variant, frames: Frames, batch_size: int = 256
) -> dict[str, NDArray[np.float32]]:
    """What a network says about frames, in rows for a recurrent one: each output as (n,)."""
    answers = model.predict(batches(frames, variant, batch_size, seed=0, augment=False), verbose=0)
    return {name: np.asarray(answers[name]).reshape(-1) for name in variant.outputs}
