"""A pack runs low in mid-ride and is changed while the car, its server and its visitors go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pixelopolis.demo.fleet import Fleet
from tests.end_to_end.conftest import (
    FleetFactory,
    Visitor,
    eventually,
    seconds_until_still,
    truth_of,
    until_moving,
)

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(600)]


async def switch(fleet: Fleet, fault: str, on: bool) -> None:
    await fleet.sim_ask(op="board_fault", car="car-1", fault=fault, on=on)


async def ask(fleet: Fleet, path: str) -> list[dict[str, Any]]:
    """An operator's question."""
    async with httpx.AsyncClient(base_url=fleet.server_url, headers=fleet.keys.operator, timeout=10.0) as client:
        answer: list[dict[str, Any]] = (await client.get(path)).raise_for_status().json()
    return answer


async def the_car(fleet: Fleet) -> dict[str, Any]:
    return (await ask(fleet, "/api/cars"))[0]


async def test_a_low_car_ends_its_ride_and_serves_again_as_the_same_car_with_another_pack(
    make_fleet: FleetFactory, make_visitor: Callable[..., Visitor]
) -> None:
    async with make_fleet(1) as fleet:
        first, second = make_visitor(fleet.server_url, "first"), make_visitor(fleet.server_url, "second")

        async def is_low(wanted: bool) -> bool:
            return bool((await the_car(fleet))["battery_low"] is wanted)

        await first.book("museum")
        await until_moving(fleet, "car-1")
        await switch(fleet, "low_battery", on=True)
        await eventually(lambda: is_low(True), 90, "the car says that its battery is low")
        await first.wait_for("arrived", timeout_s=200)
        await first.end()
        await second.ask()
        await asyncio.sleep(3.0)
        assert (await second.look())["state"] == "waiting", "a low car takes nobody"

        await switch(fleet, "no_battery", on=True)
        assert await seconds_until_still(fleet, "car-1") <= 0.5
        await eventually(lambda: without_pack(fleet), 10, "the server sees a car without a pack")
        await asyncio.sleep(3.0)
        assert (await second.look())["state"] == "waiting"
        await switch(fleet, "low_battery", on=False)  # another pack
        await switch(fleet, "no_battery", on=False)

        await second.choose("wedding_hall")
        assert await is_low(False)
        assert second.ride["car_id"] == first.ride["car_id"]
        assert second.ride["car_device_id"] == first.ride["car_device_id"]
        await second.wait_for("arrived", timeout_s=200)

        history = await ask(fleet, "/api/history")
        kinds = [entry["kind"] for entry in history if entry["kind"].startswith("car.")]
        assert kinds == ["car.battery_swapped", "car.battery_low", "car.joined"], "newest first; it joined once"
        truth = await truth_of(fleet, "car-1")
        assert (truth["collisions"], truth["lane_departures"]) == (0, 0)


async def without_pack(fleet: Fleet) -> bool:
    return bool((await the_car(fleet))["battery_percent"] == 0.0)
