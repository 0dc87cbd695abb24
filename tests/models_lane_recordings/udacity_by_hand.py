"""Writes logs of the Udacity simulator as it does and as people pass them on, by nothing of our code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.models_lane_recordings.tub_by_hand import jpeg

HEADER = "center,left,right,steering,throttle,brake,speed\n"
WINDOWS, UNIX, RELATIVE = "C:\\Users\\me\\Desktop\\run 1\\IMG\\", "/home/me/run 1/IMG/", "IMG/"


def stamp(row: int) -> str:
    """The time of a row at 15 Hz, as in the names of its pictures."""
    milliseconds = 30_287 + row * 67
    return f"2016_12_01_13_{milliseconds // 60_000 + 30:02d}_{milliseconds // 1000 % 60:02d}_{milliseconds % 1000:03d}"


def steering(row: int) -> float:
    """What was steered."""
    return round(float(np.sin(row / 5)), 7)


@dataclass
class Log:
    """A log that is written by `write`."""

    folder: Path
    rows: int
    path: str = WINDOWS
    separator: str = ","  # ", " in the data that came with the course
    header: str = ""
    columns: int = 7
    newline: str = "\n"
    steerings: Mapping[int, str] = field(default_factory=dict)
    stamps: Sequence[str] = ()

    def write(self) -> Path:
        (self.folder / "IMG").mkdir(parents=True)
        text = self.header
        for row in range(self.rows):
            text += self.line(row)
            for k, camera in enumerate(("center", "left", "right")):
                (self.folder / "IMG" / f"{camera}_{self.stamp(row)}.jpg").write_bytes(jpeg(3 * row + k, 320, 160))
        (self.folder / "driving_log.csv").write_bytes(text.encode())
        return self.folder

    def stamp(self, row: int) -> str:
        return self.stamps[row] if self.stamps else stamp(row)

    def line(self, row: int) -> str:
        cells = [f"{self.path}{camera}_{self.stamp(row)}.jpg" for camera in ("center", "left", "right")]
        cells += [self.steerings.get(row, f"{steering(row):g}"), f"{0.1 * (row % 10):.2f}", "0", f"{20 + row / 7:.5f}"]
        return self.separator.join(cells[: self.columns]) + self.newline
