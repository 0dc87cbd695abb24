"""The detector's surrogate: boxes of the signs and cars in view, some missed, all as wrong as measured."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from car.camera.frame import Picture
from car.perception.seen import Box, Detection
from car.perception.sighting import CAR_LABEL
from city.city import City
from city.sign_catalogue import SIGN_KINDS
from fleet.vehicle import DEFAULT_CAMERA
from pixelopolis.evaluation.fleet.surrogate import measured
from pixelopolis.evaluation.fleet.surrogate.outline import Outline, View
from pixelopolis.evaluation.fleet.surrogate.scene import Scene
from pixelopolis.evaluation.fleet.surrogate.sign_map import SignMap
from pixelopolis.evaluation.fleet.surrogate.wandering import Found, Wandering

SEEN_PART = 0.8  # of the picture's rows, from the top, as the shipped detector's sidecar says
FARTHEST_M = 1.6  # a sign is lower than LEAST_SIGN_PX from there on
STRANGER_PX = 30.0
HORIZON_PX = DEFAULT_CAMERA.height_px / 2 - DEFAULT_CAMERA.focal_px * math.tan(DEFAULT_CAMERA.pitch_rad)


class _Error:
    """How wrong one thing is seen."""

    def __init__(self, rng: random.Random) -> None:
        self.found = Found(rng, measured.DETECTOR_ERROR_LASTS_S)
        self.distance = Wandering(rng, measured.DETECTOR_ERROR_LASTS_S)
        self.bearing = Wandering(rng, measured.DETECTOR_ERROR_LASTS_S)


class SurrogateDetector:
    """Looks at the scene of the newest picture."""

    def __init__(self, city: City, scene: Callable[[], Scene | None], rng: random.Random) -> None:
        self._signs = SignMap(city, FARTHEST_M)
        self._scene = scene
        self._rng = rng
        self._errors: dict[object, _Error] = {}
        self._looked_s: float | None = None
        self._stranger: Detection | None = None
        self._stranger_looks = 0

    def rows(self, height_px: int) -> tuple[int, int]:
        """First row, and the row after the last, of what it sees."""
        return 0, round(height_px * SEEN_PART)

    def look(self, picture_bgr: Picture) -> tuple[Detection, ...]:
        """What is found, best first."""
        scene = self._scene()
        if scene is None:
            return ()
        border = Box(0.0, 0.0, float(picture_bgr.shape[1]), float(self.rows(picture_bgr.shape[0])[1]))
        view = View(scene.pose)
        cars = self._cars(scene, view)
        found = [self._found_car(scene, car, cars, border) for car in cars]
        for number, sign in self._signs.near(scene.pose):
            outline = view.sign(sign)
            if outline is not None and view.facing_rad(sign) <= measured.READABLE_RAD:
                found.append(self._found_sign(scene, number, outline, cars, border))
        found.append(self._a_stranger(scene, border))
        return tuple(sorted((each for each in found if each is not None), key=lambda each: -each.score))

    def _cars(self, scene: Scene, view: View) -> list[Outline]:
        here = scene.pose
        near = (
            view.car(name, pose)
            for name, pose in scene.poses.items()
            if name != scene.car_id and abs(pose.x_m - here.x_m) < FARTHEST_M and abs(pose.y_m - here.y_m) < FARTHEST_M
        )
        return [car for car in near if car is not None]

    def _found_car(self, scene: Scene, car: Outline, cars: Sequence[Outline], border: Box) -> Detection | None:
        share = visible_share(car, cars, border, cut_counts=False)
        if _width_px(clipped(car.box, border)) < measured.LEAST_CAR_PX or share < measured.HIDDEN_SHARE:
            return None
        error = self._error(car.name)
        likelihood = measured.OCCLUDED_FOUND if share < measured.OCCLUDED_SHARE else measured.CAR_FOUND
        if not error.found.at(scene.captured_s, likelihood):
            return None
        nearer = math.exp(measured.CAR_DISTANCE_SIGMA * error.distance.at(scene.captured_s))
        shift_px = measured.BEARING_SIGMA_PX * error.bearing.at(scene.captured_s)
        box = Box(
            car.box.left_px + shift_px,
            HORIZON_PX + nearer * (car.box.top_px - HORIZON_PX),
            car.box.right_px + shift_px,
            HORIZON_PX + nearer * (car.box.bottom_px - HORIZON_PX),
        )
        return _detection(CAR_LABEL, measured.SCORE, clipped(box, border))

    def _found_sign(
        self, scene: Scene, number: int, sign: Outline, cars: Sequence[Outline], border: Box
    ) -> Detection | None:
        height_px = sign.box.bottom_px - sign.box.top_px
        share = visible_share(sign, cars, border, cut_counts=True)
        if height_px < measured.LEAST_SIGN_PX or share < measured.HIDDEN_SHARE:
            return None
        small = height_px < measured.SMALL_PX
        likelihood = measured.SMALL_SIGN_FOUND if small else measured.SIGN_FOUND
        if share < measured.OCCLUDED_SHARE:
            likelihood = measured.OCCLUDED_FOUND
        error = self._error(number)
        if not error.found.at(scene.captured_s, likelihood):
            return None
        grown_px = height_px * (math.exp(measured.SIGN_DISTANCE_SIGMA * error.distance.at(scene.captured_s)) - 1) / 2
        shift_px = measured.BEARING_SIGMA_PX * error.bearing.at(scene.captured_s)
        box = Box(
            sign.box.left_px - grown_px + shift_px,
            sign.box.top_px - grown_px,
            sign.box.right_px + grown_px + shift_px,
            sign.box.bottom_px + grown_px,
        )
        return _detection(sign.name, measured.SMALL_SCORE if small else measured.SCORE, clipped(box, border))

    def _a_stranger(self, scene: Scene, border: Box) -> Detection | None:
        """Now and then, for a few pictures, a sign that is not there."""
        passed_s = 0.0 if self._looked_s is None else scene.captured_s - self._looked_s
        self._looked_s = scene.captured_s
        if self._stranger_looks == 0:
            if self._rng.random() >= measured.STRANGERS_PER_S * passed_s:
                return None
            self._stranger_looks = measured.STRANGER_LOOKS
            left_px = self._rng.uniform(border.left_px, border.right_px - STRANGER_PX)
            top_px = self._rng.uniform(border.top_px, HORIZON_PX)
            box = Box(left_px, top_px, left_px + STRANGER_PX, top_px + STRANGER_PX)
            self._stranger = Detection(self._rng.choice(SIGN_KINDS), measured.SCORE, box)
        self._stranger_looks -= 1
        return self._stranger

    def _error(self, key: object) -> _Error:
        if key not in self._errors:
            self._errors[key] = _Error(self._rng)
        return self._errors[key]


def visible_share(thing: Outline, cars: Sequence[Outline], border: Box, *, cut_counts: bool) -> float:
    """The share of a thing's box that no nearer car covers; what the border cuts off counts as hidden or not."""
    part = clipped(thing.box, border)
    area = _area(part)
    whole = _area(thing.box) if cut_counts else area
    if area <= 0 or whole <= 0:
        return 0.0
    covered = sum(
        _area(clipped(car.box, part)) for car in cars if car.name != thing.name and car.range_m < thing.range_m
    )
    return max(0.0, area - covered) / whole


def clipped(box: Box, border: Box) -> Box:
    """The part of a box that is within another; of no area if there is none."""
    left, top = max(box.left_px, border.left_px), max(box.top_px, border.top_px)
    return Box(left, top, max(left, min(box.right_px, border.right_px)), max(top, min(box.bottom_px, border.bottom_px)))


def _detection(label: str, score: float, box: Box) -> Detection | None:
    return Detection(label, score, box) if _area(box) > 0 else None


def _width_px(box: Box) -> float:
    return box.right_px - box.left_px


def _area(box: Box) -> float:
    return _width_px(box) * (box.bottom_px - box.top_px)
