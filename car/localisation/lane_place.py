"""How a car that is driven by hand stands in its lane: dead reckoning, kept right by what the lane model sees.

A lane model was trained on cars in the middle of their lanes. Measured with the shipped one on rendered pictures: on
straight road it tells offsets up to 0.1 m to 1 cm, and says 0.1 m beyond; in turns it says 0 wherever the car is. So it
is believed on straight road, near what the wheels say, and not to call a car back that may be farther out than it can
tell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from car.perception.seen import LaneView
from city.city import Command
from fleet.vehicle import VehicleGeometry

LOST_M, LOST_RAD = 0.25, 1.2  # farther out or more askew, the lane says nothing about where the car goes
UNSEEN_M = 1.0  # driven without the lane model's consent: the longest turn is 0.8 m
DRIFT = 0.05  # of what was driven unseen, the offset may be wrong
STRAIGHT = frozenset({Command.FOLLOW, Command.FORWARD})  # told so, a lane model sees where in its lane the car is
GATE_M, GATE_RAD = 0.06, 0.35  # within which it is believed
TELLS_M = 0.08  # farther out it may say too little
LATERAL_GAIN, HEADING_GAIN = 0.1, 0.03  # of each picture, of 25 a second; neighbouring pictures err alike


@dataclass(frozen=True, slots=True)
class LanePlace:
    """Offset from the lane's centre, left positive, and heading against the lane, counter-clockwise."""

    lateral_m: float = 0.0
    heading_rad: float = 0.0
    unseen_m: float = 0.0

    def is_out_of(self, lane_width_m: float, vehicle: VehicleGeometry) -> bool:
        """Whether any corner of the car may be over a line of its lane."""
        sin, cos = math.sin(self.heading_rad), math.cos(self.heading_rad)
        corners_m = [
            self.lateral_m + ahead_m * sin + left_m * cos
            for ahead_m in (vehicle.front_overhang_m, -vehicle.rear_overhang_m)
            for left_m in (vehicle.width_m / 2, -vehicle.width_m / 2)
        ]
        return max(abs(corner_m) for corner_m in corners_m) + DRIFT * self.unseen_m > lane_width_m / 2

    @property
    def is_lost(self) -> bool:
        """Whether its lane tells nothing any more about where the car is."""
        far = abs(self.lateral_m) > LOST_M or abs(self.heading_rad) > LOST_RAD
        return far or self.unseen_m > UNSEEN_M

    def moved(self, distance_m: float, yaw_rad: float, lane_curvature_per_m: float) -> LanePlace:
        """After so much of driving and turning, on a lane of that curvature."""
        along_m = distance_m * math.cos(self.heading_rad) / (1 - lane_curvature_per_m * self.lateral_m)
        heading_rad = self.heading_rad + yaw_rad - lane_curvature_per_m * along_m
        middle_rad = (self.heading_rad + heading_rad) / 2
        lateral_m = self.lateral_m + distance_m * math.sin(middle_rad)
        return LanePlace(lateral_m, heading_rad, self.unseen_m + abs(distance_m))

    def seen(self, lane: LaneView, told: Command) -> LanePlace:
        """After one more picture, for which the lane model was told a command."""
        if lane.lateral_m is None or lane.heading_rad is None or told not in STRAIGHT:
            return self
        lateral_gap_m, heading_gap_rad = lane.lateral_m - self.lateral_m, lane.heading_rad - self.heading_rad
        if abs(lateral_gap_m) > GATE_M or abs(heading_gap_rad) > GATE_RAD:
            return self
        if abs(lane.lateral_m) > TELLS_M and lane.lateral_m * lateral_gap_m < 0:
            return replace(self, unseen_m=0.0)
        return replace(
            self,
            lateral_m=self.lateral_m + LATERAL_GAIN * lateral_gap_m,
            heading_rad=self.heading_rad + HEADING_GAIN * heading_gap_rad,
            unseen_m=0.0,
        )


def lane_place(lane: LaneView | None) -> LanePlace:
    """Where a standing car begins: as the lane model sees it, if it tells."""
    if lane is None or lane.lateral_m is None or lane.heading_rad is None:
        return LanePlace()
    return LanePlace(lane.lateral_m, lane.heading_rad)
