"""What a ride leaves behind: for each camera picture, the truth and what the car made of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from car.perception.sighting import CarSighting, SignSighting
from city.city import City
from city.geometry import Pose
from city.route_line import RouteLine
from fleet.messages import Position
from fleet.vehicle import CameraGeometry


@dataclass(frozen=True, slots=True)
class Ahead:
    """The truth about the car ahead on the route."""

    pose: Pose
    gap_m: float  # along the route, bumper to bumper
    stands: bool
    in_sight: bool  # enough of it is seen to be asked for; told only where it counts


@dataclass(frozen=True, slots=True)
class Moment:
    """One picture of a ride."""

    time_s: float
    pose: Pose  # of the drive axle when the picture was taken
    station_m: float  # on the route
    believed: Position | None  # where the car held itself to be, after this picture
    signs: tuple[SignSighting, ...] | None  # None if the detector did not look
    cars: tuple[CarSighting, ...] | None
    seen_gap_m: float = math.inf  # to the car that the pilot minds, as pictures show it
    blocked: bool = False  # the pilot stands because of a car
    ahead: Ahead | None = None


@dataclass(frozen=True, slots=True)
class Ride:
    """Everything about one ride."""

    city: City
    line: RouteLine
    camera: CameraGeometry  # as the car believes it to be
    moments: tuple[Moment, ...]
    ended: str  # "time", "route" or "lost"
    collisions: int = 0

    @property
    def seconds(self) -> float:
        """How long it went on."""
        return self.moments[-1].time_s - self.moments[0].time_s if self.moments else 0.0
