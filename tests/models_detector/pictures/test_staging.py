from __future__ import annotations

import math
from collections import Counter
from statistics import fmean

import pytest

from city.city import Sign
from city.sign_catalogue import SIGN_KINDS
from models.detector.pictures.staging import (
    HELD_OUT_SEED,
    MAX_SIGN_DISTANCE_M,
    MAX_SIGN_OBLIQUE_RAD,
    MIN_SIGN_DISTANCE_M,
    FramePlan,
    ScenePlan,
    plan_scene,
)
from models.detector.pictures.truth import facing_cosine


def random_cities(seed: int, scenes: int) -> set[str]:
    names = {plan_scene(seed, index, frames=1).city.name for index in range(scenes)}
    return {name for name in names if name not in ("pixelopolis", "square", "curvy", "straight")}


def test_a_plan_depends_on_nothing_but_seed_and_index() -> None:
    again, other = plan_scene(3, 7, frames=4), plan_scene(3, 8, frames=4)
    first = plan_scene(3, 7, frames=4)
    assert (first.frames, first.style, first.seed) == (again.frames, again.style, again.seed)
    assert first.frames != other.frames


def readable_signs(plan: ScenePlan, frame: FramePlan) -> list[Sign]:
    """The signs before a frame's camera, on either side, that are read from there."""
    eye = frame.view.pose
    return [
        sign
        for sign in plan.city.signs
        if MIN_SIGN_DISTANCE_M - 1e-6
        <= math.hypot(eye.x_m - sign.pose.x_m, eye.y_m - sign.pose.y_m)
        <= MAX_SIGN_DISTANCE_M + 1e-6
        and facing_cosine(sign, frame.view) >= math.cos(MAX_SIGN_OBLIQUE_RAD) - 1e-6
        and math.cos(math.atan2(sign.pose.y_m - eye.y_m, sign.pose.x_m - eye.x_m) - eye.yaw_rad) > 0.8
    ]


@pytest.mark.parametrize(("seed", "fewest", "most"), [(1, 4, 14), (HELD_OUT_SEED, 3, 3)])
def test_a_stage_looks_at_every_kind_equally_often_from_where_it_is_read(seed: int, fewest: int, most: int) -> None:
    plan = plan_scene(seed, 1, frames=len(SIGN_KINDS))
    strewn = Counter(sign.kind for sign in plan.city.signs)
    assert set(strewn) == set(SIGN_KINDS)
    assert len(set(strewn.values())) == 1
    assert fewest <= strewn[SIGN_KINDS[0]] <= most
    assert all(readable_signs(plan, frame) for frame in plan.frames)


def test_a_stage_to_train_on_shows_several_times_as_many_signs() -> None:
    def signs_in_a_frame(seed: int) -> float:
        plans = [plan_scene(seed, index, frames=10) for index in range(1, 9, 2)]
        return fmean(len(readable_signs(plan, frame)) for plan in plans for frame in plan.frames)

    assert signs_in_a_frame(1) > 2.5 * signs_in_a_frame(HELD_OUT_SEED)


def test_a_drive_keeps_the_city_as_it_is() -> None:
    plan = plan_scene(1, 2, frames=2)
    assert len({sign.edge for sign in plan.city.signs}) == len(plan.city.signs)


def nearest_cars_m(plan: ScenePlan) -> float:
    poses = [[car.pose for car in frame.cars] for frame in plan.frames]
    return min(math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) for cars in poses for k, a in enumerate(cars) for b in cars[:k])


def test_cars_do_not_stand_in_each_other() -> None:
    assert nearest_cars_m(plan_scene(1, 4)) > 0.2


def test_some_kinds_of_sky_are_shown_by_evaluation_only() -> None:
    training = [plan_scene(1, index, frames=1) for index in range(24)]
    held_out = [plan_scene(HELD_OUT_SEED, index, frames=1) for index in range(24)]
    assert not any(plan.background_is_unseen for plan in training)
    assert any(plan.background_is_unseen for plan in held_out)
    assert not all(plan.background_is_unseen for plan in held_out)


def test_held_out_data_uses_cities_that_no_training_uses() -> None:
    assert not random_cities(1, 12) & random_cities(HELD_OUT_SEED, 12)
