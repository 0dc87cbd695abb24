"""A recording as its reader found it: its records with their files, and which pictures can be learnt from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.lane.recordings.problems import Problems

GAP_S = 1.0  # a longer pause between two pictures begins a new drive
STEERING_SLACK = 1e-6  # of numbers that have been rounded


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the recording and the files that it names."""

    position: int  # in the order of the recording
    group: str  # the file in which it was
    text: str
    files: Mapping[str, Path]  # by their names in the recording


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to learn from."""

    record: int  # index into the recording's records
    file: str  # its name in the recording
    camera: int
    steering: float  # what is right on this picture, [-1, 1], right positive
    command: int
    step: int  # counts up by one from record to record
    session: str
    time_s: float | None
    where: str  # for messages


@dataclass(frozen=True, slots=True)
class Recording:
    """Everything that was found."""

    kind: str  # "tub" or "udacity"
    path: Path
    source: str  # for the manifest: what it is and its checksum
    header: Mapping[str, Any]  # what the format has beside records
    records: Sequence[Record]
    shots: Sequence[Shot]
    problems: Problems = field(default_factory=Problems)
    # Records marked as deleted by their place are kept only if every record is: else the marks would fit others.
    idle: frozenset[int] = frozenset()  # their indices
    lines: int | None = None  # how many records there must be; None if their places are wrong already
    header_without_idle: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return (self.path if self.path.is_dir() else self.path.parent).resolve().name


def steering_problem(steering: object) -> str | None:
    """What is wrong with a steering value; None if it can be used."""
    if isinstance(steering, bool) or not isinstance(steering, (int, float)):
        return "steering is no number"
    if isinstance(steering, float) and math.isnan(steering):
        return "steering is no number"
    return None if abs(steering) <= 1 + STEERING_SLACK else "steering is not within -1 to 1"


def is_plain_name(name: object) -> bool:
    """Whether a name is that of a file in its folder, and leads nowhere else."""
    return isinstance(name, str) and name not in ("", ".", "..") and not any(c in name for c in "/\\:\0")


def drive_numbers(shots: Sequence[Shot]) -> NDArray[np.int32]:
    """A number for each picture; those of one camera with the same number follow each other in time.

    A skipped step, another session, a pause over `GAP_S` or a clock that was put back begins a new drive.
    """
    newest: dict[int, tuple[Shot, int]] = {}  # by camera
    numbers = np.empty(len(shots), np.int32)
    count = 0
    for k, shot in enumerate(shots):
        before = newest.get(shot.camera)
        if before is not None and _follows(shot, before[0]):
            numbers[k] = before[1]
        else:
            numbers[k], count = count, count + 1
        newest[shot.camera] = shot, int(numbers[k])
    return numbers


def _follows(shot: Shot, before: Shot) -> bool:
    if shot.step != before.step + 1 or shot.session != before.session:
        return False
    return shot.time_s is None or before.time_s is None or 0 <= shot.time_s - before.time_s <= GAP_S
