"""What is true at the moment at which a car's camera takes a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from city.geometry import Pose
from sim.whereabouts import Whereabouts


@dataclass(frozen=True, slots=True)
class Scene:
    """One car and all others around it."""

    captured_s: float
    car_id: str
    pose: Pose
    whereabouts: Whereabouts
    poses: Mapping[str, Pose]  # of every car, this one included
