"""Closed-loop evaluation of a lane model on cities, looks and cars that no training has seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from car.perception.lane import LaneModel
from city.city import DEFAULT_LANE_WIDTH_M
from city.files import load_city
from city.route_line import RouteLine
from fleet.steering import steering_from_curvature
from models.lane.drive import Mechanics
from models.lane.journey import Journey, Moment, PilotHabits
from models.lane.photographer import Photographer, own_photographer
from models.lane.scenes import HELD_OUT_SEED, CameraSpread, Leader, Mounting
from models.lane.variants import VARIANTS
from sim.expert import wandering_route

EPISODE_S = 60.0
ROUTE_EDGES = 24  # more than a car can drive in an episode
DEFAULT_CITY_EVERY = 4  # the other episodes are in random cities, each in one of its own
EXPERT = "expert"
STRAIGHT = "straight"  # the baseline: never steers


ORDINARY_CAMERA = CameraSpread(0.05, np.radians(1.0), np.radians(1.0), np.radians(1.5), 0.003)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an episode's world is like."""

    name: str
    hardness: float = 0.5  # of the scene's and the photo's look
    camera: CameraSpread = ORDINARY_CAMERA
    delay_s: tuple[float, float] = (0.06, 0.08)
    mismatch: float = 0.02
    leader_m: float | None = None  # a car that is always this far ahead on the route
    command_error_m: float = 0.0  # how far from the right place commands may be given and taken back


NORMAL = Condition("normal")
CONDITIONS: dict[str, Condition] = {
    condition.name: condition
    for condition in (
        NORMAL,
        replace(NORMAL, name="hard_look", hardness=1.0),
        replace(NORMAL, name="behind_a_car", leader_m=0.4),
        replace(NORMAL, name="misplaced_commands", command_error_m=0.08),
        replace(NORMAL, name="late", delay_s=(0.084, 0.096)),
        replace(NORMAL, name="crooked", mismatch=0.03),
        replace(NORMAL, name="tilted_camera", camera=replace(NORMAL.camera, pitch_rad=np.radians(3.0))),
    )
}


@dataclass(frozen=True, slots=True)
class Episode:
    """One drive to be made."""

    seed: int
    index: int
    condition: Condition
    city: str
    seconds: float = EPISODE_S


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """One drive that was made."""

    episode: Episode
    seconds: float
    why: str  # as in JourneyEnd
    lateral_m: NDArray[np.float32]  # one per frame, left of the commanded line positive
    path_m: NDArray[np.float32]  # (n, 2)
    edges: tuple[int, ...]


def episodes(
    count: int, seed: int, conditions: Sequence[Condition] = (NORMAL,), city: str | None = None
) -> list[Episode]:
    """`count` episodes that take turns through the conditions; random cities are held-out ones."""
    planned = []
    for index in range(count):
        name = f"random:{HELD_OUT_SEED + (seed * 10_007 + index) % 900_000_000}"
        if index // len(conditions) % DEFAULT_CITY_EVERY == 0:
            name = "pixelopolis"
        planned.append(Episode(seed, index, conditions[index % len(conditions)], city or name))
    return planned


def drive_episode(episode: Episode, driver: str | Path) -> EpisodeResult:
    """Drive one episode; the same episode and model give the same result.

    Args:
        episode: what to drive.
        driver: a `.tflite` file, "expert" or "straight".
    """
    rng = np.random.default_rng([HELD_OUT_SEED, episode.seed, episode.index])
    city = load_city(episode.city)
    condition = episode.condition
    edges = sorted(city.edges)
    start = edges[int(rng.integers(len(edges)))]
    line = RouteLine(city, wandering_route(city, start, ROUTE_EDGES, rng))
    mechanics = Mechanics.sample(rng, condition.delay_s, condition.mismatch)
    mounting = condition.camera.sample(rng)
    habits = PilotHabits()
    error_m = float(rng.uniform(-condition.command_error_m, condition.command_error_m))
    habits = PilotHabits(habits.before_stop_line_m + error_m, habits.past_movement_m + error_m)
    start_m = float(rng.normal(0, 0.01))
    journey = Journey(city, line, mechanics, habits=habits, start_lateral_m=start_m)
    path: list[tuple[float, float]] = []
    lateral: list[float] = []
    if isinstance(driver, Path):
        photographer = own_photographer()
        photographer.set_up(city, rng, condition.hardness)
        decide = _model_driver(LaneModel(driver), photographer, mounting, rng, Leader(line, condition.leader_m))
    else:
        decide = _expert_driver if driver == EXPERT else _straight_driver

    def steer(moment: Moment) -> float:
        path.append((moment.pose.x_m, moment.pose.y_m))
        lateral.append(moment.label.lateral_m)
        return decide(moment)

    end = journey.drive(episode.seconds, steer)
    return EpisodeResult(
        episode, end.seconds, end.why, np.array(lateral, np.float32), np.array(path, np.float32), line.edges
    )


def _expert_driver(moment: Moment) -> float:
    return moment.label.steering


def _straight_driver(moment: Moment) -> float:  # noqa: ARG001  # it looks at nothing
    return steering_from_curvature(0.0)


def _model_driver(
    model: LaneModel,
    photographer: Photographer,
    mounting: Mounting,
    rng: np.random.Generator,
    leader: Leader,
) -> Callable[[Moment], float]:
    def decide(moment: Moment) -> float:
        frame = photographer.take(
            mounting.seat(moment.pose), mounting.camera, leader.seen_from(moment.label.station_m), rng
        )
        return model.look(frame, moment.command).steering

    return decide


def driver_named(name: str) -> str | Path:
    """The driver that a name stands for: "expert", "straight", a variant's shipped model, or a `.tflite` file.

    Raises:
        ValueError: if there is none such.
    """
    if name in (EXPERT, STRAIGHT):
        return name
    if name in VARIANTS:
        return Path(__file__).parents[1] / "shipped" / f"{VARIANTS[name].file_stem}.tflite"
    path = Path(name)
    if path.suffix != ".tflite" or not path.is_file():
        raise ValueError(
            f"{name!r} is neither {EXPERT}, {STRAIGHT}, a variant ({', '.join(VARIANTS)}) nor a .tflite file"
        )
    return path


def drive_all(planned: Sequence[Episode], driver: str | Path, workers: int | None = None) -> list[EpisodeResult]:
    """Drive episodes with a progress bar on a terminal; results in the episodes' order."""
    console = Console(stderr=True)
    results = []
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("driving", total=len(planned))
        for result in evaluate(planned, driver, workers):
            results.append(result)
            progress.advance(task)
    return sorted(results, key=lambda result: result.episode.index)


def evaluate(planned: Sequence[Episode], driver: str | Path, workers: int | None = None) -> Iterator[EpisodeResult]:
    """Drive episodes in several processes; results come as they are done."""
    workers = workers or min(os.cpu_count() or 1, 4, len(planned))
    if workers == 1:
        yield from (drive_episode(episode, driver) for episode in planned)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(drive_episode, episode, driver) for episode in planned]
        for future in as_completed(waiting):
            yield future.result()


def figures(results: Sequence[EpisodeResult]) -> dict[str, Any]:
    """The figures of some episodes: departures, wrong turns, survival and deviation from the commanded line."""
    lateral = np.abs(np.concatenate([result.lateral_m for result in results]))
    return {
        "episodes": len(results),
        "departures": sum(result.why == "departure" for result in results),
        "wrong_turns": sum(result.why == "wrong_turn" for result in results),
        "survival_s_median": round(float(np.median([result.seconds for result in results])), 2),
        "lane_width_m": DEFAULT_LANE_WIDTH_M,
        "lateral_mean_m": round(float(lateral.mean()), 4),
        "lateral_p95_m": round(float(np.quantile(lateral, 0.95)), 4),
    }


def report(results: Sequence[EpisodeResult]) -> dict[str, Any]:
    """Figures in all and for each condition."""
    names = sorted({result.episode.condition.name for result in results})
    by_condition = {
        name: figures([result for result in results if result.episode.condition.name == name]) for name in names
    }
    return {**figures(results), "conditions": by_condition}
