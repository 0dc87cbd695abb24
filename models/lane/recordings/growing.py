"""A data set that grows while a drive is recorded, and is whole after every shard."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import (
    DatasetError,
    Manifest,
    read_manifest,
    shard_path,
    write_manifest,
    write_shard,
    write_summary,
)
from models.lane.recordings.importing import NO_SEED, Row, frames_of
from models.lane.recordings.originals import (
    Original,
    ShardOriginals,
    Source,
    originals_path,
    read_originals,
    read_source,
    write_originals,
    write_source,
)
from models.lane.recordings.pictures import decoded, shrunk
from models.lane.recordings.tub_format import (
    COMMAND_FIELD,
    DRIVE_FIELD,
    IMAGES,
    PICTURE_FIELD,
    STEERING_FIELD,
    TubHeader,
)

FRAMES_PER_SHARD = 64  # 12 shards, with which training can begin, are half a minute of driving at 25 pictures a second
SOURCE = "car"
CITY = "recorded drives"


class GrowingDataset:
    """Takes records as `new_original` makes them; a shard is made of its originals and can be made of them again."""

    def __init__(self, folder: Path) -> None:
        """Begin a data set, or go on with one.

        Raises:
            DatasetError: if the folder holds another kind of data set, or its originals cannot be read.
        """
        self._folder = folder
        self._began_s = time.monotonic()
        if (folder / "manifest.json").exists():
            manifest = read_manifest(folder)
            if (manifest.source, manifest.frames_per_shard) != (SOURCE, FRAMES_PER_SHARD):
                raise DatasetError(f"{folder} holds no recorded drives ({manifest.source}); give another folder")
        folder.mkdir(parents=True, exist_ok=True)
        self._shard, self._waiting = self._recovered()
        if self.frames:
            self._write_manifest()
        self.last_drive: int = max((_told(original)[DRIVE_FIELD] for original in self._newest()), default=-1)

    @property
    def frames(self) -> int:
        """How many there are."""
        return self._shard * FRAMES_PER_SHARD + len(self._waiting)

    @property
    def header(self) -> TubHeader | None:
        """What the tub has beside records; None before `write_header`."""
        source = read_source(self._folder)
        return None if source is None else TubHeader.from_json(source.header)

    def write_header(self, header: TubHeader) -> None:
        """Store what the tub has beside records."""
        write_source(self._folder, Source("tub", header.as_json()))

    def add(self, original: Original) -> None:
        """Take a record; a full shard is written at once."""
        self._waiting.append(original)
        if len(self._waiting) == FRAMES_PER_SHARD:
            self._write_waiting()
            self._shard, self._waiting = self._shard + 1, []

    def flush(self) -> None:
        """Write what is not written yet."""
        if self._waiting:
            self._write_waiting()

    def summary(self) -> dict[str, object]:
        """Count what there is; stored beside the shards."""
        return write_summary(self._folder, time.monotonic() - self._began_s)

    def _recovered(self) -> tuple[int, list[Original]]:
        """The shard to go on with and what is in it; shards that were cut off before are made of their originals."""
        shard = 0
        newest: Sequence[Original] = ()
        while originals_path(self._folder, shard).exists():
            if not shard_path(self._folder, shard).exists() or not originals_path(self._folder, shard + 1).exists():
                newest = read_originals(self._folder, shard).records
                self._write_shard(shard, newest)
            shard += 1
        if 0 < len(newest) < FRAMES_PER_SHARD:
            return shard - 1, list(newest)
        return shard, []

    def _newest(self) -> Sequence[Original]:
        if self._waiting or not self._shard:
            return self._waiting
        return read_originals(self._folder, self._shard - 1).records

    def _write_waiting(self) -> None:
        frames = [(original.position, _picture_name(original)) for original in self._waiting]
        write_originals(self._folder, self._shard, ShardOriginals(self._waiting, frames))
        self._write_shard(self._shard, self._waiting)
        self._write_manifest()

    def _write_manifest(self) -> None:
        write_manifest(self._folder, Manifest(NO_SEED, self.frames, FRAMES_PER_SHARD, SOURCE))

    def _write_shard(self, shard: int, originals: Sequence[Original]) -> None:
        write_shard(self._folder, shard, frames_of([_row(original) for original in originals]), CITY)


def _told(original: Original) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(original.text)
    return record


def _picture_name(original: Original) -> str:
    return f"{IMAGES}/{_told(original)[PICTURE_FIELD]}"


def _row(original: Original) -> Row:
    record = _told(original)
    return Row(
        picture=shrunk(decoded(original.files[_picture_name(original)])),
        steering=float(record[STEERING_FIELD]),
        command=COMMANDS.index(Command(record[COMMAND_FIELD])),
        camera=0,
        drive=int(record[DRIVE_FIELD]),
    )
