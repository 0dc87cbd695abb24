"""From a box in the picture to a place on the road: pinhole geometry with known sizes.

Vehicle frame: origin at the middle of the drive axle, x ahead, y to the left, metres. The camera looks along x, pitched
down and without roll; rays of a row all have the same slope against the road, so a vertical board's height gives the
distance ahead exactly, however obliquely it stands. Its width would shrink, and is not used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from car.perception.seen import Box, Detection
from city.sign_catalogue import SIGN_KINDS, picture_height_m
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry, VehicleGeometry

CAR_LABEL = "Car"
EDGE_MARGIN_PX = 1.5  # a box this close to the border of what the detector sees is cut off
HEIGHT_ERROR_PX = 1.2  # assumed standard deviation of a box's height
RANGE_FLOOR_M = 0.012  # assumed error of calibration and mounting
MIN_SLOPE = 1e-3
FOOT_INSIDE_M = 0.05  # what meets the road are wheels; bumpers reach 4 cm beyond the front ones, 6 beyond the rear ones
UNDERSIDE_M = 0.02  # of the bumpers, above the road: from near they hide the wheels
SAME_RATIO = 1.25  # measures that differ by more than this are not of one and the same distance
HEIGHT_WEIGHT = 0.75  # a degree of pitch shifts what the foot says by 14 % at 1 m, what the height says not at all


@dataclass(frozen=True, slots=True)
class SignSighting:
    """A sign seen whole, and where it stands."""

    kind: str
    score: float
    x_m: float  # of the board's middle, vehicle frame
    y_m: float
    range_m: float  # from the camera, along the road
    bearing_rad: float  # from the camera, left of the car's heading positive
    range_sigma_m: float


@dataclass(frozen=True, slots=True)
class CarSighting:
    """Another car's nearest side, vehicle frame."""

    score: float
    x_m: float
    left_m: float  # y of its left and right edge
    right_m: float


@dataclass(frozen=True, slots=True)
class DetectorView:
    """The part of the camera picture in which the detector can see anything."""

    width_px: int
    top_px: int
    bottom_px: int


def locate_sign(
    detection: Detection, view: DetectorView, camera: CameraGeometry = DEFAULT_CAMERA
) -> SignSighting | None:
    """Where a detected sign stands; None if it is cut off by the picture's border, or of no kind that is known."""
    box = detection.box
    if (
        detection.label not in SIGN_KINDS
        or box.top_px < view.top_px + EDGE_MARGIN_PX
        or box.bottom_px > view.bottom_px - EDGE_MARGIN_PX
        or box.left_px < EDGE_MARGIN_PX
        or box.right_px > view.width_px - EDGE_MARGIN_PX
    ):
        return None
    seen_slope = _slope(box.top_px, camera) - _slope(box.bottom_px, camera)
    if seen_slope < MIN_SLOPE:
        return None
    ahead_m = picture_height_m(detection.label) / seen_slope
    left_m = _left_m((box.left_px + box.right_px) / 2, (box.top_px + box.bottom_px) / 2, ahead_m, camera)
    range_m = math.hypot(ahead_m, left_m)
    relative_error = HEIGHT_ERROR_PX / (box.bottom_px - box.top_px)
    return SignSighting(
        detection.label,
        detection.score,
        ahead_m + camera.forward_m,
        left_m,
        range_m,
        math.atan2(left_m, ahead_m),
        RANGE_FLOOR_M + range_m * relative_error,
    )


def locate_car(
    detection: Detection,
    view: DetectorView,
    camera: CameraGeometry = DEFAULT_CAMERA,
    vehicle: VehicleGeometry = DEFAULT_VEHICLE,
) -> CarSighting | None:
    """Where a detected car's nearest side is; None if the box cannot be one.

    Two measures: where the box's foot meets the road, and its height. If they agree, a mean counts, else the nearer. A
    foot cut off by the picture's border stands nearer than the border shows: then the nearer counts too, and the width
    if it is whole: a car is never narrower than it is wide from behind, so it may be farther than that says, but not
    nearer.
    """
    box = detection.box
    foot_slope = -_slope(box.bottom_px, camera)
    if foot_slope < MIN_SLOPE:
        return None
    ahead_m = camera.height_m / foot_slope
    is_cut_off_below = box.bottom_px > view.bottom_px - EDGE_MARGIN_PX
    seen_slope = _slope(box.top_px, camera) + foot_slope
    if seen_slope > MIN_SLOPE and box.top_px > view.top_px + EDGE_MARGIN_PX:
        by_height_m = vehicle.height_m / seen_slope
        ahead_m = min(ahead_m, by_height_m) if is_cut_off_below else _agreed_m(ahead_m, by_height_m)
    is_whole_across = box.left_px > EDGE_MARGIN_PX and box.right_px < view.width_px - EDGE_MARGIN_PX
    if is_cut_off_below and is_whole_across:
        seen_width = _left_m(box.left_px, box.top_px, 1.0, camera) - _left_m(box.right_px, box.top_px, 1.0, camera)
        ahead_m = min(ahead_m, vehicle.width_m / seen_width)
    return CarSighting(
        detection.score,
        _bumper_m(ahead_m, is_cut_off_below, camera) + camera.forward_m,
        _side_m(box.left_px, box, -1, ahead_m, camera),
        _side_m(box.right_px, box, 1, ahead_m, camera),
    )


def _agreed_m(by_foot_m: float, by_height_m: float) -> float:
    """A mean of two measures of one distance; the nearer if they contradict each other."""
    nearer_m, farther_m = sorted((by_foot_m, by_height_m))
    if farther_m > SAME_RATIO * nearer_m:
        return nearer_m
    return 1 / (HEIGHT_WEIGHT / by_height_m + (1 - HEIGHT_WEIGHT) / by_foot_m)


def _bumper_m(foot_m: float, is_cut_off_below: bool, camera: CameraGeometry) -> float:
    """How far a car's bumper is: what seems to meet the road at `foot_m` is a wheel, or from near its lower edge."""
    by_wheels_m = max(0.0, foot_m - FOOT_INSIDE_M)
    if is_cut_off_below:
        return by_wheels_m
    return max(by_wheels_m, foot_m * (1 - UNDERSIDE_M / camera.height_m))


def _side_m(column_px: float, box: Box, side: int, ahead_m: float, camera: CameraGeometry) -> float:
    """Offset of a box's left (-1) or right (1) border: the roof makes it where it leans outwards, else the foot."""
    outwards = side * (column_px - camera.width_px / 2) > 0
    return _left_m(column_px, box.top_px if outwards else box.bottom_px, ahead_m, camera)


def _slope(row_px: float, camera: CameraGeometry) -> float:
    """Rise per metre ahead of the rays through a row of the picture."""
    down = (row_px - camera.height_px / 2) / camera.focal_px
    up = -(down * math.cos(camera.pitch_rad) + math.sin(camera.pitch_rad))
    return up / _forward(row_px, camera)


def _forward(row_px: float, camera: CameraGeometry) -> float:
    down = (row_px - camera.height_px / 2) / camera.focal_px
    return math.cos(camera.pitch_rad) - down * math.sin(camera.pitch_rad)


def _left_m(column_px: float, row_px: float, ahead_m: float, camera: CameraGeometry) -> float:
    right = (column_px - camera.width_px / 2) / camera.focal_px
    return -ahead_m * right / _forward(row_px, camera)
