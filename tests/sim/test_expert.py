"""The expert behind a lagging motor and a late command stays near the middle of every road, and comes back to it."""

import itertools
import math
from collections import deque

import numpy as np
import pytest

from city.city import City
from city.files import load_city
from city.geometry import Pose
from city.route_line import RouteLine
from sim.expert import beside, disturbed_pose, expert_curvature, wandering_route
from sim.lane_watch import LaneWatch
from sim.physics import LaggedDrive, advance, wheel_speeds
from sim.road import road_map

SPEED_MPS = 0.14
STEP_S = 0.02
FRAME_STEPS = 2  # 25 frames a second
DELAY_STEPS = 3


def drive(city: City, line: RouteLine, start: Pose, s_m: float) -> tuple[list[float], int]:
    """Deviations from the line until its end, and lane departures. Motor lag 40 ms, commands 60 ms late."""
    motors, watch, pose = LaggedDrive(lag_s=0.04), LaneWatch(road_map(city)), start
    motors.set_goal(*wheel_speeds(SPEED_MPS, 0.0))
    commands: deque[tuple[int, tuple[float, float]]] = deque()
    deviations_m: list[float] = []
    for step in range(round(3 * line.length_m / SPEED_MPS / STEP_S)):
        if step % FRAME_STEPS == 0:
            curvature = expert_curvature(line, pose, s_m)
            commands.append((step + DELAY_STEPS, wheel_speeds(SPEED_MPS, curvature)))
        if commands and commands[0][0] <= step:
            motors.set_goal(*commands.popleft()[1])
        motors.step(STEP_S)
        pose = advance(pose, motors.left_velocity_rad_s, motors.right_velocity_rad_s, STEP_S)
        here = line.project(pose.x_m, pose.y_m, s_m)
        s_m = here.s_m
        deviations_m.append(abs(here.lateral_m))
        watch.update(pose)
        if s_m > line.length_m - 0.05:
            return deviations_m, watch.departures
    raise AssertionError("the expert did not arrive")


@pytest.mark.parametrize("name", ["pixelopolis", "square", "curvy", "random:11", "random:12"])
def test_stays_within_15_mm_on_the_ways_through_a_city(name: str) -> None:
    city = load_city(name)
    every = 3 if name.startswith("random") else 1
    for edges in list(city.movements)[::every]:
        line = RouteLine(city, edges)
        deviations_m, departures = drive(city, line, line.pose_at(0.0), 0.0)
        assert max(deviations_m) < 0.015
        assert departures == 0


def test_comes_back_from_8_cm_and_20_degrees_without_leaving_the_lane() -> None:
    city = load_city("pixelopolis")
    offsets = itertools.cycle(itertools.product((0.08, -0.08), (20.0, -20.0)))
    for edges in city.movements:
        line = RouteLine(city, edges)
        lateral_m, turn_deg = next(offsets)
        s_m = line.edge_end_m(0) - 0.15  # on its way into the turn
        start = beside(line, s_m, lateral_m, math.radians(turn_deg))
        deviations_m, departures = drive(city, line, start, s_m)
        assert departures == 0
        assert deviations_m[-1] < 0.015


def test_on_a_straight_line_it_drives_straight_and_mirrors() -> None:
    line = RouteLine(load_city("straight"), (1,))
    assert expert_curvature(line, beside(line, 1.0, 0.0, 0.0)) == pytest.approx(0.0, abs=1e-9)
    right = expert_curvature(line, beside(line, 1.0, 0.03, 0.1))
    assert right < 0
    assert expert_curvature(line, beside(line, 1.0, -0.03, -0.1)) == pytest.approx(-right)


def test_on_a_bend_it_drives_the_bend_and_at_the_end_straight_on() -> None:
    line = RouteLine(load_city("pixelopolis"), (1,))
    assert expert_curvature(line, line.pose_at(0.6)) == pytest.approx(1 / 1.2, rel=0.02)
    assert abs(expert_curvature(line, line.pose_at(line.length_m))) < 0.01


def test_never_asks_for_more_than_full_steering() -> None:
    line = RouteLine(load_city("straight"), (1,))
    assert expert_curvature(line, beside(line, 1.0, 0.1, 1.0)) == -5.0


def test_disturbed_poses_fill_their_bounds() -> None:
    line = RouteLine(load_city("straight"), (1,))
    rng = np.random.default_rng(4)
    poses = [disturbed_pose(line, 1.0, rng, 0.05, 0.2) for _ in range(300)]
    laterals = np.array([line.project(p.x_m, p.y_m).lateral_m for p in poses])
    turns = np.array([p.heading_rad for p in poses])
    assert 0.045 < np.abs(laterals).max() <= 0.05
    assert 0.18 < np.abs(turns).max() <= 0.2


def test_a_wandering_route_is_one_that_can_be_driven() -> None:
    city = load_city("pixelopolis")
    edges = wandering_route(city, 8, 12, np.random.default_rng(1))
    assert len(edges) == 12
    assert RouteLine(city, edges).edges == edges
