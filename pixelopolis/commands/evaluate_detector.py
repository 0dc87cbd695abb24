"""`pixelopolis evaluate detector`: how good a detector is on pictures, rendered or one's own, or in use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from pixelopolis.commands.worker_options import RayAddress, chosen_workers
from pixelopolis.errors import UsageError
from pixelopolis.output import write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from car.perception.detector import Detector
    from models.common.workers.base import Workers
    from models.detector.pictures.example import Example

Item = TypeVar("Item")


def evaluate_detector(
    count: Annotated[int, typer.Option(min=1, help="Pictures to judge by.")] = 320,
    seed: Annotated[int, typer.Option(min=0, help="From 1000000 on: never used in training.")] = 1_000_000,
    model: Annotated[Path | None, typer.Option(help="A .tflite with its .json; the shipped one if not given.")] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="A Pascal VOC folder with pictures to judge by instead of rendered ones; may be given several times.",
        ),
    ] = None,
    drives: Annotated[
        float | None,
        typer.Option(
            min=0.5,
            metavar="MINUTES",
            help="Instead of judging pictures, drive whole cars for so long: are signs reached, and cars noticed?",
        ),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="A folder for pictures: which objects are taken for which, and the worst mistakes."),
    ] = None,
    card: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Put the figures into this model card.")
    ] = None,
    ray: RayAddress = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write JSON there; - is standard output.")] = None,
) -> None:
    """Average precision over all classes and for each, and the time that a picture takes; or how cars drive by it."""
    from car.perception.detector import Detector
    from car.perception.sidecar import ModelError
    from models.detector.shipped import SHIPPED_DETECTOR

    if ray is not None and drives is None:
        raise UsageError("--ray goes with --drives only; give --drives MINUTES too or leave --ray out")
    if data and drives is not None:
        raise UsageError("--data and --drives exclude each other; give one of them")
    path = model or SHIPPED_DETECTOR
    try:
        detector = Detector(path)
    except ModelError as error:
        raise UsageError(str(error)) from error
    if drives is None:
        _judge_pictures(detector, _PictureChoice(count, seed, tuple(data or ())), pictures, json_file, card)
    else:
        with chosen_workers(None, ray) as workers:
            _drive(path, drives, seed, json_file, card, workers)


@dataclass(frozen=True, slots=True)
class _PictureChoice:
    """Pictures to judge by: those of `data`, or `count` rendered ones."""

    count: int
    seed: int
    data: tuple[Path, ...]

    def examples(self) -> Iterator[Example]:
        from models.detector.network.anchors import AnchorLayout
        from models.detector.pictures.collect import examples
        from models.detector.training.frames import shown_frames

        return shown_frames(self.data, AnchorLayout()) if self.data else examples(self.count, self.seed)

    @property
    def total(self) -> int:
        from models.detector.pictures.voc import example_names

        return sum(len(example_names(folder)) for folder in self.data) if self.data else self.count

    @property
    def options(self) -> str:
        """As they were given."""
        return " ".join(f"--data {folder}" for folder in self.data) or f"--count {self.count} --seed {self.seed}"

    def told(self) -> dict[str, object]:
        """For the JSON."""
        return {"data": [str(folder) for folder in self.data]} if self.data else {"seed": self.seed}


def _judge_pictures(
    detector: Detector, choice: _PictureChoice, pictures: Path | None, json_file: str | None, card: Path | None
) -> None:
    from models.detector.card.figures import add_report
    from models.detector.evaluation.evaluate import evaluate
    from models.detector.evaluation.gallery import Gallery
    from models.detector.pictures.labels import LABELS, united

    gallery = Gallery(united([LABELS, detector.sidecar.labels]), detector.sidecar.score_threshold)
    report = evaluate(
        detector, _shown(choice.examples(), "pictures", choice.total), gallery.watch if pictures else None
    )
    if pictures is not None:
        gallery.draw(pictures)
    if card is not None:
        add_report(card, report, f"pixelopolis evaluate detector {choice.options}")
    if json_file is not None:
        write_json({**choice.told(), **report.as_json()}, json_file)
    if json_file != "-":
        typer.echo(report.as_table())


def _drive(
    detector: Path, minutes: float, seed: int, json_file: str | None, card: Path | None, workers: Workers | None
) -> None:
    from models.detector.card.figures import add_drives
    from pixelopolis.evaluation.whole_car.figures import figure_lines, ride_figures
    from pixelopolis.evaluation.whole_car.plan import drive_rides, plan_rides

    plans = plan_rides(minutes, seed)
    figures = ride_figures(list(_shown(drive_rides(plans, detector, workers), "rides", len(plans))))
    if json_file is not None:
        write_json({"seed": seed, **figures}, json_file)
    if card is not None:
        add_drives(card, figure_lines(figures), f"pixelopolis evaluate detector --drives {minutes:g} --seed {seed}")
    if json_file != "-":
        typer.echo("\n".join(figure_lines(figures)))


def _shown(items: Iterable[Item], what: str, total: int) -> Iterable[Item]:
    """The items, with a bar on a terminal that tells how many have come."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(items, what, total=total, console=console, disable=not console.is_terminal)
