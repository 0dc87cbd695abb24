"""A made-up drive, as a car sends it."""

from __future__ import annotations

from city.city import Command
from fleet.recording import DrivenMoment
from models.lane.recordings.car_stream import DrivenPicture
from tests.models_lane_recordings.tub_by_hand import jpeg

UNIX_MS = 1_764_000_000_000


def driven(
    sequence: int,
    *,
    captured_s: float | None = None,
    speed_mps: float = 0.14,
    steering: float | None = None,
    command: Command = Command.FOLLOW,
    picture: bytes | None = None,
) -> DrivenPicture:
    """One picture of a drive at 25 Hz."""
    at_s = 100 + 0.04 * sequence if captured_s is None else captured_s
    moment = DrivenMoment(
        sequence=sequence,
        captured_s=at_s,
        captured_unix_ms=UNIX_MS + round(1000 * at_s),
        steering=steered(sequence) if steering is None else steering,
        speed_mps=speed_mps,
        command=command,
    )
    return DrivenPicture(moment, jpeg(sequence, 320, 240) if picture is None else picture)


def steered(sequence: int) -> float:
    """What the car steered on a picture."""
    return ((sequence * 37) % 201 - 100) / 100
