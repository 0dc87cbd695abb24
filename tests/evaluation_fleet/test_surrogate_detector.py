"""The detector's surrogate: it sees what is there as well, and as badly, as the shipped detector was measured to."""

from __future__ import annotations

import random

import numpy as np
import pytest

from car.camera.frame import Frame
from car.perception.eyes import Eyes
from car.perception.perception import Perception
from car.perception.sighting import FOOT_INSIDE_M
from city.city import Command
from city.files import load_city
from city.geometry import Pose
from pixelopolis.evaluation.fleet.surrogate import measured
from pixelopolis.evaluation.fleet.surrogate.detector import SurrogateDetector
from pixelopolis.evaluation.fleet.surrogate.lane import SurrogateLane
from pixelopolis.evaluation.fleet.surrogate.scene import Scene
from pixelopolis.evaluation.fleet.surrogate.wandering import Found, Wandering
from sim.whereabouts import Whereabouts

CITY = load_city("pixelopolis")
BLANK = np.zeros((240, 320, 3), np.uint8)


def looks(pose: Pose, others: dict[str, Pose], count: int = 2000, every_s: float = 0.5) -> list[Perception]:
    """What a car at a pose makes of many pictures, far enough apart that errors do not last."""
    scenes: list[Scene] = []
    rng = random.Random(1)

    def newest() -> Scene:
        return scenes[-1]

    eyes = Eyes(SurrogateLane(CITY, newest, rng), SurrogateDetector(CITY, newest, rng))
    seen = []
    for k in range(count):
        scenes.append(Scene(k * every_s, "me", pose, Whereabouts(1, None, 0.7, 0.0), {"me": pose, **others}))
        seen.append(eyes.look(Frame(BLANK, k, k * every_s), Command.FOLLOW))
    return seen


def on_edge(s_m: float) -> Pose:
    return CITY.edges[1].curve.pose_at(s_m)


def test_a_sign_is_found_as_often_and_as_far_off_as_measured() -> None:
    sign = CITY.sign_at(1)
    assert sign is not None
    pose = on_edge(CITY.edges[1].curve.length_m - 0.5)
    true_m = np.hypot(sign.pose.x_m - pose.x_m, sign.pose.y_m - pose.y_m)
    seen = [[each for each in look.signs or () if each.kind == sign.kind] for look in looks(pose, {})]
    share = np.mean([bool(each) for each in seen])
    assert share == pytest.approx(measured.SIGN_FOUND, abs=0.02)
    ranges_m = np.array([each[0].range_m for each in seen if each])
    errors = np.abs(ranges_m / np.median(ranges_m) - 1)
    assert np.quantile(errors, 0.9) == pytest.approx(0.08, abs=0.01)
    assert np.median(ranges_m) == pytest.approx(true_m - 0.08, abs=0.03)


def test_a_car_ahead_is_found_and_its_distance_is_as_far_off_as_measured() -> None:
    pose, ahead = on_edge(0.1), on_edge(0.1 + 0.18 + 0.4)
    seen = [look.cars or () for look in looks(pose, {"other": ahead})]
    assert np.mean([len(each) == 1 for each in seen]) == pytest.approx(measured.CAR_FOUND, abs=0.02)
    gaps_m = np.array([each[0].x_m - 0.12 for each in seen if each])
    assert np.median(gaps_m) == pytest.approx(0.4, abs=0.06)
    camera_m = gaps_m + 0.04 + FOOT_INSIDE_M  # to the wheels, which are what is measured
    assert np.quantile(np.abs(camera_m / np.median(camera_m) - 1), 0.9) == pytest.approx(0.147, abs=0.03)


def test_a_car_behind_another_is_hidden() -> None:
    others = {"near": on_edge(0.4), "far": on_edge(0.75)}
    assert max(len(look.cars or ()) for look in looks(on_edge(0.1), others, count=200)) == 1


def test_a_sign_behind_a_car_is_hidden() -> None:
    sign = CITY.sign_at(1)
    assert sign is not None
    pose = on_edge(CITY.edges[1].curve.length_m - 0.6)
    between = Pose((2 * sign.pose.x_m + pose.x_m) / 3, (2 * sign.pose.y_m + pose.y_m) / 3, pose.heading_rad)
    free = looks(pose, {}, count=300)
    hidden = looks(pose, {"other": between}, count=300)
    assert sum(sign.kind in look.sign_kinds for look in free) > 280
    assert sum(sign.kind in look.sign_kinds for look in hidden) < 240


def test_strangers_come_as_often_as_measured() -> None:
    elsewhere = Pose(-40.0, -40.0, 0.0)
    seen = looks(elsewhere, {}, count=8000, every_s=0.08)
    expected = measured.STRANGERS_PER_S * 8000 * 0.08 * measured.STRANGER_LOOKS
    assert sum(bool(look.detections) for look in seen) == pytest.approx(expected, abs=4 * np.sqrt(3 * expected))


def test_errors_last_and_are_as_large_as_asked() -> None:
    wandering = Wandering(random.Random(2), 0.3)
    values = np.array([wandering.at(0.04 * k) for k in range(20000)])
    assert values.std() == pytest.approx(1.0, abs=0.1)
    assert np.corrcoef(values[:-1], values[1:])[0, 1] == pytest.approx(np.exp(-0.04 / 0.3), abs=0.02)
    assert np.corrcoef(values[:-50], values[50:])[0, 1] == pytest.approx(0.0, abs=0.1)
    found = Found(random.Random(3), 0.3)
    assert np.mean([found.at(0.04 * k, 0.8) for k in range(20000)]) == pytest.approx(0.8, abs=0.03)
