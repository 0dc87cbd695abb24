"""Everything that one picture told the car."""

from __future__ import annotations

from dataclasses import dataclass

from car.perception.seen import Detection, LaneView
from car.perception.sighting import CAR_LABEL, CarSighting, SignSighting


@dataclass(frozen=True, slots=True)
class Perception:
    """What was made of one picture; `signs` and `cars` are None if the detector did not look at it."""

    captured_s: float
    lane: LaneView
    signs: tuple[SignSighting, ...] | None = None
    cars: tuple[CarSighting, ...] | None = None
    detections: tuple[Detection, ...] = ()

    @property
    def sign_kinds(self) -> tuple[str, ...]:
        """Kinds of the signs that were seen, whole or not."""
        return tuple(dict.fromkeys(d.label for d in self.detections if d.label != CAR_LABEL))
