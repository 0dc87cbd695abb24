"""`pixelopolis evaluate lane`: the model drives, in closed loop, where no training has been."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.commands.worker_options import RayAddress, chosen_workers
from pixelopolis.errors import UsageError

if TYPE_CHECKING:  # what drives is loaded only when somebody is to drive
    from models.common.workers.base import Workers
    from models.lane.comparison.compare import Plans

DEFAULT_VARIANT = "conditioned"
COMPARISON_FOLDER = Path("runs/lane-comparison")


def evaluate_lane(
    episodes: Annotated[int, typer.Option(min=1, help="How many drives.")] = 20,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            help="conditioned (when not given), blog, …, a .tflite file, expert, straight (never steers) or mean "
            "(always steers the same). Repeat it, or give all, to compare."
        ),
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(help="normal (when not given), dark, late, …, hard (all but normal) or all; may be repeated."),
    ] = None,
    course: Annotated[
        str | None,
        typer.Option(help="cities (when not given) or streets, which have no choice of way. A comparison has both."),
    ] = None,
    city: Annotated[str | None, typer.Option(help="Drive in this city only.")] = None,
    only: Annotated[
        list[int] | None, typer.Option(min=0, help="Drive only those of the plan with these numbers; may be repeated.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.04, help="How long a drive is.")] = 60.0,
    resume: Annotated[
        Path | None, typer.Option(help="Add each drive to this .jsonl as it ends, and go on with what it holds.")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="Draw driven lines, and the last frames before a car was lost, into this folder."),
    ] = None,
    card: Annotated[Path | None, typer.Option(help="Put the figures into this model card.")] = None,
    data: Annotated[
        list[Path] | None,
        typer.Option(help="Do not drive: judge the steering for the frames of this data set; may be repeated."),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="Compare drivers, and keep everything in this folder to go on with.")
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="In a comparison, a .tflite to measure beside.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that drive.")] = None,
    ray: RayAddress = None,
    json_file: Annotated[str | None, typer.Option("--json", help="Write JSON there; - is standard output.")] = None,
) -> None:
    """Drive a lane model through held-out cities and looks; exit status 0 only without departures and wrong turns.

    With --data it is 0 only if the model steers better than always the mean, of a comparison if it is complete.
    """
    variants = variant or []
    if ray is not None:
        _refuse("--ray", {"--pictures": pictures})  # some are drawn where the car drives
    if data:
        _refuse("--data", {"--only": only, "--resume": resume, "--card": card, "--compare": compare, "--ray": ray})
        status = _judge_data(variants, data, pictures, json_file)
    elif compare is not None or len(variants) > 1 or variants == ["all"]:
        _refuse("a comparison", {"--resume": resume, "--card": card, "--pictures": pictures, "--city": city})
        plans = _plans(only or range(episodes), seed, condition, course, city, seconds)
        with chosen_workers(workers, ray) as chosen:
            status = _compare(variants or ["all"], plans, compare or COMPARISON_FOLDER, baseline, chosen, json_file)
    else:
        _refuse("driving without a comparison", {"--baseline": baseline})
        plans = _plans(only or range(episodes), seed, condition, course or "cities", city, seconds)
        with chosen_workers(workers, ray) as chosen:
            status = _drive(variants, plans, chosen, resume, pictures, card, json_file)
    if status:
        raise typer.Exit(status)


def _refuse(doing: str, options: Mapping[str, object]) -> None:
    """Rather than leave an option out of account."""
    if given := [name for name, value in options.items() if value]:
        raise UsageError(f"{given[0]} does not go with {doing}")


def _plans(
    indices: Iterable[int],
    seed: int,
    condition: list[str] | None,
    course: str | None,
    city: str | None,
    seconds: float,
) -> Plans:
    from models.lane.evaluation.conditions import conditions_named
    from models.lane.evaluation.episodes import Course, chosen_episodes

    if course is not None and course not in list(Course):
        raise UsageError(f"there is no course {course!r}; known are {', '.join(Course)}")
    try:
        conditions = conditions_named(condition or ["normal"])
    except ValueError as error:
        raise UsageError(str(error)) from error
    courses = [Course(course)] if course else list(Course)
    indices = list(indices)
    return {each: chosen_episodes(indices, seed, conditions, city, course=each, seconds=seconds) for each in courses}


def _drive(
    variants: list[str],
    plans: Plans,
    workers: Workers | None,
    resume: Path | None,
    pictures: Path | None,
    card: Path | None,
    json_file: str | None,
) -> int:
    from pixelopolis.evaluation.closed_loop import evaluate_closed_loop

    [planned] = plans.values()
    [variant] = variants or [DEFAULT_VARIANT]
    return evaluate_closed_loop(
        variant, planned, workers=workers, resume=resume, pictures=pictures, card=card, json_file=json_file
    )


def _compare(
    variants: list[str],
    plans: Plans,
    folder: Path,
    baseline: Path | None,
    workers: Workers | None,
    json_file: str | None,
) -> int:
    from pixelopolis.evaluation.comparison import evaluate_comparison

    return evaluate_comparison(variants, plans, folder, baseline=baseline, workers=workers, json_file=json_file)


def _judge_data(variants: list[str], data: list[Path], pictures: Path | None, json_file: str | None) -> int:
    from pixelopolis.evaluation.open_loop import evaluate_open_loop

    if len(variants) > 1:
        raise UsageError("--data judges one model; give one --variant")
    [variant] = variants or [DEFAULT_VARIANT]
    return evaluate_open_loop(variant, data, pictures=pictures, json_file=json_file)
