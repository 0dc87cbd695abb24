"""Rides on the whole system, and what happens when a part of it is killed."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable

import pytest

from city.files import load_city
from pixelopolis.demo.trips import run_trips
from tests.end_to_end.conftest import (
    FleetFactory,
    Visitor,
    eventually,
    seconds_until_still,
    truth_of,
    until_moving,
)

pytestmark = [pytest.mark.alone, pytest.mark.timeout(400)]
MakeVisitor = Callable[..., Visitor]


async def test_two_cars_take_two_visitors_where_they_want(make_fleet: FleetFactory) -> None:
    async with make_fleet(2) as fleet:
        result = await run_trips(fleet, load_city("pixelopolis"), count=2, seed=1_000_001)
    assert result.as_json()["arrived"] == 2, result
    assert result.all_well, result


async def test_a_killed_server_stops_the_car_and_the_ride_goes_on_after_its_return(
    make_fleet: FleetFactory, make_visitor: MakeVisitor
) -> None:
    async with make_fleet(1) as fleet:
        visitor = make_visitor(fleet.server_url)
        await visitor.book("museum")
        await until_moving(fleet, "car-1")
        before = await visitor.look()
        fleet.processes["server"].send(signal.SIGKILL)
        assert await seconds_until_still(fleet, "car-1") <= 1.0
        await asyncio.sleep(1.0)
        assert await seconds_until_still(fleet, "car-1") < 0.1, "it stays where it is"
        await fleet.restart("server")
        await visitor.wait_for("arrived", timeout_s=200)
        after = await visitor.look()
        for key in ("ride_id", "station_device_id", "car_id", "car_device_id", "place_id"):
            assert after[key] == before[key]
        truth = await truth_of(fleet, "car-1")
        assert truth["edge"] == load_city("pixelopolis").places["museum"].edge
        assert (truth["collisions"], truth["lane_departures"]) == (0, 0)


async def test_a_killed_car_stops_blocks_its_road_and_comes_back(
    make_fleet: FleetFactory, make_visitor: MakeVisitor
) -> None:
    async with make_fleet(3) as fleet:
        visitor = make_visitor(fleet.server_url)
        await visitor.book("wedding_hall")
        car_id = visitor.ride["car_id"]
        await until_moving(fleet, car_id)
        fleet.processes[car_id].send(signal.SIGKILL)
        assert await seconds_until_still(fleet, car_id) <= 0.3
        stood = await truth_of(fleet, car_id)
        await visitor.wait_for("interrupted", timeout_s=10)

        begun_s = time.monotonic()
        while time.monotonic() - begun_s < 20:  # the others drive on, or wait; nobody touches it
            status = await fleet.sim_ask(op="status")
            assert status["collisions"] == 0
            await asyncio.sleep(0.5)
        now = await truth_of(fleet, car_id)
        assert (now["x_m"], now["y_m"]) == pytest.approx((stood["x_m"], stood["y_m"]), abs=1e-3)

        await fleet.restart(car_id)

        async def back_in_service() -> bool:
            return bool((await visitor.look())["state"] in ("riding", "arrived"))

        await eventually(back_in_service, 60, "the car knows where it is and the ride goes on")
        await visitor.wait_for("arrived", timeout_s=200)
        status = await fleet.sim_ask(op="status")
        assert (status["collisions"], status["lane_departures"]) == (0, 0)


async def test_a_frozen_camera_stops_the_car(make_fleet: FleetFactory) -> None:
    async with make_fleet(1) as fleet:
        await until_moving(fleet, "car-1")
        await fleet.sim_ask(op="freeze_camera", car="car-1", frozen=True)
        assert await seconds_until_still(fleet, "car-1") <= 0.6
        await fleet.sim_ask(op="freeze_camera", car="car-1", frozen=False)
        await until_moving(fleet, "car-1")


async def test_a_car_is_given_three_urls_and_nothing_else(make_fleet: FleetFactory) -> None:
    async with make_fleet(1) as fleet:
        await until_moving(fleet, "car-1")
        with open(f"/proc/{fleet.processes['car-1'].pid}/cmdline", "rb") as file:  # noqa: ASYNC230, PTH123  # procfs
            words = file.read().decode().split("\0")
        options = dict(zip(words[words.index("--id") :: 2], words[words.index("--id") + 1 :: 2], strict=False))
        assert set(options) == {"--id", "--server", "--camera", "--board", "--stream-port"}
        assert options["--server"] == fleet.server_url
        assert options["--camera"].startswith("tcp://")
        assert options["--board"].startswith("socket://")
        assert fleet.sim["control"].rsplit(":", 1)[1] not in " ".join(words), "the truth's port is not among them"


async def test_leaving_the_fleet_leaves_no_process_behind(make_fleet: FleetFactory) -> None:
    async with make_fleet(2) as fleet:
        processes = dict(fleet.processes)
        assert all(process.running for process in processes.values())
    assert set(processes) == {"sim", "server", "car-1", "car-2"}
    assert not any(process.running for process in processes.values())
