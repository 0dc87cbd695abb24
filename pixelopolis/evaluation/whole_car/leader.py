"""The car ahead: stands until the one behind it has stood for a while too, then drives on and stands again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from city.geometry import Pose
from city.route_line import RouteLine
from fleet.vehicle import DEFAULT_VEHICLE

SPEED_MPS = 0.3
RUN_M = (1.6, 3.0)
WAITED_FOR_S = 2.0  # that the other has stood behind it
PATIENCE_S = 30.0  # whatever the other does
NEAR_M = 0.5
OVERHANGS_M = DEFAULT_VEHICLE.rear_overhang_m + DEFAULT_VEHICLE.front_overhang_m


@dataclass
class Leader:
    """Moves along a route by itself; where it is is known exactly."""

    line: RouteLine
    rng: np.random.Generator
    station_m: float
    _left_m: float = 0.0
    _stood_s: float = 0.0
    _waited_s: float = 0.0

    @property
    def pose(self) -> Pose:
        """Of its drive axle."""
        return self.line.pose_at(self.station_m)

    @property
    def stands(self) -> bool:
        """Whether it is one of its stops."""
        return self._left_m <= 0.0

    def gap_m(self, station_m: float) -> float:
        """From the front of a car whose axle is at `station_m` to its own back."""
        return self.station_m - station_m - OVERHANGS_M

    def step(self, duration_s: float, behind_m: float, behind_stands: bool) -> None:
        """Let time pass, with another car's axle at station `behind_m`."""
        if not self.stands:
            moved_m = min(self._left_m, SPEED_MPS * duration_s)
            self.station_m, self._left_m = self.station_m + moved_m, self._left_m - moved_m
            return
        self._stood_s += duration_s
        waits = behind_stands and self.gap_m(behind_m) < NEAR_M
        self._waited_s = self._waited_s + duration_s if waits else 0.0
        if self._waited_s > WAITED_FOR_S or self._stood_s > PATIENCE_S:
            self._stood_s = self._waited_s = 0.0
            self._left_m = min(float(self.rng.uniform(*RUN_M)), max(0.0, self.line.length_m - self.station_m - 0.3))
