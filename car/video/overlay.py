"""The picture with what the car made of it drawn on it."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
LEAST_WIDTH_PX = 640  # a smaller picture is enlarged first: letters of a few pixels cannot be read
PATH_M = (0.20, 0.70)  # the stretch of the driven arc that is drawn, from the axle
PATH_POINTS = 12
ARROWS = {Command.FOLLOW: "-", Command.FORWARD: "^", Command.LEFT: "<", Command.RIGHT: ">"}


@dataclass(frozen=True, slots=True)
class _Letters:
    """How large letters are."""

    font_scale: float
    line_height_px: int


# By the least width of the picture; on a narrower one nothing is written that nobody could read.
LETTERS = {640: _Letters(0.55, 22), 320: _Letters(0.4, 16)}


def drawn_width_px(width_px: int) -> int:
    """How wide a picture is once it is drawn on in full size."""
    return width_px * max(1, math.ceil(LEAST_WIDTH_PX / width_px))


def draw_overlay(snapshot: Snapshot, camera: CameraGeometry = DEFAULT_CAMERA, width_px: int | None = None) -> Picture:
    """A copy of the snapshot's picture with boxes, steering and state: so wide, or else enlarged if it is small."""
    plain = snapshot.frame.picture
    scale = (width_px or drawn_width_px(plain.shape[1])) / plain.shape[1]
    shrinks = scale < 1
    picture: Picture = cv2.resize(
        plain, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    letters = next((letters for least_px, letters in LETTERS.items() if picture.shape[1] >= least_px), None)
    _draw_path(picture, snapshot.outputs.curvature_per_m, camera, scale)
    for detection in snapshot.perception.detections:
        _draw_box(picture, detection, _distance_m(detection, snapshot), scale, letters)
    if letters is not None:
        _write_state(picture, snapshot, letters)
    return picture


def _write_state(picture: Picture, snapshot: Snapshot, letters: _Letters) -> None:
    report = snapshot.outputs.report
    state = (
        f"{report.mode.value}  {snapshot.outputs.speed_mps:.2f} m/s  {ARROWS[report.command]} {report.command.value}"
    )
    bottom = picture.shape[0] - letters.line_height_px // 2 - 1
    _write(picture, state, (8, bottom), letters)
    _write(picture, _route_text(snapshot), (8, letters.line_height_px), letters)
    if report.faults:
        _write(picture, report.faults[0][:48], (8, bottom - letters.line_height_px), letters)


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


def _draw_box(
    picture: Picture, detection: Detection, distance_m: float | None, scale: float, letters: _Letters | None
) -> None:
    box = detection.box
    colour = CAR_COLOUR if detection.label == CAR_LABEL else SIGN_COLOUR
    left, top = round(scale * box.left_px), round(scale * box.top_px)
    corner = round(scale * box.right_px), round(scale * box.bottom_px)
    cv2.rectangle(picture, (left, top), corner, colour, 2, cv2.LINE_AA)
    if letters is not None:
        text = detection.label.replace("_", " ") + ("" if distance_m is None else f" {distance_m:.2f} m")
        _write(picture, text, (left, max(letters.line_height_px, top - 4)), letters, colour)


def _draw_path(picture: Picture, curvature_per_m: float, camera: CameraGeometry, scale: float) -> None:
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


def _write(
    picture: Picture, text: str, at: tuple[int, int], letters: _Letters, paper: tuple[int, int, int] = PAPER_COLOUR
) -> None:
    """Write on a strip of its own: a dark outline would not fit, as thicker letters are wider ones."""
    (width_px, height_px), below_px = cv2.getTextSize(text, FONT, letters.font_scale, 1)
    left, base = max(4, min(at[0], picture.shape[1] - width_px - 4)), at[1]
    corner = left + width_px + 3, base + below_px
    cv2.rectangle(picture, (left - 3, base - height_px - 3), corner, paper, cv2.FILLED)
    cv2.putText(picture, text, (left, base), FONT, letters.font_scale, TEXT_COLOUR, 1, cv2.LINE_AA)
