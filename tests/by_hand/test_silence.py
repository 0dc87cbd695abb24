"""Whatever falls silent, or is taken back, while a car is driven by hand: the wheels stand soon, and stay so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

import pytest

from car.piloting.intent import FRAME_TIMEOUT_S
from car.piloting.speed import DECELERATION_MPS2, HAND_MPS
from fleet.messages import HAND_TIMEOUT_S
from pixelopolis.evaluation.fleet.board import HEARTBEAT_TIMEOUT_S
from server.dispatch.dispatcher import STEP_PERIOD_S
from server.fleet_control import operations
from tests.by_hand.operator import DRIVEN, STANDING_MPS, Operator, operator

ON_THE_WAY_S = 0.1  # a message, a period of the control loop, the motors' lag
BRAKING_S = HAND_MPS / DECELERATION_MPS2
AT_ONCE_S = ON_THE_WAY_S + BRAKING_S + 0.1
BY_SILENCE_S = AT_ONCE_S + HAND_TIMEOUT_S
FOR_EVER_S = 1e6


class Cut(NamedTuple):
    """Something that ends, within what time the wheels have to stand, and how it is mended."""

    name: str
    cut: Callable[[Operator], Awaitable[None]]
    within_s: float
    mend: Callable[[Operator], Awaitable[None]]


async def nothing(_: Operator) -> None:
    """Nothing to do."""


async def page_falls_silent(driver: Operator) -> None:
    driver.is_cut_off = True


async def page_is_back(driver: Operator) -> None:
    driver.is_cut_off = False


async def switch_is_let_go(driver: Operator) -> None:
    driver.grips = False


async def page_is_closed(driver: Operator) -> None:
    assert driver.hand is not None
    driver.dispatcher.driving.leave(DRIVEN, driver.hand)


async def page_is_opened(driver: Operator) -> None:
    driver.hand = driver.dispatcher.driving.take(DRIVEN, "alice")


async def all_are_stopped(driver: Operator) -> None:
    await driver.dispatcher.brake(operations.stop_all)


async def all_go_on(driver: Operator) -> None:
    await driver.dispatcher.operate(operations.resume_all)


async def line_falls_silent(driver: Operator) -> None:
    driver.stage.cars[DRIVEN].line.late_s = FOR_EVER_S


async def line_is_back(driver: Operator) -> None:
    driver.stage.cars[DRIVEN].line.late_s = 0.0
    driver.stage.cars[DRIVEN].line.hang_up()


async def server_is_killed(driver: Operator) -> None:
    driver.stage.server.kill()
    driver.is_cut_off = True


async def server_is_back(driver: Operator) -> None:
    await driver.stage.server.start()
    await driver.run(5.0)
    driver.is_cut_off = False
    await page_is_opened(driver)


async def camera_freezes(driver: Operator) -> None:
    driver.stage.cars[DRIVEN].freeze_camera(True)


async def camera_is_back(driver: Operator) -> None:
    driver.stage.cars[DRIVEN].freeze_camera(False)


async def car_is_killed(driver: Operator) -> None:
    driver.stage.cars[DRIVEN].kill()


CUTS = (
    Cut("the switch is let go", switch_is_let_go, AT_ONCE_S, nothing),
    Cut("the page falls silent", page_falls_silent, BY_SILENCE_S + STEP_PERIOD_S, page_is_back),
    Cut("the page is closed", page_is_closed, AT_ONCE_S, page_is_opened),
    Cut("somebody holds the car again", Operator.hold, AT_ONCE_S, nothing),
    Cut("all cars are stopped", all_are_stopped, AT_ONCE_S, all_go_on),
    Cut("the line to the car falls silent", line_falls_silent, BY_SILENCE_S, line_is_back),
    Cut("the server is killed", server_is_killed, BY_SILENCE_S, server_is_back),
    Cut("the camera freezes", camera_freezes, AT_ONCE_S + FRAME_TIMEOUT_S, camera_is_back),
    Cut("the car's process is killed", car_is_killed, AT_ONCE_S + HEARTBEAT_TIMEOUT_S, nothing),
)


@pytest.mark.timeout(300)
async def test_silence_on_every_hop_stops_the_wheels() -> None:
    async with operator() as driver:
        await driver.take_wheel()
        for cut in CUTS:
            driver.grips = True
            assert await driver.run(3.0, lambda: driver.true_mps > 0.95 * HAND_MPS), cut.name
            before, cut_s = driver.stage.world.pose(DRIVEN), driver.stage.clock.now_s()
            await cut.cut(driver)
            assert await driver.run(2.0, lambda: driver.true_mps < STANDING_MPS), cut.name
            took_s = driver.stage.clock.now_s() - cut_s
            after = driver.stage.world.pose(DRIVEN)
            way_m = ((after.x_m - before.x_m) ** 2 + (after.y_m - before.y_m) ** 2) ** 0.5
            print(f"{cut.name}: {took_s:.2f} s, {100 * way_m:.1f} cm")  # noqa: T201  # the figures
            assert took_s <= cut.within_s, cut.name
            await cut.mend(driver)
            await driver.run(1.5)
            assert driver.true_mps < STANDING_MPS, f"after {cut.name} the switch has to be let go"
            driver.grips = False
            await driver.run(0.5)


@pytest.mark.slow
async def test_a_released_car_stands_before_it_drives_on_by_itself() -> None:
    async with operator() as driver:
        await driver.take_wheel()
        driver.grips = True
        assert await driver.run(3.0, lambda: driver.true_mps > 0.95 * HAND_MPS)
        await driver.dispatcher.operate(partial(operations.release_car, car_id=DRIVEN))
        assert await driver.run(1.0, lambda: driver.true_mps < 0.01)
        assert await driver.run(3.0, lambda: driver.true_mps > HAND_MPS)
