"""A lane data set on disk: shards of small pictures with labels, and a manifest.

Layout (format "pixelopolis-lane/2")::

    manifest.json       what was asked for: format, seed, frames, frames_per_shard, source
    shard-00000.npz     arrays over the shard's frames:
        picture    (n, 80, 120, 3) uint8 RGB   the whole camera frame, shrunk
        steering   (n,) float32   what is right here, [-1, 1], right positive
        lateral_m  (n,) float32   axle left of the line positive; NaN where nobody knows
        heading_rad (n,) float32  car relative to the line, counter-clockwise positive; NaN where nobody knows
        command    (n,) uint8     index into follow, forward, left, right
        camera     (n,) uint8     0 centre, 1 left, 2 right
        drive      (n,) int32     neighbours with the same number follow each other in time; -1 for single pictures
        city       ()  str        the city's name, or what a recording is of
        candidates (m,) float32   steering of all that the frames were chosen from, where they were chosen
    summary.json        written at the end: frames, steering histogram, counts by command and city

What was imported or recorded has its originals beside each shard (`models.lane.recordings`); not for training.

A shard appears under its name only when it is whole, so an interrupted run is gone on with by making what lacks.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from car.perception.standardise import standardised
from city.city import Command
from models.common.files import write_bytes
from models.lane.variants import CONDITIONED, Variant

FORMAT = "pixelopolis-lane/2"
CAMERAS = ("centre", "left", "right")
HISTOGRAM_BINS = 21
VALIDATION_EVERY = 12
WAY_WITHOUT_CHOICE = ("straight", "square", "curvy", "circuit:")  # cities, or how their names begin
SINGLE_PICTURE = -1


class DatasetError(Exception):
    """A data set that cannot be used; names the file."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a data set is to hold."""

    seed: int
    frames: int
    frames_per_shard: int
    source: str  # "expert", the checksum of the model that drove, or what was imported or recorded
    format: str = FORMAT

    @property
    def shard_count(self) -> int:
        """How many shards make up the data set."""
        return -(-self.frames // self.frames_per_shard)

    def frames_of(self, shard: int) -> int:
        """How many frames a shard holds."""
        return min(self.frames_per_shard, self.frames - shard * self.frames_per_shard)


@dataclass(frozen=True, slots=True)
class Frames:
    """Labelled pictures in memory; every array has the same first dimension."""

    picture: NDArray[np.uint8]
    steering: NDArray[np.float32]
    lateral_m: NDArray[np.float32]
    heading_rad: NDArray[np.float32]
    command: NDArray[np.uint8]
    camera: NDArray[np.uint8]
    drive: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.steering)

    def seen_by(self, variant: Variant) -> Frames:
        """The same with pictures (n, height, width, 3) as a variant sees them, from whole ones."""
        seen = self.picture[:, variant.top_row :].copy()
        if variant.standardised:
            for picture in seen:
                picture[:] = standardised(picture)
        return replace(self, picture=seen)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Frames:
        """The chosen frames."""
        return Frames(**{name: getattr(self, name)[chosen] for name in self.__slots__})


def shard_path(folder: Path, shard: int) -> Path:
    """Where a shard lies."""
    return folder / f"shard-{shard:05d}.npz"


def open_for_writing(folder: Path, manifest: Manifest) -> list[int]:
    """Make or go on with a data set; returns the shards that still lack.

    Raises:
        DatasetError: if the folder holds another data set.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.json"
    if path.exists():
        found = read_manifest(folder)
        if found != manifest:
            raise DatasetError(f"{path} was made with {asdict(found)}, not {asdict(manifest)}; give another folder")
    else:
        write_manifest(folder, manifest)
    for leftover in folder.glob("*.part"):
        leftover.unlink()
    return [shard for shard in range(manifest.shard_count) if not shard_path(folder, shard).exists()]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Store what a data set is to hold, whole or not at all."""
    write_text(folder / "manifest.json", json.dumps(asdict(manifest), indent=2) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a data set.

    Raises:
        DatasetError: if there is none or it is of another format.
    """
    path = folder / "manifest.json"
    try:
        manifest = Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(f"{path} is no lane data set ({error}); make one with `pixelopolis collect lane`") from error
    if manifest.format != FORMAT:
        raise DatasetError(f"{path} is of format {manifest.format!r}, this program reads {FORMAT!r}")
    return manifest


def write_shard(
    folder: Path, shard: int, frames: Frames, city: str, candidates: Sequence[float] | NDArray[np.float32] = ()
) -> None:
    """Store a shard, whole or not at all; `candidates` is the steering of all that its frames were chosen from."""
    target = shard_path(folder, shard)
    part = target.with_suffix(".part")
    arrays = {name: getattr(frames, name) for name in Frames.__slots__}
    with part.open("wb") as file:
        np.savez(file, city=np.array(city), candidates=np.array(candidates, np.float32), **arrays)
    part.replace(target)


def candidate_steering(folders: Iterable[Path]) -> NDArray[np.float32] | None:
    """Steering (m,) as it would be without balancing; None if nothing was chosen.

    Raises:
        DatasetError: if a manifest is missing or broken.
    """
    parts = [np.empty(0, np.float32)]
    for folder in folders:
        for shard in range(read_manifest(folder).shard_count):
            with np.load(shard_path(folder, shard)) as arrays:
                parts += [arrays["candidates"]] if "candidates" in arrays else []
    steering = np.concatenate(parts)
    return steering if len(steering) else None


def read_frames(folders: Iterable[Path]) -> Frames:
    """All frames of some data sets, in order.

    Raises:
        DatasetError: if a manifest or a shard is missing or damaged.
    """
    shards: list[Frames] = []
    for folder in folders:
        manifest = read_manifest(folder)
        shards.extend(read_shard(shard_path(folder, shard))[0] for shard in range(manifest.shard_count))
    return concatenated(shards)


def read_split(folders: Iterable[Path], variant: Variant = CONDITIONED) -> tuple[Frames, Frames]:
    """Training and validation frames: every `VALIDATION_EVERY`th shard, so whole scenes, is for validation.

    Pictures are as the variant sees them. One that takes no command gets only frames that need none: on edges,
    and in cities without a choice of way. One with a memory gets only frames along drives.

    Raises:
        DatasetError: if a shard cannot be read, or there are too few shards to hold one back.
    """
    training: list[Frames] = []
    validation: list[Frames] = []
    drives = 0
    for folder in folders:
        for shard in range(read_manifest(folder).shard_count):
            held_back = shard % VALIDATION_EVERY == VALIDATION_EVERY - 1
            frames, city = read_shard(shard_path(folder, shard))
            frames, drives = _numbered_through(frames.seen_by(variant), drives)
            if not variant.takes_command and not city.startswith(WAY_WITHOUT_CHOICE):
                frames = frames.only(frames.command == COMMANDS.index(Command.FOLLOW))
            if variant.memory_units:
                frames = frames.only(frames.drive != SINGLE_PICTURE)
            (validation if held_back else training).append(frames)
    if not training or not validation:
        raise DatasetError(f"training needs at least {VALIDATION_EVERY} shards; collect more frames")
    return concatenated(training), concatenated(validation)


def _numbered_through(frames: Frames, drives: int) -> tuple[Frames, int]:
    """The frames with their drives numbered from `drives` on, and the next free number."""
    numbers = np.where(frames.drive >= 0, frames.drive + drives, SINGLE_PICTURE).astype(np.int32)
    return replace(frames, drive=numbers), max(drives, int(numbers.max(initial=SINGLE_PICTURE)) + 1)


def concatenated(parts: Sequence[Frames]) -> Frames:
    """Frames of several parts behind each other.

    Raises:
        DatasetError: if there are none.
    """
    if not parts:
        raise DatasetError("there are no frames to put together")
    return Frames(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in Frames.__slots__})


def read_shard(path: Path) -> tuple[Frames, str]:
    """The frames of a shard and the name of its city.

    Raises:
        DatasetError: if it is missing or damaged; names it.
    """
    try:
        with np.load(path) as arrays:
            return Frames(**{name: arrays[name] for name in Frames.__slots__}), str(arrays["city"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DatasetError(
            f"{path} cannot be read ({error}); delete it and run `pixelopolis collect lane` again"
        ) from error


def write_summary(folder: Path, seconds: float) -> dict[str, object]:
    """Count what a finished data set holds, store it as summary.json, and return it."""
    manifest = read_manifest(folder)
    cities: Counter[str] = Counter()
    commands: Counter[str] = Counter()
    cameras: Counter[str] = Counter()
    histogram = np.zeros(HISTOGRAM_BINS, np.int64)
    for shard in range(manifest.shard_count):
        with np.load(shard_path(folder, shard)) as arrays:
            steering, command = arrays["steering"], arrays["command"]
            cities[str(arrays["city"])] += len(steering)
            commands.update(COMMANDS[k].value for k in command.tolist())
            cameras.update(CAMERAS[k] for k in arrays["camera"].tolist())
            histogram += np.histogram(steering, HISTOGRAM_BINS, (-1.0, 1.0))[0]
    summary: dict[str, object] = {
        "frames": int(histogram.sum()),
        "seconds_of_last_run": round(seconds, 1),
        "steering_histogram": histogram.tolist(),
        "commands": dict(sorted(commands.items())),
        "cameras": dict(sorted(cameras.items())),
        "cities": dict(sorted(cities.items())),
    }
    write_text(folder / "summary.json", json.dumps(summary, indent=2) + "\n")
    return summary


def write_text(path: Path, text: str) -> None:
    """Store a text file, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))
