"""Records of tubs that this program makes itself: of simulated data sets, and of cars that it records."""

from __future__ import annotations

from models.lane.recordings.moments import Moment
from models.lane.recordings.originals import Original
from models.lane.recordings.tub_format import (
    COMMAND_FIELD,
    DRIVE_FIELD,
    IMAGES,
    INDEX_FIELD,
    MODE_FIELD,
    PICTURE_FIELD,
    SESSION_FIELD,
    SPEED_FIELD,
    STEERING_FIELD,
    THROTTLE_FIELD,
    TIME_FIELD,
    catalog_name,
    image_name,
    record_line,
)

FULL_THROTTLE_MPS = 0.2  # a little more than a car's wheels can do


def throttle_of(speed_mps: float) -> float:
    """A throttle for a speed, within 0 and 1."""
    return round(max(0.0, min(1.0, speed_mps / FULL_THROTTLE_MPS)), 6)


def new_original(index: int, session: str, moment: Moment) -> Original:
    """A record and its picture."""
    name = image_name(index)
    record = {
        PICTURE_FIELD: name,
        STEERING_FIELD: moment.steering,
        THROTTLE_FIELD: moment.throttle,
        MODE_FIELD: "user",
        COMMAND_FIELD: moment.command.value,
        SPEED_FIELD: moment.speed_mps,
        DRIVE_FIELD: moment.drive,
        INDEX_FIELD: index,
        SESSION_FIELD: session,
        TIME_FIELD: moment.time_ms,
    }
    return Original(index, catalog_name(index), record_line(record), {f"{IMAGES}/{name}": moment.picture})
