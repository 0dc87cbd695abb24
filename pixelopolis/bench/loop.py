"""The control loop of three cars that drive in the real system on this machine."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import httpx

from pixelopolis.bench.figure import Figure
from pixelopolis.demo.fleet import Fleet, FleetOptions

CARS = 3
DRIVE_S = 60.0
SEED = 1_000_007  # a world that no training used


def bench_loop() -> list[Figure]:
    """Drive three cars for a minute; delays from picture to wheels, rate and missed deadlines of the worst car."""
    return asyncio.run(_bench())


async def _bench() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="pixelopolis-bench-") as work_dir:
        options = FleetOptions(CARS, "pixelopolis", SEED, "sqlite::memory:", Path(work_dir))
        async with Fleet(options, restarts=False) as fleet, httpx.AsyncClient(timeout=5.0) as client:
            before = await _loops(fleet, client)
            await asyncio.sleep(DRIVE_S)
            fleet.check()
            after = await _loops(fleet, client)
            truth = await fleet.sim_ask(op="status")
    steps = {car: after[car]["steps"] - before[car]["steps"] for car in after}
    missed = {car: after[car]["missed_deadlines"] - before[car]["missed_deadlines"] for car in after}
    return [
        Figure("frame to wheels p50", max(loop["frame_to_wheels_p50_ms"] for loop in after.values()), "ms"),
        Figure("frame to wheels p99", max(loop["frame_to_wheels_p99_ms"] for loop in after.values()), "ms"),
        Figure("control step p50", max(loop["step_p50_ms"] for loop in after.values()), "ms"),
        Figure("control step p99", max(loop["step_p99_ms"] for loop in after.values()), "ms"),
        Figure("control rate", min(steps.values()) / DRIVE_S, "Hz"),
        Figure("missed deadlines", 100 * max(missed[car] / max(1, steps[car]) for car in after), "%"),
        Figure("contacts", truth["collisions"], ""),
        Figure("lane departures", truth["lane_departures"], ""),
    ]


async def _loops(fleet: Fleet, client: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    loops = {}
    for car, port in fleet.car_ports.items():
        answer = await client.get(f"http://{fleet.options.host}:{port}/metrics.json")
        loops[car] = answer.raise_for_status().json()["loop"]
    return loops
