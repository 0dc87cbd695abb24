"""Runs a simulated fleet from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from city.files import load_city
from fleet.clock import ManualClock
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.result import FleetResult
from pixelopolis.evaluation.fleet.stage import Stage
from pixelopolis.evaluation.fleet.wait_bound import wait_bound_s
from server.store.open import open_store
from server.traffic.road import Road

STUCK_AFTER_S = 900.0  # without a visitor's leave or a fault's end: what is still under way never ends


async def run_fleet(plan: FleetPlan, on_progress: Callable[[float], None] = lambda _: None) -> FleetResult:
    """Simulate a plan; `on_progress` is told the seconds that have passed in it.

    Raises:
        CityError: if there is no such city.
        SpawnError, CityTooTightError: if it has no room for so many cars.
        RenderError, ModelError: if pictures are wanted and there can be none.
    """
    begun_s = time.monotonic()
    city = load_city(plan.city)
    store = await open_store("sqlite::memory:")
    try:
        stage = Stage(plan, city, store)
        await stage.open()
        while stage.clock.now_s() < plan.seconds:
            await stage.step()
            on_progress(stage.clock.now_s())
        for visitor in stage.visitors:
            visitor.is_leaving = True
        await serve_the_last(stage)
    finally:
        await store.close()
    return FleetResult(
        plan,
        [trip for visitor in stage.visitors for trip in visitor.trips],
        stage.chaos.cases,
        stage.world.collisions,
        stage.lane_departures,
        stage.movement.deadlocks,
        stage.waits.longest,
        wait_bound_s(city, Road(city), plan.cars),
        stage.pack_care.swaps,
        stage.clock.now_s(),
        time.monotonic() - begun_s,
        stage.closeness.smallest,
        stage.closeness.touches,
    )


class Leaving(Protocol):
    """What is left of a run when nobody comes any more."""

    clock: ManualClock

    @property
    def under_way(self) -> int:
        """How much is left."""

    async def step(self) -> None:
        """Let a tick pass."""


async def serve_the_last(leaving: Leaving) -> None:
    """Go on until all is quiet, or stuck: a line before a place is served to its end, however long it is."""
    fewest, changed_s = leaving.under_way, leaving.clock.now_s()
    while leaving.under_way and leaving.clock.now_s() < changed_s + STUCK_AFTER_S:
        await leaving.step()
        if leaving.under_way < fewest:
            fewest, changed_s = leaving.under_way, leaving.clock.now_s()
