"""Lane departures: a wheel outside the road surface, counted once per excursion."""

from __future__ import annotations

import math

from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry
from sim.road import RoadMap

RETURN_MARGIN_M = 0.01  # an excursion ends when both wheels are this far inside again


class LaneWatch:
    """Watches one car. A wheel is where the middle of its contact patch is."""

    def __init__(self, road: RoadMap, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> None:
        self.departures = 0
        self.outside = False
        self._road = road
        self._half_track_m = vehicle.track_m / 2

    def margin_m(self, pose: Pose) -> float:
        """How far inside the road the wheel is that is nearest to its edge; negative outside."""
        left_x_m = -self._half_track_m * math.sin(pose.heading_rad)
        left_y_m = self._half_track_m * math.cos(pose.heading_rad)
        return min(
            self._road.margin_m(pose.x_m + left_x_m, pose.y_m + left_y_m),
            self._road.margin_m(pose.x_m - left_x_m, pose.y_m - left_y_m),
        )

    def update(self, pose: Pose) -> None:
        """Look at where the car is now."""
        margin_m = self.margin_m(pose)
        if margin_m < 0 and not self.outside:
            self.outside = True
            self.departures += 1
        elif margin_m > RETURN_MARGIN_M:
            self.outside = False
