"""The expert driver: from a true pose and the line to follow, the curvature to drive. It labels the training data."""

from __future__ import annotations

import math

import numpy as np

from city.city import City
from city.geometry import Pose, wrap_angle
from city.route_line import RouteLine
from fleet.steering import MAX_CURVATURE_PER_M

LOOKAHEAD_M = 0.14


def expert_curvature(
    line: RouteLine, pose: Pose, near_s_m: float | None = None, lookahead_m: float = LOOKAHEAD_M
) -> float:
    """Curvature in 1/m, left positive, that leads `pose` back to `line` and along it.

    Pure pursuit: the arc through the car's axle, tangent to its heading, and the point of the line that lies
    `lookahead_m` further along it than the car (Coulter 1992). It depends on the pose alone, so that what the camera
    sees determines it.

    Args:
        line: the route.
        pose: of the car.
        near_s_m: roughly where on the line the car is; needed where the line passes one place twice.
        lookahead_m: how far along the line the point lies.
    """
    here = line.project(pose.x_m, pose.y_m, near_s_m)
    return curvature_from(line, pose, here.s_m, lookahead_m)


def curvature_from(line: RouteLine, pose: Pose, station_m: float, lookahead_m: float = LOOKAHEAD_M) -> float:
    """The same for a car of which it is known to be beside station `station_m` of the line."""
    x_m, y_m = _point_ahead(line, station_m + lookahead_m)
    dx_m, dy_m = x_m - pose.x_m, y_m - pose.y_m
    left_m = math.cos(pose.heading_rad) * dy_m - math.sin(pose.heading_rad) * dx_m
    curvature = 2 * left_m / (dx_m * dx_m + dy_m * dy_m)
    return max(-MAX_CURVATURE_PER_M, min(MAX_CURVATURE_PER_M, curvature))


def _point_ahead(line: RouteLine, s_m: float) -> tuple[float, float]:
    pose = line.pose_at(s_m)
    beyond_m = max(0.0, s_m - line.length_m)
    return pose.x_m + beyond_m * math.cos(pose.heading_rad), pose.y_m + beyond_m * math.sin(pose.heading_rad)


def beside(line: RouteLine, s_m: float, lateral_m: float, turn_rad: float) -> Pose:
    """The pose `lateral_m` to the left of the line at `s_m`, turned left from its direction by `turn_rad`."""
    pose = line.pose_at(s_m)
    return Pose(
        pose.x_m - lateral_m * math.sin(pose.heading_rad),
        pose.y_m + lateral_m * math.cos(pose.heading_rad),
        wrap_angle(pose.heading_rad + turn_rad),
    )


def disturbed_pose(
    line: RouteLine,
    s_m: float,
    rng: np.random.Generator,
    lateral_m: float = 0.08,
    turn_rad: float = math.radians(20.0),
) -> Pose:
    """A random pose near the line at `s_m`, uniform within the two bounds; for data on how to come back."""
    return beside(line, s_m, float(rng.uniform(-lateral_m, lateral_m)), float(rng.uniform(-turn_rad, turn_rad)))


def wandering_route(city: City, start_edge: int, count: int, rng: np.random.Generator) -> tuple[int, ...]:
    """At most `count` consecutive edges from `start_edge` on, each chosen at random among those that follow."""
    edges = [start_edge]
    while len(edges) < count and (onward := city.successors(edges[-1])):
        edges.append(onward[int(rng.integers(len(onward)))].to_edge)
    return tuple(edges)
