"""The car double and journeys, without pictures."""

import math

import numpy as np
import pytest

from city.city import Command
from city.files import load_city
from city.geometry import Pose
from city.route_line import RouteLine
from models.lane.drive import DriveDouble, Mechanics
from models.lane.evaluate import NORMAL, Episode, drive_episode, episodes, figures, report
from models.lane.journey import Journey, Moment
from models.lane.scenes import HELD_OUT_SEED, training_city_name

CITY = load_city("pixelopolis")


def test_the_wheels_answer_after_the_delay() -> None:
    car = DriveDouble(Pose(0.0, 0.0, 0.0), Mechanics(delay_s=0.07))
    car.command(0.0, 0.14)
    car.step(0.07)
    assert car.pose.x_m == 0.0
    car.step(1.0)
    assert 0.12 < car.pose.x_m < 0.14


def test_positive_steering_turns_right() -> None:
    car = DriveDouble(Pose(0.0, 0.0, 0.0), Mechanics())
    car.command(0.5, 0.14)
    car.step(1.0)
    assert car.pose.y_m < -0.01
    assert car.pose.heading_rad < -0.1


def test_a_faster_left_wheel_pulls_to_the_right() -> None:
    car = DriveDouble(Pose(0.0, 0.0, 0.0), Mechanics(left_gain=1.01, right_gain=0.99))
    car.command(0.0, 0.14)
    car.step(1.0)
    assert car.pose.heading_rad < 0


def test_steering_is_the_curvature_that_it_says() -> None:
    car = DriveDouble(Pose(0.0, 0.0, 0.0), Mechanics(delay_s=0.0, motor_lag_s=0.0))
    car.command(-0.5, 0.1)
    car.step(math.pi / 2 * 0.4 / 0.1)  # a quarter of a circle of radius 0.4 m
    assert car.pose.x_m == pytest.approx(0.4, abs=0.01)
    assert car.pose.y_m == pytest.approx(0.4, abs=0.01)


def test_the_expert_keeps_its_lane_with_every_handicap() -> None:
    results = [drive_episode(episode, "expert") for episode in episodes(2, seed=3)]
    found = figures(results)
    assert found["departures"] == found["wrong_turns"] == 0
    assert found["survival_s_median"] == pytest.approx(60.0, abs=0.05)
    assert found["lateral_p95_m"] < 0.02


def test_who_never_steers_leaves_the_road() -> None:
    result = drive_episode(Episode(1, 0, NORMAL, "square"), "straight")
    assert result.why == "departure"
    assert result.seconds < 60


def test_episodes_repeat() -> None:
    episode = Episode(5, 1, NORMAL, "random:1000005", seconds=8.0)
    first, second = drive_episode(episode, "expert"), drive_episode(episode, "expert")
    assert np.array_equal(first.path_m, second.path_m)


def test_going_straight_on_where_a_turn_was_commanded_is_a_wrong_turn() -> None:
    left = next(
        m for m in CITY.movements.values() if m.command is Command.LEFT and len(CITY.successors(m.from_edge)) > 1
    )
    onward = next(m for m in CITY.successors(left.from_edge) if m.command is Command.FORWARD)
    commanded = RouteLine(CITY, [left.from_edge, left.to_edge, CITY.successors(left.to_edge)[0].to_edge])
    driven = RouteLine(CITY, [onward.from_edge, onward.to_edge, CITY.successors(onward.to_edge)[0].to_edge])
    journey = Journey(CITY, commanded, Mechanics())

    def go_straight(moment: Moment) -> float:
        from models.lane.labels import lane_label

        return lane_label(driven, moment.pose).steering

    assert journey.drive(60.0, go_straight).why == "wrong_turn"


def test_commands_of_a_journey_come_before_the_stop_line_and_go_after_the_movement() -> None:
    left = next(m for m in CITY.movements.values() if m.command is Command.LEFT)
    line = RouteLine(CITY, [left.from_edge, left.to_edge, CITY.successors(left.to_edge)[0].to_edge])
    movement = line.segments[1]
    heard: list[tuple[float, Command]] = []

    def expert(moment: Moment) -> float:
        heard.append((moment.label.station_m, moment.command))
        return moment.label.steering

    Journey(CITY, line, Mechanics()).drive(60.0, expert)
    turning = [station for station, command in heard if command is Command.LEFT]
    assert min(turning) == pytest.approx(max(0.12, movement.start_m - 0.45), abs=0.01)
    assert max(s for s in turning if s < movement.end_m + 0.1) == pytest.approx(movement.end_m + 0.05, abs=0.01)


def test_evaluation_uses_cities_that_training_never_does() -> None:
    rng = np.random.default_rng(0)
    trained = {training_city_name(rng) for _ in range(300)}
    assert all(int(name.split(":")[1]) < HELD_OUT_SEED for name in trained if name.startswith("random:"))
    names = {episode.city for episode in episodes(40, seed=2)}
    assert len(names) == 31
    assert all(int(name.split(":")[1]) >= HELD_OUT_SEED for name in names - {"pixelopolis"})


def test_the_report_has_the_contracts_keys() -> None:
    result = drive_episode(Episode(1, 0, NORMAL, "curvy", seconds=4.0), "expert")
    found = report([result])
    keys = {
        "episodes",
        "departures",
        "wrong_turns",
        "survival_s_median",
        "lane_width_m",
        "lateral_mean_m",
        "lateral_p95_m",
    }
    assert keys <= found.keys()
    assert found["conditions"]["normal"].keys() == keys
