"""What a lane model ought to say: the expert's steering, and where the car is relative to its line."""

from __future__ import annotations

import math
from dataclasses import dataclass

from city.geometry import Pose, wrap_angle
from city.route_line import RouteLine
from fleet.steering import steering_from_curvature
from sim.expert import expert_curvature

# From the light that falls on the sensor to the wheels' answer: frame age, model, board and motor lag, 60 to 100 ms.
ACTUATION_DELAY_S = 0.08
CRUISE_SPEED_MPS = 0.14


@dataclass(frozen=True, slots=True)
class LaneLabel:
    """The answer for one camera frame."""

    steering: float  # [-1, 1], right positive
    lateral_m: float  # of the drive axle, left of the line positive
    heading_rad: float  # of the car relative to the line, counter-clockwise positive
    station_m: float  # on the line


def lane_label(line: RouteLine, pose: Pose, near_s_m: float | None = None) -> LaneLabel:
    """The label for a car at `pose` that is to follow `line`.

    The steering is the expert's for where the car will be once the wheels answer: it rolls on for
    `ACTUATION_DELAY_S` with the curvature that it has when it drives well, that of the line. Lateral and heading
    errors are those at the frame's own time, since that is what localisation wants to know.
    """
    here = line.project(pose.x_m, pose.y_m, near_s_m)
    rolled_m = ACTUATION_DELAY_S * CRUISE_SPEED_MPS
    later = roll(pose, rolled_m, line.curvature_at(here.s_m))
    curvature = expert_curvature(line, later, near_s_m=here.s_m + rolled_m)
    return LaneLabel(
        steering_from_curvature(curvature),
        here.lateral_m,
        wrap_angle(pose.heading_rad - here.heading_rad),
        here.s_m,
    )


def roll(pose: Pose, distance_m: float, curvature_per_m: float) -> Pose:
    """The pose after an arc of the given length and curvature."""
    middle_rad = pose.heading_rad + distance_m * curvature_per_m / 2
    return Pose(
        pose.x_m + distance_m * math.cos(middle_rad),
        pose.y_m + distance_m * math.sin(middle_rad),
        wrap_angle(pose.heading_rad + distance_m * curvature_per_m),
    )
