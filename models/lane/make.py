"""From data sets to a model that a car can load: train, export, compare, report, card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.lane.card import write_card
from models.lane.export import PARITY_FRAMES, export, parity
from models.lane.report import mean_errors, write_report
from models.lane.train import TrainingPlan, predictions, train
from models.lane.variants import variant_named


def make_model(
    data: Sequence[Path],
    out: Path,
    run: Path,
    plan: TrainingPlan,
    *,
    initial: Path | None = None,
    quiet: bool = False,
) -> Path:
    """Train the plan's variant on `data` and leave `<stem>.tflite`, `.json` and `.md` in `out`.

    Args:
        data: folders of data sets.
        out: where the model goes.
        run: where checkpoints, logs and the report go; an interrupted training in it is gone on with.
        plan: what to train and how.
        initial: a `.keras` file to start from instead of random weights.
        quiet: print no progress.

    Raises:
        ValueError: if there is no such variant.
        DatasetError: if a data set cannot be used.
        ExportError: if the trained network cannot be converted.
    """
    variant = variant_named(plan.variant)
    result = train(variant, data, run, plan, initial=initial, quiet=quiet)
    predicted = predictions(result.model, variant, result.validation)
    write_report(run, variant, result.history, result.validation, predicted)
    model = export(variant, run / "best.keras", result.validation, out, plan.seed)
    sample = result.validation.only(slice(PARITY_FRAMES))
    gaps = parity(predicted["steering"][:PARITY_FRAMES], model, variant, sample)
    errors = mean_errors(variant, result.validation, predicted)
    write_card(model, variant, plan, data, errors, gaps, result.model.count_params(), initial)
    return model
