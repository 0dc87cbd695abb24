"""Any data set, frame by frame, in terms that every recording format has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import SINGLE_PICTURE, Frames, read_manifest, read_shard, shard_path
from models.lane.recordings.originals import Source, read_originals, read_source
from models.lane.recordings.tub_format import SPEED_FIELD, THROTTLE_FIELD, TIME_FIELD
from models.lane.recordings.udacity_format import COLUMNS, Row, split_row, time_in_name

FRAME_PERIOD_MS = 40  # of pictures whose time is not known
BETWEEN_DRIVES_MS = 10_000  # long enough to be told from a pause within a drive
END_OF_CALENDAR_MS = 253_402_300_800_000  # the year 10000
JPEG_QUALITY = 95
MPH_PER_MPS = 2.23693629  # the simulator's speeds are in miles an hour


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame and what the car did; `picture` is a file's content, a JPEG unless it was imported as something else."""

    picture: bytes
    steering: float
    command: Command
    time_ms: int  # since 1970 if it is known, else counted from 0
    throttle: float
    speed_mps: float
    drive: int  # as in the data set


@dataclass(frozen=True, slots=True)
class _Told:
    """What an original says beside the steering."""

    time_ms: int | None = None
    throttle: float = 0.0
    speed_mps: float = 0.0


def moments(folder: Path) -> Iterator[Moment]:
    """Every frame of a data set: with its original picture if there is one, else the small one as JPEG.

    Steering is what training is told, so corrected on pictures of side cameras.

    Raises:
        DatasetError: if the data set or its originals cannot be read.
    """
    source = read_source(folder)
    time_ms, drive = 0, SINGLE_PICTURE
    for shard in range(read_manifest(folder).shard_count):
        frames, _ = read_shard(shard_path(folder, shard))
        pictures, told = _originals(folder, shard, source, frames)
        for k in range(len(frames)):
            follows = drive != SINGLE_PICTURE and int(frames.drive[k]) == drive
            counted_ms = time_ms + (FRAME_PERIOD_MS if follows else BETWEEN_DRIVES_MS)
            known_ms = told[k].time_ms
            time_ms, drive = counted_ms if known_ms is None else known_ms, int(frames.drive[k])
            yield Moment(
                pictures[k],
                float(str(frames.steering[k])),  # the shortest number that is this one
                COMMANDS[frames.command[k]],
                time_ms,
                told[k].throttle,
                told[k].speed_mps,
                drive,
            )


def _originals(folder: Path, shard: int, source: Source | None, frames: Frames) -> tuple[list[bytes], list[_Told]]:
    if source is None:
        return [_jpeg(picture) for picture in frames.picture], [_Told()] * len(frames)
    originals = read_originals(folder, shard)
    texts = {record.position: record.text for record in originals.records}
    tell = _tub_told if source.kind == "tub" else _udacity_told
    return originals.frame_bytes(), [tell(texts[position], name) for position, name in originals.frames]


def _jpeg(picture_rgb: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".jpg", picture_rgb[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
    return data.tobytes()


def _tub_told(text: str, _: str) -> _Told:
    record: Mapping[str, Any] = json.loads(text)
    time_ms = record.get(TIME_FIELD)
    return _Told(
        int(time_ms) if isinstance(time_ms, (int, float)) and 0 <= time_ms < END_OF_CALENDAR_MS else None,
        _number(record.get(THROTTLE_FIELD)),
        _number(record.get(SPEED_FIELD)),
    )


def _udacity_told(text: str, name: str) -> _Told:
    row = Row(dict(zip(COLUMNS, split_row(text), strict=False)))
    time_s = time_in_name(name)
    return _Told(
        None if time_s is None else round(time_s * 1000),
        _number(row.number("throttle")),
        _number(row.number("speed")) / MPH_PER_MPS,
    )


def _number(value: object) -> float:
    """A finite number, or 0."""
    return float(value) if isinstance(value, (int, float)) and np.isfinite(value) else 0.0
