"""From data sets to a model that a car can load: train, let it drive and learn from that, export, report, card."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from models.common.workers.base import Workers
from models.lane.card import write_card
from models.lane.collecting.collect import EXPERT_SOURCE, collect
from models.lane.dataset import candidate_steering, read_manifest, write_text
from models.lane.photographing.scenes import HELD_OUT_SEED
from models.lane.report import SteeringHistogram, command_errors, mean_errors, write_report
from models.lane.training.architecture import build, copy_weights
from models.lane.training.export import PARITY_FRAMES, export, float_model, parity
from models.lane.training.train import Network, TrainingPlan, TrainingResult, predictions, train
from models.lane.variants import Variant, variant_named
from models.latency import network_latencies

LATER_LEARNING_RATE = 0.7  # of the first stage's, in stages that begin with trained weights


@dataclass(frozen=True, slots=True)
class Rounds:
    """DAgger rounds: after each training the model drives in the simulator, and learns from where it got to."""

    count: int = 0
    frames: int = 25_000
    workers: Workers | None = None

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
    command: str | None = None,
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
        command: the command line that this is done by, for the card.

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
    # What is to have a memory first learns to see: single pictures teach that best, and it needs drives to remember.
    first = variant_named(variant.eyes) if variant.eyes and rounds.count else variant
    making = _Making(list(data), run, plan, initial, quiet)
    making.learn(0, first, replace(plan, variant=first.name), initial)
    for stage in range(1, rounds.count + 1):
        making.drive(stage - 1, rounds)
        later = replace(plan, seed=plan.seed + stage, learning_rate=plan.learning_rate * LATER_LEARNING_RATE)
        making.learn(stage, variant, later, run / f"stage-{stage - 1}" / "best.keras")
    return making.finish(out, rounds.count, command)


class _Making:
    """A model on its way, stage by stage."""

    def __init__(
        self,
        folders: list[Path],
        run: Path,
        plan: TrainingPlan,
        initial: Path | None,
        quiet: bool,
    ) -> None:
        self._folders, self._run, self._plan = folders, run, plan
        self._given = len(folders)
        self._initial = initial
        self._quiet = quiet
        self._history: dict[str, list[float]] = {}
        self._stage_epochs: list[int] = []
        self._variant = variant_named(plan.variant)
        self._result: TrainingResult | None = None

    def learn(self, stage: int, variant: Variant, plan: TrainingPlan, initial: Path | None) -> None:
        """One training, of the plan's variant or of its eyes; its curves are put behind those of the stages before."""
        folder = self._run / f"stage-{stage}"
        with self._timed(f"training, stage {stage}"):
            self._result = train(variant, self._folders, folder, plan, initial=initial, quiet=self._quiet)
        self._variant = variant
        self._stage_epochs.append(len(self._result.history["loss"]))
        for name, values in self._result.history.items():
            self._history.setdefault(name, []).extend(values)

    def drive(self, stage: int, rounds: Rounds) -> None:
        """Let a stage's model drive; what it saw is data from now on."""
        folder = self._run / f"stage-{stage}"
        model = folder / "driver" / f"{self._variant.file_stem}.tflite"
        seed = rounds.seed(self._plan, stage + 1)
        with self._timed(f"drives after stage {stage}"):
            if not model.with_suffix(".json").exists():  # made once: the data that it drives are bound to it
                validation = self._trained().validation
                export(self._variant, folder / "best.keras", validation, model.parent, self._plan.seed)
            collect(folder / "drives", rounds.frames, seed, driver=model, workers=rounds.workers)
        self._folders.append(folder / "drives")

    def finish(self, out: Path, last_stage: int, command: str | None) -> Path:
        """Report, export and card."""
        variant, result = self._variant, self._trained()
        predicted = predictions(result.model, variant, result.validation)
        before = candidate_steering(self._folders[: self._given])
        write_report(
            self._run,
            variant,
            self._history,
            result.validation,
            predicted,
            training=SteeringHistogram.of(result.training_steering, before=before),
            model=_stepwise(variant, result.model),
            stage_epochs=self._stage_epochs,
        )
        network = self._run / f"stage-{last_stage}" / "best.keras"
        model = export(variant, network, result.validation, out, self._plan.seed)
        sample, said = result.validation.only(slice(PARITY_FRAMES)), predicted["steering"][:PARITY_FRAMES]
        twin = float_model(model)
        write_card(
            model,
            variant,
            self._plan,
            self._folders,
            mean_errors(variant, result.validation, predicted),
            parity(said, model, sample),
            result.model.count_params(),
            self._initial,
            float_twin=(twin, parity(said, twin, sample)),
            steering_errors=command_errors(result.validation, predicted["steering"]),
            commands=[*self._collecting(), command] if command else (),
            wall_times_s=self._times(),
            latency=_latency(model, twin),
        )
        return model

    def _trained(self) -> TrainingResult:
        if self._result is None:
            raise RuntimeError("learn() must come first")
        return self._result

    def _collecting(self) -> Iterator[str]:
        """The commands that made the data sets given, of those that were collected in the simulator."""
        for folder in self._folders[: self._given]:
            manifest = read_manifest(folder)
            if manifest.source == EXPERT_SOURCE:
                yield f"pixelopolis collect lane --out {folder} --count {manifest.frames} --seed {manifest.seed}"

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        """Adds to a stage's time, which may have begun in a run that was interrupted."""
        began_s = time.monotonic()
        yield
        self._run.mkdir(parents=True, exist_ok=True)
        times_s = self._times()
        times_s[what] = round(times_s.get(what, 0.0) + time.monotonic() - began_s, 1)
        write_text(self._run / "times.json", json.dumps(times_s, indent=2) + "\n")

    def _times(self) -> dict[str, float]:
        path = self._run / "times.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _latency(model: Path, twin: Path) -> str:
    whole, real = network_latencies([model, twin])
    return (
        f"One inference takes {whole.p50_ms:.2f} ms in int8 and {real.p50_ms:.2f} ms in float "
        f"(median, one core, in turns; p99 {whole.p99_ms:.2f} and {real.p99_ms:.2f} ms) on the machine that trained it."
    )


def _stepwise(variant: Variant, trained: Network) -> Network:
    """The network as a car runs it: one frame at a time, for a recurrent one too."""
    if not variant.memory_units:
        return trained
    network = build(variant)
    copy_weights(trained, network)
    return network
