"""How right the distances are that a car reads off its pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator

from car.localisation.correction import matches
from car.localisation.landmarks import expect
from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE
from models.detector.pictures.truth import car_corners_m
from pixelopolis.evaluation.whole_car.moments import Moment, Ride

FARTHEST_M = 1.0
MOVED_M = 0.002
SLACK_M = DEFAULT_VEHICLE.width_m  # by which a sighting may be beside the car that it is of


def moving(ride: Ride) -> Iterator[Moment]:
    """Without pictures of what has been seen already: of those that a standing car takes, the first."""
    last: tuple[float, float] | None = None
    for moment in ride.moments:
        if moment.signs is None:
            continue
        now = moment.station_m, math.inf if moment.ahead is None else moment.ahead.gap_m
        if last is None or any(abs(new - old) >= MOVED_M for new, old in zip(now, last, strict=True)):
            last = now
            yield moment


def sign_errors(ride: Ride) -> Iterator[float]:
    """Relative error of the distance of each sign that was seen where it is, within `FARTHEST_M`."""
    for moment in moving(ride):
        for seen in moment.signs or ():
            for sign in ride.city.signs:
                expected = expect(sign, moment.pose, ride.camera)
                if sign.kind == seen.kind and expected.range_m <= FARTHEST_M and matches(seen, expected):
                    yield abs(seen.range_m - expected.range_m) / expected.range_m
                    break


def car_errors(ride: Ride) -> Iterator[float]:
    """Relative error of the distance from the camera to the car ahead, within `FARTHEST_M`."""
    camera_m = ride.camera.forward_m
    for moment in moving(ride):
        ahead = moment.ahead
        if ahead is None or not moment.cars or not ahead.in_sight:
            continue
        true_m = nearest_side_m(moment.pose, ahead.pose) - camera_m
        left_m = in_vehicle_frame(moment.pose, ahead.pose.x_m, ahead.pose.y_m)[1]
        seen_m = [car.x_m - camera_m for car in moment.cars if car.right_m - SLACK_M <= left_m <= car.left_m + SLACK_M]
        if seen_m and 0 < true_m <= FARTHEST_M:
            yield min(abs(one_m - true_m) for one_m in seen_m) / true_m


def nearest_side_m(car: Pose, other: Pose) -> float:
    """How far ahead of a car's axle another car's nearest corner is, along the car's own direction."""
    return min(in_vehicle_frame(car, x_m, y_m)[0] for x_m, y_m, _ in car_corners_m(other).tolist())


def in_vehicle_frame(car: Pose, x_m: float, y_m: float) -> tuple[float, float]:
    """A point of the map as a car sees it: ahead and to the left of its axle."""
    dx_m, dy_m = x_m - car.x_m, y_m - car.y_m
    cos, sin = math.cos(car.heading_rad), math.sin(car.heading_rad)
    return cos * dx_m + sin * dy_m, cos * dy_m - sin * dx_m
