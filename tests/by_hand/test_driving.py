"""A held car driven by hand round corners, with another car about, in the real rules and the simulated world."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import pytest

from car.piloting.speed import HAND_MPS
from city.city import Command
from fleet.messages import DriveMode, HandLimit
from fleet.views import CarStatus
from pixelopolis.evaluation.fleet.vision import Vision
from server.fleet_control.clearance import STANDS_AFTER_S
from server.fleet_control.operations import release_car
from server.traffic.planning import STANDING_MPS as REPORTED_STANDING_MPS
from tests.by_hand.operator import DRIVEN, OTHER, STANDING_MPS, Operator, operator

STEERINGS = (-0.5, 0.1)  # that are held, on a straight road before a turn to the left
PLACE_ERROR_M = 0.1  # that a car may be mistaken about its place along its lane


def watch_nodes(driver: Operator) -> None:
    """Whoever is in the middle of a node holds it, and alone."""
    way = driver.dispatcher.fleet.right_of_way
    for car_id in (DRIVEN, OTHER):
        here = driver.stage.world.truth(car_id).whereabouts
        if here.movement is None:
            continue
        length_m = driver.city.movements[here.movement].curve.length_m
        if PLACE_ERROR_M < here.s_m < length_m - PLACE_ERROR_M:
            assert way.node_holders(driver.city.edges[here.movement[0]].end) == [car_id]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("vision", [Vision.SURROGATE, pytest.param(Vision.FULL, marks=pytest.mark.slow)])
async def test_round_the_corner_by_hand_while_another_car_drives(vision: Vision) -> None:
    async with operator(vision) as driver:
        await driver.take_wheel()
        driver.grips = True
        driver.watch = lambda: watch_nodes(driver)
        other = driver.dispatcher.car(OTHER).step_edges[0]
        entered = [driver.car.step_edges[0]]

        def note() -> bool:
            edge = driver.stage.world.truth(DRIVEN).whereabouts.edge
            if edge is not None and entered[-1] != edge:
                entered.append(edge)
            return len(entered) > 2

        assert await driver.run(40.0, note)
        turns = [driver.city.movements[way].command for way in pairwise(entered)]
        assert turns == [Command.LEFT, Command.FORWARD]
        assert driver.dispatcher.car(OTHER).step_edges[0] != other
        report = driver.car.report
        assert report is not None
        assert (report.mode, report.limited_by) == (DriveMode.MANUAL, HandLimit.SPEED)
        assert report.speed_mps == pytest.approx(HAND_MPS, abs=0.01)
        assert (driver.stage.world.collisions, driver.stage.lane_departures) == (0, 0)
        assert driver.dispatcher.fleet.acts.held_cars == (DRIVEN,)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("vision", [Vision.SURROGATE, pytest.param(Vision.FULL, marks=pytest.mark.slow)])
async def test_a_careless_hand_is_stopped_before_a_wheel_leaves_the_lane(vision: Vision) -> None:
    for steering in STEERINGS:
        async with operator(vision) as driver:
            await driver.take_wheel()
            driver.steer = partial(float, steering)
            driver.grips = True
            assert await driver.run(20.0, partial(_is_out, driver)), f"steering {steering}"
            driver.grips = False
            await driver.run(1.0)
            assert driver.true_mps < STANDING_MPS
            assert (driver.stage.world.collisions, driver.stage.lane_departures) == (0, 0), f"steering {steering}"


def _is_out(driver: Operator) -> bool:
    return driver.car.is_out_of_lane


@pytest.mark.slow
async def test_the_operator_chooses_the_turn() -> None:
    async with operator() as driver:
        await driver.take_wheel()
        driver.grips = True
        assert await driver.run(5.0, lambda: driver.view is not None and len(driver.view.choices) == 2)
        assert driver.view is not None
        planned = driver.view.choice
        wished = next(turn for turn in driver.view.choices if turn is not planned)
        driver.turn = wished
        assert await driver.run(1.0, lambda: driver.view is not None and driver.view.choice is wished)
        assert await driver.run(30.0, lambda: driver.view is not None and driver.view.turn is wished)
        here, there = driver.car.step_edges[:2]
        assert await driver.run(30.0, lambda: driver.car.step_edges[0] == there)
        assert driver.city.movements[here, there].command is wished
        assert (driver.stage.world.collisions, driver.stage.lane_departures) == (0, 0)


async def test_it_does_not_drive_into_a_car_that_stands_ahead() -> None:
    async with operator() as driver:
        await driver.take_wheel()
        await driver.hold(OTHER)
        pose = driver.city.edges[14].curve.pose_at(0.55)
        driver.stage.world.place(OTHER, pose)
        driver.grips = True
        await driver.run(20.0)
        assert driver.stage.world.collisions == 0
        assert driver.true_mps < STANDING_MPS
        gap_m = _distance_m(driver)
        assert 0.19 < gap_m < 0.60
        assert driver.view is not None
        assert driver.view.limited_by in (HandLimit.CAR, HandLimit.ROAD)


def _distance_m(driver: Operator) -> float:
    a, b = driver.stage.world.pose(DRIVEN), driver.stage.world.pose(OTHER)
    return float(((a.x_m - b.x_m) ** 2 + (a.y_m - b.y_m) ** 2) ** 0.5)


async def test_out_of_its_lane_it_moves_only_while_all_others_stand_and_then_finds_itself() -> None:
    async with operator() as driver:
        await driver.take_wheel()
        driver.grips = True
        await driver.run(2.0)
        driver.steer = lambda: 1.0
        assert await driver.run(10.0, lambda: driver.car.is_out_of_lane)
        assert await driver.run(1.0, lambda: driver.true_mps < STANDING_MPS)
        at_s = driver.stage.clock.now_s()
        assert await driver.run(5.0, lambda: driver.true_mps > 0.03)
        assert driver.stage.clock.now_s() - at_s >= STANDS_AFTER_S - 0.5

        def others_stand() -> None:
            if driver.true_mps > STANDING_MPS:
                assert abs(driver.stage.world.truth(OTHER).speed_mps) <= REPORTED_STANDING_MPS

        driver.watch = others_stand
        await driver.run(4.0)
        assert driver.car.status is CarStatus.LOCALISING
        assert driver.view is not None
        assert (driver.view.place_known, driver.view.limited_by) == (False, HandLimit.OFF_LANE)
        driver.grips = False
        driver.watch = lambda: None
        await driver.run(1.0)
        driver.stage.world.place(DRIVEN, driver.city.edges[14].curve.pose_at(0.2))
        await driver.dispatcher.operate(lambda fleet: release_car(fleet, DRIVEN))
        assert await driver.run(60.0, lambda: driver.car.is_fit and driver.true_mps > 0.05)
        assert driver.stage.world.collisions == 0
