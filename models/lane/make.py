"""From data sets to a model that a car can load: train, let it drive and learn from that, export, report, card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.lane.card import write_card
from models.lane.collect import collect
from models.lane.export import PARITY_FRAMES, export, parity
from models.lane.report import mean_errors, write_report
from models.lane.scenes import HELD_OUT_SEED
from models.lane.train import TrainingPlan, TrainingResult, predictions, train
from models.lane.variants import Variant, variant_named

LATER_LEARNING_RATE = 0.7  # of the first stage's, in stages that begin with trained weights


@dataclass(frozen=True, slots=True)
class Rounds:
    """DAgger rounds: after each training the model drives in the simulator, and learns from where it got to."""

    count: int = 0
    frames: int = 25_000
    workers: int | None = None

    def seed(self, plan: TrainingPlan, stage: int) -> int:
        """The seed of a round's data."""
        return (plan.seed * 1000 + stage) % HELD_OUT_SEED


def make_model(
    data: Sequence[Path],
    out: Path,
    run: Path,
    plan: TrainingPlan,
    *,
    rounds: Rounds | None = None,
    initial: Path | None = None,
    quiet: bool = False,
) -> Path:
    """Train the plan's variant on `data` and leave `<stem>.tflite`, its float twin, their .json and a card in `out`.

    Args:
        data: folders of data sets.
        out: where the model goes.
        run: where checkpoints, logs, the rounds' data and the report go; what was interrupted is gone on with.
        plan: what to train and how; each stage has its epochs.
        rounds: how often the model is to learn from its own drives.
        initial: a `.keras` file to start from instead of random weights.
        quiet: print no progress.

    Raises:
        ValueError: if there is no such variant, or it cannot drive rounds since it takes no commands.
        DatasetError: if a data set cannot be used.
        ExportError: if the trained network cannot be converted.
    """
    variant = variant_named(plan.variant)
    rounds = rounds or Rounds()
    if rounds.count and not variant.takes_command:
        raise ValueError(
            f"variant {variant.name} takes no commands, so it cannot drive rounds in cities; give 0 rounds"
        )
    folders = list(data)
    history: dict[str, list[float]] = {}
    result = _stage(variant, folders, run, plan, history, 0, initial, quiet)
    for stage in range(1, rounds.count + 1):
        before = run / f"stage-{stage - 1}"
        driver = _driver(variant, before, result, plan)
        folders.append(before / "drives")
        collect(folders[-1], rounds.frames, rounds.seed(plan, stage), driver=driver, workers=rounds.workers)
        later = replace(plan, seed=plan.seed + stage, learning_rate=plan.learning_rate * LATER_LEARNING_RATE)
        result = _stage(variant, folders, run, later, history, stage, before / "best.keras", quiet)
    return _finish(variant, folders, out, run, plan, rounds.count, result, history, initial)


def _stage(
    variant: Variant,
    folders: Sequence[Path],
    run: Path,
    plan: TrainingPlan,
    history: dict[str, list[float]],
    stage: int,
    initial: Path | None,
    quiet: bool,
) -> TrainingResult:
    """One training; its curves are put behind those of the stages before."""
    result = train(variant, folders, run / f"stage-{stage}", plan, initial=initial, quiet=quiet)
    for name, values in result.history.items():
        history.setdefault(name, []).extend(values)
    return result


def _driver(variant: Variant, stage: Path, result: TrainingResult, plan: TrainingPlan) -> Path:
    """The stage's model as a car would run it; made once, since the data that it drives are bound to it."""
    model = stage / "driver" / f"{variant.file_stem}.tflite"
    if not model.with_suffix(".json").exists():
        export(variant, stage / "best.keras", result.validation, model.parent, plan.seed)
    return model


def _finish(
    variant: Variant,
    folders: Sequence[Path],
    out: Path,
    run: Path,
    plan: TrainingPlan,
    last_stage: int,
    result: TrainingResult,
    history: dict[str, list[float]],
    initial: Path | None,
) -> Path:
    network = run / f"stage-{last_stage}" / "best.keras"
    predicted = predictions(result.model, variant, result.validation)
    write_report(run, variant, history, result.validation, predicted)
    model = export(variant, network, result.validation, out, plan.seed)
    sample = result.validation.only(slice(PARITY_FRAMES))
    gaps = parity(predicted["steering"][:PARITY_FRAMES], model, variant, sample)
    errors = mean_errors(variant, result.validation, predicted)
    write_card(model, variant, plan, folders, errors, gaps, result.model.count_params(), initial)
    return model
