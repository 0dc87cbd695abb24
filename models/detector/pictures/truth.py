"""Exact boxes of what a rendered frame shows: the visible pixels of each object, from the frame's id buffer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from city.city import Sign
from city.geometry import Pose
from city.sign_catalogue import picture_fill
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.labels import CAR
from sim.render.camera import CameraView, project_points
from sim.render.scene import FIRST_CAR_ID, FIRST_SIGN_ID

MIN_PX = 4  # narrower or lower than this is nothing that could be seen
MIN_SIGN_HEIGHT_PX = 14  # of the board; below, it is farther than 1.35 m, where cars do not go by signs any more
MIN_SIGN_WIDTH_PX = 8
MIN_CAR_WIDTH_PX = 9
MIN_VISIBLE_SHARE = 0.4
OCCLUDED_SHARE = 0.8  # below: something is in front of it
READABLE_COSINE = math.cos(math.radians(60.0))  # of the angle between a sign's face and the line of sight
EDGE_ON_COSINE = math.cos(math.radians(84.0))
CAR_FILL = 0.66  # a car's own share of the outline of its bounding box; 0.60 to 0.70, as it is turned


@dataclass(frozen=True, slots=True)
class Visible:
    """An object's visible pixels in a frame."""

    x_min: int
    y_min: int
    x_max: int
    y_max: int
    pixels: int

    def box(self, label: str, shape: tuple[int, int], difficult: bool, visible_share: float = 1.0) -> LabelledBox:
        """As a labelled box; one that touches the picture's border is truncated, others may be occluded."""
        height_px, width_px = shape
        truncated = self.x_min == 0 or self.y_min == 0 or self.x_max == width_px or self.y_max == height_px
        occluded = not truncated and visible_share < OCCLUDED_SHARE
        corners = self.x_min, self.y_min, self.x_max, self.y_max
        return LabelledBox(label, *corners, truncated=truncated, difficult=difficult, occluded=occluded)


def frame_boxes(
    ids: NDArray[np.uint16], view: CameraView, signs: Sequence[Sign], cars: Sequence[Pose]
) -> tuple[LabelledBox, ...]:
    """The boxes of all signs and cars of a frame.

    Args:
        ids: (height, width) what each pixel shows: 0 nothing of interest, 1.. the signs, 1000.. the cars.
        view: the camera that made it.
        signs: the scene's signs in the order of their ids.
        cars: the cars' poses in the order of their ids.
    """
    shape = (ids.shape[0], ids.shape[1])
    boxes = []
    for value in np.unique(ids[ids > 0]).tolist():
        if value >= FIRST_CAR_ID:
            box = _car_box(ids == value, view, cars[value - FIRST_CAR_ID], shape)
        else:
            box = _sign_box(ids == value, view, signs[value - FIRST_SIGN_ID], shape)
        if box is not None:
            boxes.append(box)
    return tuple(boxes)


def visible_part(mask: NDArray[np.bool_]) -> Visible | None:
    """Extent and count of the set pixels; None if they span less than MIN_PX in either direction."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if len(columns) == 0:
        return None
    x_min, x_max, y_min, y_max = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    if x_max - x_min < MIN_PX or y_max - y_min < MIN_PX:
        return None
    return Visible(x_min, y_min, x_max, y_max, int(mask.sum()))


def board_corners_m(sign: Sign) -> NDArray[np.float64]:
    """(4, 3) corners of a sign's board, around its outline."""
    half_m = sign.width_m / 2
    across = np.array([-math.sin(sign.pose.heading_rad), math.cos(sign.pose.heading_rad), 0.0]) * half_m
    foot = np.array([sign.pose.x_m, sign.pose.y_m, sign.bottom_m])
    up = np.array([0.0, 0.0, sign.height_m])
    return np.stack([foot - across, foot + across, foot + across + up, foot - across + up])


def facing_cosine(sign: Sign, view: CameraView) -> float:
    """Cosine of the angle between a sign's face and the way to the camera: 1 head-on, 0 edge-on, below 0 behind."""
    dx_m, dy_m = view.pose.x_m - sign.pose.x_m, view.pose.y_m - sign.pose.y_m
    distance_m = max(1e-6, math.hypot(dx_m, dy_m))
    return (dx_m * math.cos(sign.pose.heading_rad) + dy_m * math.sin(sign.pose.heading_rad)) / distance_m


def _sign_box(mask: NDArray[np.bool_], view: CameraView, sign: Sign, shape: tuple[int, int]) -> LabelledBox | None:
    cosine = facing_cosine(sign, view)
    part = visible_part(mask)
    if cosine < -EDGE_ON_COSINE or part is None:
        return None
    outline = project_points(view, board_corners_m(sign), shape[1], shape[0])
    if np.isnan(outline).any():  # so near that it reaches behind the camera
        return part.box(sign.kind, shape, difficult=True)
    whole = picture_fill(sign.kind) * cv2.contourArea(outline.astype(np.float32))
    share = part.pixels / max(1.0, whole)
    difficult = (
        cosine < READABLE_COSINE
        or share < MIN_VISIBLE_SHARE
        or part.x_max - part.x_min < MIN_SIGN_WIDTH_PX
        or float(np.ptp(outline[:, 1])) < MIN_SIGN_HEIGHT_PX
    )
    return part.box(sign.kind, shape, difficult, share)


def _car_box(mask: NDArray[np.bool_], view: CameraView, car: Pose, shape: tuple[int, int]) -> LabelledBox | None:
    part = visible_part(mask)
    if part is None:
        return None
    outline = project_points(view, car_corners_m(car), shape[1], shape[0])
    difficult, share = part.x_max - part.x_min < MIN_CAR_WIDTH_PX, 1.0
    if not np.isnan(outline).any():
        whole = CAR_FILL * cv2.contourArea(cv2.convexHull(outline.astype(np.float32)))
        # A car cut by the border is still an obstacle; only what hides behind others is difficult.
        share = part.pixels / max(1.0, min(whole, CAR_FILL * shape[0] * shape[1] / 2))
        difficult = difficult or share < MIN_VISIBLE_SHARE
    return part.box(CAR, shape, difficult, share)


def car_corners_m(car: Pose, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> NDArray[np.float64]:
    """(8, 3) corners of the box around a car."""
    cos, sin = math.cos(car.heading_rad), math.sin(car.heading_rad)
    return np.array(
        [
            [car.x_m + cos * along_m - sin * left_m, car.y_m + sin * along_m + cos * left_m, z_m]
            for along_m in (-vehicle.rear_overhang_m, vehicle.front_overhang_m)
            for left_m in (-vehicle.width_m / 2, vehicle.width_m / 2)
            for z_m in (0.0, vehicle.height_m)
        ]
    )
