"""Conditions are what they are called, and plans of episodes are what they promise."""

import math

import numpy as np
import pytest

from fleet.vehicle import DEFAULT_CAMERA
from models.lane.closed_loop.drive import Mechanics
from models.lane.closed_loop.journey import PilotHabits
from models.lane.evaluation.conditions import CONDITIONS, HARD_CONDITIONS, NORMAL, ORDINARY_CAMERA, conditions_named
from models.lane.evaluation.episodes import Course, chosen_episodes, episodes
from models.lane.photographing.looks import LOOKS
from models.lane.photographing.scenes import HELD_OUT_SEED, training_city_name


def sampled_mechanics(name: str, count: int = 40) -> list[Mechanics]:
    return [CONDITIONS[name].sample_mechanics(np.random.default_rng(seed)) for seed in range(count)]


def mismatch(mechanics: Mechanics) -> float:
    return mechanics.left_gain - mechanics.right_gain


@pytest.mark.parametrize(("name", "share"), [("late", 1.2), ("early", 0.8)])
def test_late_and_early_are_a_fifth_off_the_nominal_delay(name: str, share: float) -> None:
    for mechanics in sampled_mechanics(name):
        assert mechanics.delay_s == pytest.approx(share * Mechanics().delay_s, rel=1e-9)


def test_crooked_is_three_per_cent_to_either_side() -> None:
    found = [mismatch(mechanics) for mechanics in sampled_mechanics("crooked")]
    assert {round(value, 9) for value in found} == {0.03, -0.03}
    assert all(m.left_gain + m.right_gain == pytest.approx(2.0) for m in sampled_mechanics("crooked"))


def test_ordinary_cars_differ_a_little() -> None:
    found = sampled_mechanics("normal")
    assert 0.01 < max(abs(mismatch(mechanics)) for mechanics in found) <= 0.02
    assert {mismatch(mechanics) > 0 for mechanics in found} == {True, False}
    assert all(0.06 <= mechanics.delay_s <= 0.08 for mechanics in found)


def test_a_tilted_camera_looks_three_degrees_up_or_down_beyond_the_ordinary_spread() -> None:
    tilts = []
    for seed in range(40):
        tilted = CONDITIONS["tilted_camera"].sample_mounting(np.random.default_rng(seed))
        ordinary = ORDINARY_CAMERA.sample(np.random.default_rng(seed))
        tilts.append(math.degrees(tilted.camera.pitch_rad - ordinary.camera.pitch_rad))
        assert tilted.camera.roll_rad == ordinary.camera.roll_rad
        assert tilted.left_m == ordinary.left_m
    assert {round(tilt, 9) for tilt in tilts} == {3.0, -3.0}
    normal = NORMAL.sample_mounting(np.random.default_rng(3)).camera.pitch_rad
    assert abs(normal - DEFAULT_CAMERA.pitch_rad) <= math.radians(1.0)


def test_misplaced_commands_come_and_go_too_early_or_too_late() -> None:
    right = PilotHabits()
    errors = []
    for seed in range(30):
        habits = CONDITIONS["misplaced_commands"].sample_habits(np.random.default_rng(seed))
        errors.append(habits.before_stop_line_m - right.before_stop_line_m)
        assert habits.past_movement_m - right.past_movement_m == pytest.approx(errors[-1])
    assert -0.08 <= min(errors) < -0.04
    assert 0.04 < max(errors) <= 0.08
    assert NORMAL.sample_habits(np.random.default_rng(1)) == right


def test_each_hard_look_is_a_condition() -> None:
    assert {condition.look for condition in CONDITIONS.values()} == {None, *LOOKS}
    assert all(CONDITIONS[name].look == name for name in LOOKS)
    assert CONDITIONS["behind_a_car"].leader_m == 0.4
    assert CONDITIONS["hard_look"].hardness == 1.0


def test_conditions_are_chosen_by_name_and_by_group() -> None:
    assert conditions_named(["normal"]) == [NORMAL]
    assert [c.name for c in conditions_named(["late", "dark", "late"])] == ["late", "dark"]
    assert conditions_named(["all"]) == list(CONDITIONS.values())
    assert conditions_named(["hard"]) == list(HARD_CONDITIONS.values())
    assert NORMAL not in conditions_named(["hard"])
    with pytest.raises(ValueError, match=r"'foggy'; known are all, hard, normal, dark, .*misplaced_commands"):
        conditions_named(["foggy"])


def test_evaluation_uses_cities_that_training_never_does() -> None:
    rng = np.random.default_rng(0)
    trained = {training_city_name(rng) for _ in range(300)}
    assert all(int(name.split(":")[1]) < HELD_OUT_SEED for name in trained if ":" in name)
    names = {episode.city for episode in episodes(40, seed=2)}
    assert len(names) == 31
    assert all(int(name.split(":")[1]) >= HELD_OUT_SEED for name in names - {"pixelopolis"})


def test_streets_have_no_choice_of_way() -> None:
    names = [episode.city for episode in episodes(12, seed=2, course=Course.STREETS)]
    assert names[::2] == ["square", "curvy", "straight"] * 2
    assert all(name.startswith("circuit:") and int(name[8:]) >= HELD_OUT_SEED for name in names[1::2])
    assert len(set(names)) == 9


def test_a_part_of_a_plan_is_the_same_as_in_the_whole() -> None:
    conditions = conditions_named(["all"])
    whole = episodes(30, seed=4, conditions=conditions)
    assert chosen_episodes([7, 29], seed=4, conditions=conditions) == [whole[7], whole[29]]
    assert episodes(30, seed=5, conditions=conditions)[13].city != whole[13].city


def test_conditions_take_turns_and_each_sees_several_cities() -> None:
    conditions = conditions_named(["dark", "late"])
    plan = episodes(16, seed=1, conditions=conditions)
    assert [episode.condition.name for episode in plan] == ["dark", "late"] * 8
    dark = [episode.city for episode in plan if episode.condition.name == "dark"]
    assert dark.count("pixelopolis") == 2
    assert len(set(dark)) == 7


def test_files_about_a_drive_have_plain_names() -> None:
    [episode] = episodes(1, seed=1, city="maps/my town.yaml")
    assert episode.file_stem("time") == "000-normal-maps-my-town.yaml-time"
    assert chosen_episodes([12], 1, city="random:5")[0].file_stem("wrong_turn") == "012-normal-random-5-wrong_turn"
