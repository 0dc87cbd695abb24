"""Reading driving logs of the Udacity simulator, sound ones and damaged ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import CAMERAS, DatasetError
from models.lane.recordings.problems import Problems
from models.lane.recordings.recording import Record, Recording, Shot, steering_problem
from models.lane.recordings.udacity_format import (
    COLUMNS,
    CORRECTION_SIGNS,
    IMAGES,
    LOG,
    PICTURE_COLUMNS,
    ROW_LENGTHS,
    SIDE_CORRECTION,
    Row,
    header_columns,
    split_row,
    time_in_name,
)


def read_udacity(path: Path, side_correction: float = SIDE_CORRECTION) -> Recording:
    """What a driving log holds; pictures are not looked at yet.

    Args:
        path: the log or its folder.
        side_correction: what to steer more towards the middle on pictures of the side cameras.

    Raises:
        DatasetError: if there is no log.
    """
    log = path / LOG if path.is_dir() else path
    try:
        data = log.read_bytes()
    except OSError as error:
        raise DatasetError(f"{log} cannot be read ({error.strerror}); give a {LOG} or its folder") from error
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    columns = header_columns(lines[0])
    reading = _Reading(log, columns, side_correction)
    for position, line in enumerate(lines):
        if line.strip() and not (position == 0 and columns):
            # All lines but the last had an end that splitting took away.
            reading.read_line(position, line + ("\n" if position < len(lines) - 1 else ""))
    return Recording(
        kind="udacity",
        path=log,
        source=f"udacity {hashlib.sha256(data).hexdigest()}, side correction {side_correction:g}",
        header={"header": lines[0] + "\n" if columns else ""},
        records=reading.records,
        shots=reading.shots,
        problems=reading.problems,
    )


@dataclass
class _Reading:
    """Goes through the log line by line."""

    log: Path
    columns: tuple[str, ...] | None
    side_correction: float
    records: list[Record] = field(default_factory=list)
    shots: list[Shot] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    def read_line(self, position: int, line: str) -> None:
        """Take in one row; `position` counts lines from 0 on."""
        where = f"{self.log}, line {position + 1}"
        row = self._row(line, where)
        if row is None:
            return
        steering = row.number("steering")
        problem = steering_problem(steering)
        if steering is None or problem is not None:
            self.problems.note(str(problem), where)
            return
        files = self._pictures(row)
        if not files:
            self.problems.note("row names no picture", where)
            return
        for camera, name in files.items():
            corrected = steering + CORRECTION_SIGNS[camera] * self.side_correction
            self.shots.append(
                Shot(
                    record=len(self.records),
                    file=name,
                    camera=camera,
                    steering=max(-1.0, min(1.0, corrected)),
                    command=COMMANDS.index(Command.FOLLOW),
                    step=position,
                    session="",
                    time_s=time_in_name(name),
                    where=where,
                )
            )
        self.records.append(
            Record(position, "", line, {name: self._find(row, camera, name) for camera, name in files.items()})
        )

    def _row(self, line: str, where: str) -> Row | None:
        try:
            cells = split_row(line)
        except ValueError:
            self.problems.note("row cannot be read", where)
            return None
        columns = self.columns or COLUMNS
        if len(cells) != len(columns) and (self.columns or len(cells) not in ROW_LENGTHS):
            self.problems.note("row has another number of columns", f"{where} ({len(cells)} columns)")
            return None
        return Row(dict(zip(columns, cells, strict=False)))

    def _pictures(self, row: Row) -> dict[int, str]:
        """The row's pictures by camera, as IMG/name; a camera without a picture is left out."""
        names = {camera: row.picture_name(camera) for camera in range(len(CAMERAS))}
        return {camera: f"{IMAGES}/{name}" for camera, name in names.items() if name is not None}

    def _find(self, row: Row, camera: int, name: str) -> Path:
        """Where a picture is: in IMG beside the log, in the folder that the row names there, or beside the log."""
        here = self.log.parent
        named = PureWindowsPath(row.cells[PICTURE_COLUMNS[camera]])  # takes both kinds of slashes
        inside = not named.anchor and ".." not in named.parts
        candidates = [here / name, *([here.joinpath(*named.parts)] if inside else []), here / name.rpartition("/")[2]]
        return next((candidate for candidate in candidates if candidate.is_file()), candidates[0])
