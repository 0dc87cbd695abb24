"""Reading Donkeycar tubs, sound ones and damaged ones."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import DatasetError
from models.lane.recordings.problems import Problems
from models.lane.recordings.read_tub_header import parsed, read_header
from models.lane.recordings.recording import Record, Recording, Shot, is_plain_name, steering_problem
from models.lane.recordings.tub_format import (
    CATALOGS,
    COMMAND_FIELD,
    MANIFEST,
    SESSION_FIELD,
    STEERING_FIELD,
    TIME_FIELD,
    TubHeader,
    file_names,
    index_of,
    picture_field,
)

Json = Mapping[str, Any]


def read_tub(folder: Path) -> Recording:
    """What a tub holds; pictures are not looked at yet.

    Raises:
        DatasetError: if the folder is no tub of version 2.
    """
    if not (folder / MANIFEST).is_file() and not any(folder.glob(CATALOGS)):
        raise DatasetError(f"{folder} is no Donkeycar tub: it has neither {MANIFEST} nor {CATALOGS}")
    problems, checksum = Problems(), hashlib.sha256()
    header = read_header(folder, problems, checksum)
    reading = _Reading(folder, header, problems)
    for catalog in header.catalogs["paths"]:
        reading.read_catalog(catalog, checksum)
    reading.look_for_lost_tail()
    return Recording(
        kind="tub",
        path=folder,
        source=f"tub {checksum.hexdigest()}",
        header=header.as_json(),
        records=reading.records,
        shots=reading.shots,
        problems=problems,
        idle=frozenset(reading.idle),
        lines=reading.position if reading.in_place else None,
        header_without_idle=header.without_deleted().as_json(),
    )


@dataclass
class _Reading:
    """Goes through the catalogs line by line."""

    folder: Path
    header: TubHeader
    problems: Problems
    records: list[Record] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    idle: set[int] = field(default_factory=set)
    position: int = 0  # counts lines over all catalogs
    in_place: bool = True  # whether each record's index is its position
    expected: int | None = None  # index of the next line; None where nobody knows
    types: Mapping[str, str] = field(init=False)
    deleted: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        self.types, self.deleted = self.header.types, self.header.deleted

    def read_catalog(self, name: object, checksum: Any) -> None:  # noqa: ANN401  # hashlib's own
        """Take in one catalog."""
        if not is_plain_name(name):
            self.problems.note("catalog has a name that leads out of the tub", f"{self.folder / MANIFEST}: {name!r}")
            return
        path = self.folder / str(name)
        try:
            data = path.read_bytes()
        except OSError:
            self.problems.note("catalog is missing", str(path))
            self.expected = None
            return
        checksum.update(data)
        manifest = self.header.catalog_manifests.get(path.name)
        if self.expected is None and isinstance(manifest, dict) and isinstance(manifest.get("start_index"), int):
            self.expected = manifest["start_index"]
        for number, text in _lines(data):
            self._read_line(path, number, text)
            self.position += 1

    def look_for_lost_tail(self) -> None:
        """Count lines that lack at the end."""
        until = self.header.catalogs.get("current_index")
        if isinstance(until, int) and self.expected is not None:
            self._count_lost(until, str(self.folder))

    def _read_line(self, path: Path, number: int, text: str) -> None:
        where = f"{path}, line {number}"
        record = parsed(text)
        if not isinstance(record, dict):
            self.problems.note("catalog line cannot be read", where)
            self.expected = None if self.expected is None else self.expected + 1
            return
        index = index_of(record, self.position)
        self._count_lost(index, where)
        self.expected = index + 1
        self.in_place &= index == self.position
        self._take(record, index, path.name, text, where)

    def _count_lost(self, index: int, where: str) -> None:
        if self.expected is not None and index > self.expected:
            lost = index - self.expected
            what = f"index {self.expected}" + (f" to {index - 1}" if lost > 1 else "")
            self.problems.note("catalog line is missing", f"{what}, before {where}", lost)

    def _take(self, record: Json, index: int, catalog: str, text: str, where: str) -> None:
        files = self._files(record, where)
        if index in self.deleted:
            self.idle.add(len(self.records))
            self.records.append(Record(self.position, catalog, text, files))
            return
        picture = file_names(record, self.types).get(picture_field(self.types))
        steering = record.get(STEERING_FIELD)
        problem = "record names no picture" if picture is None else steering_problem(steering)
        if picture is None or problem is not None:
            self.problems.note(str(problem), where)
            return
        assert isinstance(steering, (int, float))  # noqa: S101  # or there had been a problem
        self.shots.append(
            Shot(
                record=len(self.records),
                file=picture[0],
                camera=0,
                steering=max(-1.0, min(1.0, float(steering))),
                command=_command_index(record.get(COMMAND_FIELD)),
                step=index,
                session=str(record.get(SESSION_FIELD, "")),
                time_s=_seconds(record.get(TIME_FIELD)),
                where=where,
            )
        )
        self.records.append(Record(self.position, catalog, text, {**files, picture[0]: self.folder / picture[0]}))

    def _files(self, record: Json, where: str) -> dict[str, Path]:
        """The files of a record that are there; the picture to learn from is looked for later."""
        found: dict[str, Path] = {}
        for key, names in file_names(record, self.types).items():
            there = {name: self.folder / name for name in names if (self.folder / name).is_file()}
            if not there and key != picture_field(self.types):
                self.problems.note("file of another field is missing", f"{names[0]} ({where})")
            found.update(there)
        return found


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """The lines of a catalog that are not blank, and their numbers from 1 on."""
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        if text := line.rstrip("\r"):
            yield number, text


def _command_index(name: object) -> int:
    """Of what the record says that the lane model was commanded; other people's tubs say nothing of it."""
    try:
        return COMMANDS.index(Command(str(name)))
    except ValueError:
        return COMMANDS.index(Command.FOLLOW)


def _seconds(timestamp_ms: object) -> float | None:
    if isinstance(timestamp_ms, bool) or not isinstance(timestamp_ms, (int, float)):
        return None
    try:
        seconds = float(timestamp_ms) / 1000
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None
