"""Cars that nobody drives: put onto a road they block it, and others see them."""

from __future__ import annotations

import math
import random

from city.city import City
from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE
from sim.physics import LaggedDrive, WheelDrive
from sim.world import World

COUNT = 3  # at the same time
AWAY_M = -50.0  # where they wait, far from any road
BEFORE_M = 1.0  # free road that whoever puts one down leaves to the car that comes
BEHIND_M = 0.4


class Obstacles:
    """Puts obstacles on roads and takes them away."""

    def __init__(self, city: City, rng: random.Random) -> None:
        self._city = city
        self._rng = rng
        self._on: dict[int, str] = {}
        self.drives: dict[str, WheelDrive] = {f"obstacle-{k}": LaggedDrive() for k in range(COUNT)}
        self.starts = {name: Pose(AWAY_M - k, AWAY_M, 0.0) for k, name in enumerate(self.drives)}
        self.world: World | None = None

    def put(self, wanted: int) -> int | None:
        """Put one down on an edge, on another one if cars are near there.

        Returns:
            The edge; None if there is no such place, or none to put down.
        """
        others = self._rng.sample(sorted(self._city.edges), len(self._city.edges))
        return next((edge for edge in (wanted, *others) if self._put(edge)), None)

    def _put(self, edge: int) -> bool:
        free = sorted(set(self.drives) - set(self._on.values()))
        length_m = self._city.edges[edge].curve.length_m
        s_m = self._rng.uniform(DEFAULT_VEHICLE.rear_overhang_m, length_m - DEFAULT_VEHICLE.front_overhang_m)
        pose = self._city.edges[edge].curve.pose_at(s_m)
        if self.world is None or not free or edge in self._on or not self._is_clear(pose):
            return False
        self._on[edge] = free[0]
        self.world.place(free[0], pose)
        return True

    def take_away(self, edge: int) -> None:
        """Lift the obstacle of an edge."""
        name = self._on.pop(edge)
        if self.world is not None:
            self.world.place(name, self.starts[name])

    def _is_clear(self, pose: Pose) -> bool:
        """Whether nobody comes so near behind that it could not stop, or stands there."""
        assert self.world is not None  # noqa: S101  # asked by `put` only
        cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
        for name in self.world.car_ids:
            other = self.world.pose(name)
            dx_m, dy_m = other.x_m - pose.x_m, other.y_m - pose.y_m
            if -BEFORE_M < cos * dx_m + sin * dy_m < BEHIND_M and abs(cos * dy_m - sin * dx_m) < BEHIND_M:
                return False
        return True
