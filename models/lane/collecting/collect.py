"""Collecting lane data in the simulator: single pictures along the lines, or drives with the expert or a model."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from city.city import City
from city.files import load_city
from models.common.workers.base import Workers
from models.common.workers.processes import Processes
from models.lane.collecting.approaches import approaches
from models.lane.collecting.drives import NewDriver, expert_driver, model_driver, photograph_drives
from models.lane.collecting.notebook import Notebook
from models.lane.collecting.sampling import sample_shots
from models.lane.dataset import Frames, Manifest, open_for_writing, write_shard, write_summary
from models.lane.photographing.looks import TRAINED_STRENGTH
from models.lane.photographing.photographer import Photographer, own_photographer
from models.lane.photographing.scenes import HELD_OUT_SEED, CameraSpread, other_cars, training_city_name

FRAMES_PER_SHARD = 256
FRAMES_PER_LOOK = 32
EXPERT_SOURCE = "expert"
EXPERT_DRIVES_SOURCE = "expert drives"
EXPERT = "expert"  # as a driver's name
HARDNESS = (0.1, 1.0)
EASY_SHARE = 0.5  # of looks whose hardness is drawn evenly; the other ones' is drawn from the upper half
# How often looks are hard ones. Paint costs nothing and is another for each single picture and each drive; light is
# another for each look. Worn lines are the hardest: inside a crossing little else tells where one is.
HARD_LIGHTS = {"dark": 0.13, "glare": 0.12}
HARD_PAINTS = {"worn_lines": 0.25, "colour_cast": 0.1}
HARDEST_IN_THE_DARK = 0.6  # beyond it pictures are black
PANORAMA_SUFFIXES = (".hdr", ".exr", ".jpg", ".jpeg", ".png")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes the frames beside the manifest's numbers."""

    driver: Path | str | None = None  # None for single pictures along the lines
    panoramas: tuple[Path, ...] = ()

    def source(self) -> str:
        """What the manifest says about where the frames come from."""
        source = EXPERT_SOURCE
        if isinstance(self.driver, Path):
            source = hashlib.sha256(self.driver.read_bytes()).hexdigest()
        elif self.driver == EXPERT:
            source = EXPERT_DRIVES_SOURCE
        if self.panoramas:
            source += " under " + ", ".join(path.name for path in self.panoramas)
        return source


@dataclass(frozen=True, slots=True)
class MadeShard:
    """What `write_shard` stores."""

    number: int
    frames: Frames
    city: str
    candidates: NDArray[np.float32]  # (m,)


def panoramas_in(folder: Path) -> tuple[Path, ...]:
    """The panorama pictures of a folder, by name.

    Raises:
        ValueError: if there is none.
    """
    found = tuple(sorted(path for path in folder.glob("*") if path.suffix.lower() in PANORAMA_SUFFIXES))
    if not found:
        raise ValueError(f"{folder} holds no panorama; put some {', '.join(PANORAMA_SUFFIXES)} into it")
    return found


def collect(
    folder: Path,
    frames: int,
    seed: int,
    *,
    driver: Path | str | None = None,
    panoramas: tuple[Path, ...] = (),
    workers: Workers | None = None,
    frames_per_shard: int = FRAMES_PER_SHARD,
) -> dict[str, object]:
    """Make a data set, or what lacks of one, and return its summary.

    The same seed makes the same frames, whoever the workers are and however often it was interrupted.

    Args:
        folder: where it goes.
        frames: how many.
        seed: below `HELD_OUT_SEED`, so that nothing of an evaluation is trained on.
        driver: a lane `.tflite` or "expert", who drives while the expert labels; without it, poses are drawn along
            the lines.
        panoramas: pictures of surroundings that half of the looks have for a sky.
        workers: who makes them; two processes, or one for each core, when not given.
        frames_per_shard: frames of one scene, which are stored together.

    Raises:
        ValueError: if the seed is a held-out one or no frames are asked for.
        DatasetError: if the folder holds another data set.
    """
    if not 0 <= seed < HELD_OUT_SEED or frames < 1:
        raise ValueError(
            f"training data needs a seed of 0 to {HELD_OUT_SEED - 1} (later ones are held out) and a frame or more"
        )
    recipe = Recipe(driver, panoramas)
    manifest = Manifest(seed, frames, frames_per_shard, recipe.source())
    lacking = open_for_writing(folder, manifest)
    began_s = time.monotonic()
    _make_shards(folder, manifest, lacking, recipe, workers or Processes.one_per_core(most=2))
    return write_summary(folder, time.monotonic() - began_s)


def _make_shards(folder: Path, manifest: Manifest, lacking: Sequence[int], recipe: Recipe, workers: Workers) -> None:
    console = Console(stderr=True)
    speed = TextColumn("{task.completed}/{task.total}  {task.speed:.0f}/s")
    columns: tuple[Any, ...] = (TextColumn("{task.description}"), BarColumn(), speed, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("collecting frames", total=manifest.frames)
        progress.advance(task, manifest.frames - sum(manifest.frames_of(shard) for shard in lacking))
        for made in workers.each(partial(make_shard, manifest, recipe), lacking):
            write_shard(folder, made.number, made.frames, made.city, made.candidates)
            progress.advance(task, len(made.frames))


def make_shard(manifest: Manifest, recipe: Recipe, shard: int) -> MadeShard:
    """Make one shard, one city in several looks, perhaps on another machine than that on which it is kept."""
    rng = np.random.default_rng([manifest.seed, shard])
    city_name = training_city_name(rng)
    city = load_city(city_name)
    photographer = own_photographer(recipe.panoramas)
    book = Notebook()
    frames = manifest.frames_of(shard)
    looks = -(-frames // FRAMES_PER_LOOK)
    for look in range(looks):
        _change_look(photographer, city, rng, first=look == 0)
        wanted = frames * (look + 1) // looks
        if recipe.driver is None:
            _photograph_lines(city, wanted, book, photographer, rng)
        else:
            _repaint(photographer, rng)
            photograph_drives(city, wanted, book, photographer, _driver(recipe.driver), rng)
    return MadeShard(shard, book.frames(), city_name, np.array(book.candidates, np.float32))


def _change_look(photographer: Photographer, city: City, rng: np.random.Generator, *, first: bool) -> None:
    hardness, look = _hardness(rng), _one_of(HARD_LIGHTS, rng)
    if look == "dark":
        hardness = min(hardness, HARDEST_IN_THE_DARK)
    if first:
        photographer.set_up(city, rng, hardness, look=look, strength=TRAINED_STRENGTH)
    else:
        photographer.change_look(rng, hardness, look=look, strength=TRAINED_STRENGTH)


def _repaint(photographer: Photographer, rng: np.random.Generator) -> None:
    photographer.repaint(rng, _hardness(rng), look=_one_of(HARD_PAINTS, rng), strength=TRAINED_STRENGTH)


def _hardness(rng: np.random.Generator) -> float:
    easiest, hardest = HARDNESS
    low = easiest if rng.random() < EASY_SHARE else (easiest + hardest) / 2
    return float(rng.uniform(low, hardest))


def _one_of(shares: Mapping[str, float], rng: np.random.Generator) -> str | None:
    draw = float(rng.random())
    for name, share in shares.items():
        if draw < share:
            return name
        draw -= share
    return None


@lru_cache(maxsize=1)
def _driver(driver: Path | str) -> NewDriver:
    return model_driver(driver) if isinstance(driver, Path) else expert_driver


def _photograph_lines(
    city: City, wanted: int, book: Notebook, photographer: Photographer, rng: np.random.Generator
) -> None:
    """Single pictures at poses drawn along every line of the city."""
    spread = CameraSpread()
    shots, candidates = sample_shots(approaches(city), wanted - len(book), rng)
    book.candidates.extend(candidates)
    for shot in shots:
        mounting = spread.sample(rng)
        cars = other_cars(city, shot.approach.line, shot.label.station_m, rng)
        _repaint(photographer, rng)
        photographer.change_exposure(rng)
        frame = photographer.take(mounting.seat(shot.pose), mounting.camera, cars, rng)
        book.note(frame, shot.label, shot.command, camera=shot.camera)
