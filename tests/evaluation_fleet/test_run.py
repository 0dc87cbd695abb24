"""Whole fleets for a few simulated minutes: visitors arrive, faults heal, the same seed gives the same run."""

from __future__ import annotations

import asyncio
import json
import math

import pytest
import typer
from typer.testing import CliRunner

from city.files import load_city
from city.geometry import Pose
from fleet.clock import ManualClock
from fleet.vehicle import DEFAULT_VEHICLE
from pixelopolis.commands.evaluate_fleet import evaluate_fleet
from pixelopolis.errors import UsageError
from pixelopolis.evaluation.fleet.faults import Fault, FaultKind
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.run import STUCK_AFTER_S, serve_the_last
from pixelopolis.evaluation.fleet.stage import WATCH_EVERY, Stage
from server.store.open import open_store

PROMISED = {"trips", "arrived", "wrong_place", "collisions", "lane_departures", "seconds", "cars", "sim_seconds"}
PROMISED |= {"deadlocks", "longest_wait_s", "lost_rides"}
FAULT_S = 12.0
LONGEST_S = 150.0


def test_the_same_seed_gives_the_same_run() -> None:
    async def driven() -> list[Pose]:
        store = await open_store("sqlite::memory:")
        stage = Stage(FleetPlan(2, 0.2, "pixelopolis", faults=2, seed=6), load_city("pixelopolis"), store)
        await stage.open()
        while stage.clock.now_s() < 10.0:
            await stage.step()
        await store.close()
        return [stage.world.pose(name) for name in stage.cars]

    first, again = (asyncio.run(driven()) for _ in range(2))
    assert first == again


def test_two_cars_that_stand_close_are_noticed() -> None:
    async def watched() -> Stage:
        store = await open_store("sqlite::memory:")
        stage = Stage(FleetPlan(2, 0.2, "pixelopolis", seed=6), load_city("pixelopolis"), store)
        await stage.open()
        ahead, behind_m = stage.world.pose("car-1"), DEFAULT_VEHICLE.length_m + 0.03
        x_m, y_m = (
            ahead.x_m - behind_m * math.cos(ahead.heading_rad),
            ahead.y_m - behind_m * math.sin(ahead.heading_rad),
        )
        stage.world.place("car-2", Pose(x_m, y_m, ahead.heading_rad))
        for _ in range(WATCH_EVERY):
            await stage.step()
        await store.close()
        return stage

    closeness = asyncio.run(watched()).closeness
    assert closeness.smallest.gap_m == pytest.approx(0.03, abs=0.001)
    assert closeness.smallest.car_ids == ("car-1", "car-2")
    assert closeness.touches == []


class Line:
    """Visitors of whom one leaves every so often, until only those are left who never do."""

    def __init__(self, visitors: int, every_s: float, forever: int = 0) -> None:
        self.clock = ManualClock()
        self._visitors, self._every_s, self._forever = visitors, every_s, forever

    @property
    def under_way(self) -> int:
        return max(self._forever, self._visitors - int(self.clock.now_s() / self._every_s))

    async def step(self) -> None:
        self.clock.advance(1.0)


def test_a_long_line_is_served_to_its_end() -> None:
    line = Line(40, every_s=60.0)
    asyncio.run(serve_the_last(line))
    assert (line.under_way, line.clock.now_s()) == (0, 2400.0)


def test_a_line_in_which_nobody_gets_on_is_given_up() -> None:
    line = Line(3, every_s=60.0, forever=2)
    asyncio.run(serve_the_last(line))
    assert (line.under_way, line.clock.now_s()) == (2, 60.0 + STUCK_AFTER_S)


QUICK = [kind for kind in FaultKind if kind is not FaultKind.EMPTY_BATTERY]


@pytest.mark.parametrize("kind", [*QUICK, pytest.param(FaultKind.EMPTY_BATTERY, marks=pytest.mark.slow)])
def test_after_each_kind_of_fault_the_fleet_is_back_in_service(kind: FaultKind) -> None:
    async def heal() -> tuple[float | None, int, int]:
        store = await open_store("sqlite::memory:")
        city = load_city("pixelopolis")
        stage = Stage(FleetPlan(2, 1.0, "pixelopolis", faults=1, seed=5), city, store)
        lasts_s = 0.0 if kind in (FaultKind.KILL_CAR, FaultKind.KILL_SERVER, FaultKind.EMPTY_BATTERY) else 5.0
        about_a_car = kind not in (FaultKind.KILL_SERVER, FaultKind.BLOCK_ROAD, FaultKind.CLOSE_ROAD)
        fault = Fault(kind, FAULT_S, FAULT_S + lasts_s, "car-1" if about_a_car else "", edge=None if about_a_car else 4)
        stage.chaos.schedule([fault])
        await stage.open()
        [case] = stage.chaos.cases
        while not case.is_closed and stage.clock.now_s() < LONGEST_S:
            await stage.step()
        await store.close()
        return case.recovery_s, stage.world.collisions, stage.lane_departures

    recovery_s, collisions, departures = asyncio.run(heal())
    assert recovery_s is not None
    assert (collisions, departures) == (0, 0)


def invoke(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(evaluate_fleet)
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, UsageError):
        raise result.exception
    return result.exit_code, result.stdout


def test_the_command_writes_figures_and_says_whether_all_is_well() -> None:
    status, text = invoke("--cars", "1", "--minutes", "0.5", "--seed", "2", "--json", "-")
    figures = json.loads(text)
    assert status == 0
    assert set(figures) >= PROMISED
    assert figures["cars"] == 1
    assert figures["arrived"] == figures["trips"] >= 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--vision", "x-ray"), "full, surrogate"),
        (("--city", "atlantis"), "atlantis"),
        (("--cars", "200"), "room"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        invoke(*arguments)


@pytest.mark.slow
def test_networks_on_rendered_pictures_drive_a_fleet() -> None:
    status, text = invoke("--cars", "2", "--minutes", "1", "--vision", "full", "--json", "-")
    figures = json.loads(text)
    assert (status, figures["problems"]) == (0, [])
    assert figures["arrived"] >= 1
