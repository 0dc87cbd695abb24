"""Collecting lane data: by the expert's eye along the lines, or with a trained model at the wheel (DAgger)."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from car.perception.lane import LaneModel, lane_picture
from car.perception.sidecar import COMMANDS
from city.city import City
from city.files import load_city
from city.route_line import RouteLine
from models.lane.approaches import CommandWindow, approaches
from models.lane.dataset import SINGLE_PICTURE, Frames, Manifest, open_for_writing, write_shard, write_summary
from models.lane.drive import Mechanics
from models.lane.journey import Journey, Moment, PilotHabits
from models.lane.labels import LaneLabel
from models.lane.photographer import Photographer, own_photographer
from models.lane.sampling import sample_shots
from models.lane.scenes import HELD_OUT_SEED, CameraSpread, Leader, other_cars, training_city_name
from models.lane.variants import WHOLE_PICTURE
from sim.expert import wandering_route

FRAMES_PER_SHARD = 256
FRAMES_PER_LOOK = 52
EXPERT_SOURCE = "expert"
HARDNESS = (0.1, 0.9)

# With a model at the wheel: every second camera frame, and now and then a push off the line.
DAGGER_FRAME_PERIOD_S = 0.08
DAGGER_ROUTE_EDGES = 8
PUSH_SHARE = 0.04  # of frames at which a push begins
PUSH_STEERING = 0.7
PUSH_FRAMES = (2, 8)
RESCUE_LATERAL_M = 0.10  # from here on the expert steers until the car is back
RESCUED_LATERAL_M = 0.03


class _Notebook:
    """Gathers frames with their labels."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def note(
        self,
        frame: NDArray[np.uint8],
        label: LaneLabel,
        command: int,
        camera: int = 0,
        drive: int = SINGLE_PICTURE,
    ) -> None:
        small = lane_picture(frame, WHOLE_PICTURE)
        self._rows.append((small, label.steering, label.lateral_m, label.heading_rad, command, camera, drive))

    def frames(self) -> Frames:
        picture, steering, lateral_m, heading_rad, command, camera, drive = zip(*self._rows, strict=True)
        return Frames(
            np.stack(picture),
            np.array(steering, np.float32),
            np.array(lateral_m, np.float32),
            np.array(heading_rad, np.float32),
            np.array(command, np.uint8),
            np.array(camera, np.uint8),
            np.array(drive, np.int32),
        )


def collect(
    folder: Path,
    frames: int,
    seed: int,
    *,
    driver: Path | None = None,
    workers: int | None = None,
    frames_per_shard: int = FRAMES_PER_SHARD,
) -> dict[str, object]:
    """Make a data set, or what lacks of one, and return its summary.

    The same seed makes the same frames, whatever the number of workers and however often it was interrupted.

    Args:
        folder: where it goes.
        frames: how many.
        seed: below `HELD_OUT_SEED`, so that nothing of an evaluation is trained on.
        driver: a lane `.tflite` that drives while the expert labels; without it, poses are drawn along the lines.
        workers: processes; two or the number of cores when not given.
        frames_per_shard: frames of one scene, which are stored together.

    Raises:
        ValueError: if the seed is a held-out one or no frames are asked for.
        DatasetError: if the folder holds another data set.
    """
    if not 0 <= seed < HELD_OUT_SEED or frames < 1:
        raise ValueError(
            f"training data needs a seed of 0 to {HELD_OUT_SEED - 1} (later ones are held out) and a frame or more"
        )
    source = EXPERT_SOURCE if driver is None else hashlib.sha256(driver.read_bytes()).hexdigest()
    manifest = Manifest(seed, frames, frames_per_shard, source)
    lacking = open_for_writing(folder, manifest)
    began_s = time.monotonic()
    _make_shards(folder, manifest, lacking, driver, workers or min(2, os.cpu_count() or 1))
    return write_summary(folder, time.monotonic() - began_s)


def _make_shards(folder: Path, manifest: Manifest, lacking: Sequence[int], driver: Path | None, workers: int) -> None:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("collecting frames", total=manifest.frames)
        progress.advance(task, manifest.frames - sum(manifest.frames_of(shard) for shard in lacking))
        if workers == 1:
            for shard in lacking:
                make_shard(folder, manifest, shard, driver)
                progress.advance(task, manifest.frames_of(shard))
            return
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            waiting = {pool.submit(make_shard, folder, manifest, shard, driver): shard for shard in lacking}
            try:
                for future in as_completed(waiting):
                    future.result()
                    progress.advance(task, manifest.frames_of(waiting[future]))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def make_shard(folder: Path, manifest: Manifest, shard: int, driver: Path | None) -> None:
    """Make and store one shard: one city in several looks."""
    rng = np.random.default_rng([manifest.seed, shard])
    city_name = training_city_name(rng)
    city = load_city(city_name)
    photographer = own_photographer()
    photographer.set_up(city, rng, float(rng.uniform(*HARDNESS)))
    book = _Notebook()
    frames = manifest.frames_of(shard)
    looks = -(-frames // FRAMES_PER_LOOK)
    for look in range(looks):
        if look > 0:
            photographer.change_look(rng, float(rng.uniform(*HARDNESS)))
        wanted = frames * (look + 1) // looks
        if driver is None:
            _photograph_lines(city, wanted, book, photographer, rng)
        else:
            _photograph_drives(city, wanted, book, photographer, LaneModel(driver), rng)
    write_shard(folder, shard, book.frames(), city_name)


def _photograph_lines(
    city: City, wanted: int, book: _Notebook, photographer: Photographer, rng: np.random.Generator
) -> None:
    """Single pictures at poses drawn along every line of the city."""
    spread = CameraSpread()
    for shot in sample_shots(approaches(city), wanted - len(book), rng):
        mounting = spread.sample(rng)
        cars = other_cars(city, shot.approach.line, shot.label.station_m, rng)
        photographer.change_exposure(rng)
        frame = photographer.take(mounting.seat(shot.pose), mounting.camera, cars, rng)
        book.note(frame, shot.label, COMMANDS.index(shot.command), shot.camera)


def _photograph_drives(
    city: City,
    wanted: int,
    book: _Notebook,
    photographer: Photographer,
    model: LaneModel,
    rng: np.random.Generator,
) -> None:
    """Pictures along drives that the model steers, pushed off the line now and then and rescued when it is lost."""
    edges = sorted(city.edges)
    while len(book) < wanted:
        start = edges[int(rng.integers(len(edges)))]
        line = RouteLine(city, wandering_route(city, start, DAGGER_ROUTE_EDGES, rng))
        window = CommandWindow.sample(rng)
        journey = Journey(
            city,
            line,
            Mechanics.sample(rng),
            frame_period_s=DAGGER_FRAME_PERIOD_S,
            habits=PilotHabits(window.before_stop_line_m, window.past_movement_m),
            start_lateral_m=float(rng.normal(0, 0.03)),
            start_heading_rad=float(rng.normal(0, 0.1)),
        )
        pushes = _Pushes(rng)
        mounting = CameraSpread().sample(rng)
        leader = Leader.sample(line, rng)
        photographer.change_exposure(rng)
        seconds = (wanted - len(book)) * DAGGER_FRAME_PERIOD_S - 1e-6

        def steer(moment: Moment) -> float:
            cars = leader.seen_from(moment.label.station_m)  # noqa: B023
            frame = photographer.take(mounting.seat(moment.pose), mounting.camera, cars, rng)  # noqa: B023
            book.note(frame, moment.label, COMMANDS.index(moment.command))
            said = model.look(frame, moment.command).steering
            return pushes.applied(said, moment.label)  # noqa: B023  # called before the loop goes on

        journey.drive(seconds, steer)


class _Pushes:
    """Disturbs a driver at random, and lets the expert take over when the car is about to leave its lane."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._frames_left = 0
        self._push = 0.0
        self._rescuing = False

    def applied(self, steering: float, label: LaneLabel) -> float:
        """The steering to use instead of the model's."""
        limit_m = RESCUED_LATERAL_M if self._rescuing else RESCUE_LATERAL_M
        self._rescuing = abs(label.lateral_m) > limit_m
        if self._rescuing:
            self._frames_left = 0
            return label.steering
        if self._frames_left == 0 and self._rng.random() < PUSH_SHARE:
            self._frames_left = int(self._rng.integers(*PUSH_FRAMES))
            self._push = float(self._rng.uniform(-PUSH_STEERING, PUSH_STEERING))
        if self._frames_left > 0:
            self._frames_left -= 1
            return steering + self._push
        return steering
