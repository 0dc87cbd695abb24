"""Runs a simulated fleet from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable

from city.files import load_city
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.result import FleetResult
from pixelopolis.evaluation.fleet.stage import Stage
from pixelopolis.evaluation.fleet.wait_bound import wait_bound_s
from server.store.open import open_store
from server.traffic.road import Road

LAST_VISITORS_S = 900.0  # so long the last visitors are served, and the last faults are waited for


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
        while stage.clock.now_s() < plan.seconds + LAST_VISITORS_S and not stage.is_quiet:
            await stage.step()
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
    )
