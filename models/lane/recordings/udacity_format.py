"""The driving log of the Udacity simulator as files.

driving_log.csv has a row for each moment: paths of the pictures of the centre, left and right camera, steering,
throttle, brake and speed; a reduced form ends with the steering. Versions differ: with a header or without, with
absolute paths of the machine that recorded or with IMG/…, with blanks after the commas. Pictures lie in IMG/ and have
the time in their names. Steering is the wheels' angle over the greatest, -1 at full left and 1 at full right, as in our
data sets.

Source: CarController.cs of github.com/udacity/self-driving-car-sim.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.lane.dataset import CAMERAS
from models.lane.recordings.recording import is_plain_name

LOG = "driving_log.csv"
IMAGES = "IMG"
COLUMNS = ("center", "left", "right", "steering", "throttle", "brake", "speed")
PICTURE_COLUMNS = COLUMNS[: len(CAMERAS)]  # in the order of `CAMERAS`
ROW_LENGTHS = (4, len(COLUMNS))

# What to steer more to the right where the left camera sees the road, and to the left where the right one does, so that
# the car comes back to the middle; usual for this simulator, whose full scale is 25 degrees.
SIDE_CORRECTION = 0.2
CORRECTION_SIGNS = (0.0, 1.0, -1.0)  # by camera

_TIME = re.compile(r"(\d{4})_(\d\d)_(\d\d)_(\d\d)_(\d\d)_(\d\d)_(\d{3})")


@dataclass(frozen=True, slots=True)
class Row:
    """A row by columns, blanks stripped; what a reduced row lacks is empty."""

    cells: Mapping[str, str]

    def number(self, column: str) -> float | None:
        """The number in a column; None if there is none."""
        try:
            return float(self.cells.get(column, ""))
        except ValueError:
            return None

    def picture_name(self, camera: int) -> str | None:
        """The picture's own name without folders, of Windows or Unix; None if there is none."""
        path = self.cells.get(PICTURE_COLUMNS[camera], "")
        name = re.split(r"[\\/]", path)[-1]
        return name if is_plain_name(name) else None


def split_row(text: str) -> list[str]:
    """The cells of a line.

    Raises:
        ValueError: if it is no line of comma-separated values.
    """
    try:
        rows = list(csv.reader([text.strip("\r\n\ufeff")], skipinitialspace=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error
    return [cell.strip() for cell in rows[0]] if rows else []


def header_columns(text: str) -> tuple[str, ...] | None:
    """The columns that a first line names; None if it is a row like others."""
    try:
        names = tuple(name.lower().replace("centre", "center") for name in split_row(text))
    except ValueError:
        return None
    return names if "center" in names and "steering" in names else None


def time_in_name(name: str) -> float | None:
    """Seconds since 1970, taken as UTC, of the time in a picture's name; None if there is none."""
    found = _TIME.search(name)
    if found is None:
        return None
    *whole, milliseconds = (int(part) for part in found.groups())
    try:
        moment = datetime(*whole, tzinfo=UTC)  # type: ignore[misc, arg-type]  # six numbers, year to second
    except ValueError:
        return None
    return (moment + timedelta(milliseconds=milliseconds)).timestamp()


def picture_name(camera: int, time_ms: int) -> str:
    """The name of a picture, as the simulator gives it; `time_ms` since 1970."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=time_ms)
    return f"{PICTURE_COLUMNS[camera]}_{moment:%Y_%m_%d_%H_%M_%S}_{time_ms % 1000:03d}.jpg"
