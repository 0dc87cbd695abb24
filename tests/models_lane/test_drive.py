"""The car double and journeys, without pictures."""

import math

import pytest

from car.piloting.orders import COMMAND_AFTER_M, COMMAND_BEFORE_M
from city.city import Command
from city.files import load_city
from city.geometry import Pose
from city.route_line import RouteLine
from models.lane.closed_loop.drive import DriveDouble, Mechanics
from models.lane.closed_loop.journey import Journey, Moment

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


def test_a_delay_is_kept_between_two_physics_steps_as_well() -> None:
    car = DriveDouble(Pose(0.0, 0.0, 0.0), Mechanics(delay_s=0.084, motor_lag_s=0.0))
    car.command(0.0, 0.1)
    car.step(0.04)
    car.step(0.04)
    assert car.pose.x_m == 0.0
    car.step(0.04)
    assert car.pose.x_m == pytest.approx(0.1 * 0.036)


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
    assert min(turning) == pytest.approx(max(0.12, movement.start_m - COMMAND_BEFORE_M), abs=0.01)
    assert max(s for s in turning if s < movement.end_m + 0.1) == pytest.approx(
        movement.end_m + COMMAND_AFTER_M, abs=0.01
    )
