"""Where cars start: each alone on an edge, along the lane, with its next sign in full view."""

from __future__ import annotations

import math

import numpy as np

from city.city import City, Edge, Sign
from city.geometry import Pose, wrap_angle
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry, VehicleGeometry

MIN_TO_STOP_M = 0.35  # axle to stop line
MAX_TO_STOP_M = 0.75
STATION_STEP_M = 0.01
OFFSET_M = 0.01
TURN_RAD = math.radians(2.0)
MIN_APART_M = 0.5  # between any two cars
SIGHT_WIDTH_M = 0.14  # from a line of sight to the middle of a car that does not hide what is at its end
BORDER_PX = 4.0  # a sign nearer to the picture's border than this is not in full view


class SpawnError(ValueError):
    """A city has no room for so many cars."""


def spawn_poses(
    city: City,
    count: int,
    seed: int,
    vehicle: VehicleGeometry = DEFAULT_VEHICLE,
    camera: CameraGeometry = DEFAULT_CAMERA,
) -> tuple[Pose, ...]:
    """Start poses of `count` cars; the same seed gives the same poses.

    Raises:
        SpawnError: if there are not enough edges on which a car can start.
    """
    rng = np.random.default_rng([seed, 0])
    taken: list[tuple[Pose, Sign]] = []
    edges = sorted(city.edges)
    for index in rng.permutation(len(edges)).tolist():
        if len(taken) == count:
            break
        edge, sign = city.edges[edges[index]], city.sign_at(edges[index])
        stations_m = start_stations_m(edge, sign, vehicle, camera)
        if sign is None or not stations_m:
            continue
        pose = _disturbed(edge.curve.pose_at(stations_m[int(rng.integers(len(stations_m)))]), rng)
        if all(_leave_each_other_free((pose, sign), other) for other in taken):
            taken.append((pose, sign))
    if len(taken) < count:
        raise SpawnError(
            f"city {city.name} has room for {len(taken)} cars to start in view of their signs, not for {count}: "
            "ask for fewer cars or take a larger city"
        )
    return tuple(pose for pose, _ in taken)


def start_stations_m(
    edge: Edge,
    sign: Sign | None,
    vehicle: VehicleGeometry = DEFAULT_VEHICLE,
    camera: CameraGeometry = DEFAULT_CAMERA,
) -> list[float]:
    """Stations of `edge` at which a car stands wholly on the edge and has its sign in full view."""
    if sign is None:
        return []
    length_m = edge.curve.length_m
    first_m = max(vehicle.rear_overhang_m, length_m - MAX_TO_STOP_M)
    stations_m = np.arange(first_m, length_m - MIN_TO_STOP_M + 1e-9, STATION_STEP_M)
    found = []
    for s_m in stations_m.tolist():
        pose = edge.curve.pose_at(s_m)
        turned = [Pose(pose.x_m, pose.y_m, pose.heading_rad + side * TURN_RAD) for side in (-1, 1)]
        if all(sees_sign(each, sign, camera) for each in turned):
            found.append(s_m)
    return found


def sees_sign(pose: Pose, sign: Sign, camera: CameraGeometry = DEFAULT_CAMERA) -> bool:
    """Whether the whole board of a sign is in the picture of a car's camera, looking at its face."""
    facing_rad = sign.pose.heading_rad
    if abs(wrap_angle(facing_rad + math.pi - pose.heading_rad)) > math.pi / 3:
        return False
    across = np.array([-math.sin(facing_rad), math.cos(facing_rad)]) * sign.width_m / 2
    for side in (-1, 1):
        for height_m in (sign.bottom_m, sign.bottom_m + sign.height_m):
            x_m, y_m = sign.pose.x_m + side * across[0], sign.pose.y_m + side * across[1]
            if not _in_picture(pose, x_m, y_m, height_m, camera):
                return False
    return True


def _in_picture(pose: Pose, x_m: float, y_m: float, height_m: float, camera: CameraGeometry) -> bool:
    dx_m, dy_m = x_m - pose.x_m, y_m - pose.y_m
    cos, sin = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
    ahead_m = cos * dx_m + sin * dy_m - camera.forward_m
    left_m = cos * dy_m - sin * dx_m
    above_m = height_m - camera.height_m
    depth_m = ahead_m * math.cos(camera.pitch_rad) - above_m * math.sin(camera.pitch_rad)
    up_m = ahead_m * math.sin(camera.pitch_rad) + above_m * math.cos(camera.pitch_rad)
    if depth_m <= 0:
        return False
    from_middle_px = abs(left_m) * camera.focal_px / depth_m, abs(up_m) * camera.focal_px / depth_m
    return from_middle_px[0] < camera.width_px / 2 - BORDER_PX and from_middle_px[1] < camera.height_px / 2 - BORDER_PX


def _disturbed(pose: Pose, rng: np.random.Generator) -> Pose:
    lateral_m, turn_rad = rng.uniform(-OFFSET_M, OFFSET_M), rng.uniform(-TURN_RAD, TURN_RAD)
    return Pose(
        float(pose.x_m - lateral_m * math.sin(pose.heading_rad)),
        float(pose.y_m + lateral_m * math.cos(pose.heading_rad)),
        wrap_angle(float(pose.heading_rad + turn_rad)),
    )


def _leave_each_other_free(one: tuple[Pose, Sign], other: tuple[Pose, Sign]) -> bool:
    if math.hypot(one[0].x_m - other[0].x_m, one[0].y_m - other[0].y_m) < MIN_APART_M:
        return False
    return not (hides(one[0], *other) or hides(other[0], *one))


def hides(car: Pose, viewer: Pose, sign: Sign) -> bool:
    """Whether `car` stands near the line of sight from `viewer` to its sign."""
    dx_m, dy_m = sign.pose.x_m - viewer.x_m, sign.pose.y_m - viewer.y_m
    to_car_x_m, to_car_y_m = car.x_m - viewer.x_m, car.y_m - viewer.y_m
    share = (dx_m * to_car_x_m + dy_m * to_car_y_m) / (dx_m * dx_m + dy_m * dy_m)
    nearest = max(0.0, min(1.0, share))
    return math.hypot(to_car_x_m - nearest * dx_m, to_car_y_m - nearest * dy_m) < SIGHT_WIDTH_M
