"""The picture with what the car made of it drawn on it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from car.camera.frame import Picture
from car.perception.seen import Detection
from car.perception.sighting import CAR_LABEL, CarSighting, SignSighting
from car.snapshot import Snapshot
from city.city import Command
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

# BGR.
SIGN_COLOUR = (40, 130, 40)
CAR_COLOUR = (30, 90, 210)
PATH_COLOUR = (255, 190, 40)
TEXT_COLOUR = (255, 255, 255)
PAPER_COLOUR = (40, 40, 40)
FONT = cv2.FONT_HERSHEY_SIMPLEX
FONT_SCALE = 0.55
LINE_HEIGHT_PX = 22
LEAST_WIDTH_PX = 640  # a smaller picture is enlarged first: letters of a few pixels cannot be read
PATH_M = (0.20, 0.70)  # the stretch of the driven arc that is drawn, from the axle
PATH_POINTS = 12
ARROWS = {Command.FOLLOW: "-", Command.FORWARD: "^", Command.LEFT: "<", Command.RIGHT: ">"}


def draw_overlay(snapshot: Snapshot, camera: CameraGeometry = DEFAULT_CAMERA) -> Picture:
    """A copy of the snapshot's picture, enlarged if it is small, with boxes, steering and state."""
    plain = snapshot.frame.picture
    scale = max(1, math.ceil(LEAST_WIDTH_PX / plain.shape[1]))
    picture: Picture = cv2.resize(plain, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    _draw_path(picture, snapshot.outputs.curvature_per_m, camera, scale)
    for detection in snapshot.perception.detections:
        _draw_box(picture, detection, _distance_m(detection, snapshot), scale)
    report = snapshot.outputs.report
    state = (
        f"{report.mode.value}  {snapshot.outputs.speed_mps:.2f} m/s  {ARROWS[report.command]} {report.command.value}"
    )
    _write(picture, state, (8, picture.shape[0] - 12))
    _write(picture, _route_text(snapshot), (8, LINE_HEIGHT_PX))
    if report.faults:
        _write(picture, report.faults[0][:48], (8, picture.shape[0] - 12 - LINE_HEIGHT_PX))
    return picture


def _route_text(snapshot: Snapshot) -> str:
    position = snapshot.outputs.report.position
    where = "?" if position is None else f"edge {position.edge}"
    if position is not None and position.next_edge is not None:
        where += f" > {position.next_edge}"
    return where if snapshot.place is None else f"{where}   to {snapshot.place}"


def _distance_m(detection: Detection, snapshot: Snapshot) -> float | None:
    """Distance of the sighting that came from this detection."""
    perception = snapshot.perception
    sightings: tuple[SignSighting | CarSighting, ...]
    if detection.label == CAR_LABEL:
        sightings = perception.cars or ()
    else:
        sightings = tuple(sign for sign in perception.signs or () if sign.kind == detection.label)
    return next((sighting.x_m for sighting in sightings if sighting.score == detection.score), None)


def _draw_box(picture: Picture, detection: Detection, distance_m: float | None, scale: int) -> None:
    box = detection.box
    colour = CAR_COLOUR if detection.label == CAR_LABEL else SIGN_COLOUR
    left, top = round(scale * box.left_px), round(scale * box.top_px)
    corner = round(scale * box.right_px), round(scale * box.bottom_px)
    cv2.rectangle(picture, (left, top), corner, colour, 2, cv2.LINE_AA)
    text = detection.label.replace("_", " ") + ("" if distance_m is None else f" {distance_m:.2f} m")
    _write(picture, text, (left, max(LINE_HEIGHT_PX, top - 4)), colour)


def _draw_path(picture: Picture, curvature_per_m: float, camera: CameraGeometry, scale: int) -> None:
    points = []
    for s_m in np.linspace(*PATH_M, PATH_POINTS):
        turned_rad = curvature_per_m * s_m
        if abs(turned_rad) > math.pi / 2:
            break
        straight = abs(curvature_per_m) < 1e-3
        x_m = s_m if straight else math.sin(turned_rad) / curvature_per_m
        y_m = 0.0 if straight else (1 - math.cos(turned_rad)) / curvature_per_m
        pixel = road_pixel(x_m, y_m, camera)
        if pixel is not None:
            points.append((scale * pixel[0], scale * pixel[1]))
    if len(points) > 1:
        cv2.polylines(picture, [np.array(points, np.int32)], False, PATH_COLOUR, 3, cv2.LINE_AA)


def road_pixel(x_m: float, y_m: float, camera: CameraGeometry) -> tuple[int, int] | None:
    """Where a point of the road (vehicle frame) appears in the picture; None if it is behind the camera."""
    ahead_m = x_m - camera.forward_m
    depth_m = ahead_m * math.cos(camera.pitch_rad) + camera.height_m * math.sin(camera.pitch_rad)
    if depth_m <= 0.01:
        return None
    down_m = camera.height_m * math.cos(camera.pitch_rad) - ahead_m * math.sin(camera.pitch_rad)
    return (
        round(camera.width_px / 2 - camera.focal_px * y_m / depth_m),
        round(camera.height_px / 2 + camera.focal_px * down_m / depth_m),
    )


def _write(picture: Picture, text: str, at: tuple[int, int], paper: tuple[int, int, int] = PAPER_COLOUR) -> None:
    """Write on a strip of its own: a dark outline would not fit, as thicker letters are wider ones."""
    (width_px, height_px), below_px = cv2.getTextSize(text, FONT, FONT_SCALE, 1)
    left, base = max(4, min(at[0], picture.shape[1] - width_px - 4)), at[1]
    corner = left + width_px + 3, base + below_px
    cv2.rectangle(picture, (left - 3, base - height_px - 3), corner, paper, cv2.FILLED)
    cv2.putText(picture, text, (left, base), FONT, FONT_SCALE, TEXT_COLOUR, 1, cv2.LINE_AA)
