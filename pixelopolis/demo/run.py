"""What `pixelopolis demo` does, from the first process to the last."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from city.city import City
from city.files import load_city
from pixelopolis.demo.fleet import Fleet, FleetOptions, free_port, is_free
from pixelopolis.demo.trips import Trip, TripsResult, run_trips
from pixelopolis.output import write_json

TABLE_PERIOD_S = 0.5


def run_demo(cars: int, city: str, seed: int, trips: int, store: str | None, port: int, json_file: str | None) -> int:
    """Run until Ctrl-C, or until `trips` rides are done.

    Returns:
        The exit status: 0 if all went well.
    """
    checked = load_city(city)  # a mistake in the city should be said before anything starts
    console = Console(stderr=json_file == "-")
    with tempfile.TemporaryDirectory(prefix="pixelopolis-") as work_dir:
        options = FleetOptions(
            cars=cars,
            city=city,
            seed=seed,
            store=store or f"sqlite:{work_dir}/server.sqlite",
            work_dir=Path(work_dir),
            port=port if port and is_free(port) else free_port(),
        )
        result = asyncio.run(_main(options, checked, trips, console))
    if result is None:
        return 0
    if json_file:
        write_json(result.as_json(), json_file)
    return 0 if result.all_well else 1


async def _main(options: FleetOptions, city: City, trips: int, console: Console) -> TripsResult | None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    console.print(f"starting the simulator, the server and {options.cars} cars …", style="dim")
    work = asyncio.create_task(_run(options, city, trips, console))
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not work.done():
        console.print("stopping …", style="dim")
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return None
    return work.result()


async def _run(options: FleetOptions, city: City, trips: int, console: Console) -> TripsResult | None:
    async with Fleet(options) as fleet:
        console.print(f"The city is open: [bold link={fleet.server_url}]{fleet.server_url}[/]   (Ctrl-C closes it)")
        if not trips:  # somebody is there to look
            operators = fleet.keys.operators_page(fleet.server_url)
            console.print(f"For operators: [bold link={operators}]{operators}[/]", soft_wrap=True)
        done: list[Trip] = []
        async with _table(fleet, done, trips, console):
            if trips:
                return await run_trips(fleet, city, trips, options.seed, lambda trip: _note(trip, done, console))
            while True:
                fleet.check()
                await asyncio.sleep(TABLE_PERIOD_S)


def _note(trip: Trip, done: list[Trip], console: Console) -> None:
    done.append(trip)
    if not console.is_terminal:
        mark = "arrived" if trip.arrived and trip.right_place else f"FAILED ({trip.problem or 'wrong place'})"
        console.print(f"ride {len(done)}: {trip.car} to {trip.place}: {mark} after {trip.seconds:.0f} s")


@contextlib.asynccontextmanager
async def _table(fleet: Fleet, done: list[Trip], trips: int, console: Console) -> AsyncIterator[None]:
    """A live table while the block runs, on a terminal; nothing in a pipe."""
    if not console.is_terminal:
        yield
        return
    with Live(console=console, refresh_per_second=4) as live:
        task = asyncio.create_task(_refresh(fleet, done, trips, live))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _refresh(fleet: Fleet, done: list[Trip], trips: int, live: Live) -> None:
    async with httpx.AsyncClient(base_url=fleet.server_url, timeout=2.0, headers=fleet.keys.operator) as client:
        while True:
            with contextlib.suppress(httpx.HTTPError, OSError, TimeoutError):
                cars = (await client.get("/api/cars")).raise_for_status().json()
                live.update(_picture(cars, await fleet.sim_ask(op="status"), done, trips))
            await asyncio.sleep(TABLE_PERIOD_S)


def _picture(cars: list[dict[str, Any]], truth: dict[str, Any], done: list[Trip], trips: int) -> Group:
    table = Table("car", "status", "doing", "edge", "at", "speed", "next", "battery", "loop", "faults")
    for car in cars:
        position = car["position"] or {}
        rate_hz = car["control_rate_hz"]
        table.add_row(
            car["car_id"],
            car["status"],
            car["mode"] or "–",
            str(position.get("edge", "–")),
            f"{position['s_m']:.2f} m" if position else "–",
            f"{car['speed_mps']:.2f} m/s",
            car["command"],
            f"{car['battery_percent']:.0f} %",
            f"{rate_hz:.0f} Hz" if rate_hz else "–",
            ", ".join(car["faults"]) or (car["wait_reason"] or ""),
        )
    rides = f"rides {len(done)}/{trips}   " if trips else ""
    counts = f"{rides}contacts {truth['collisions']}   lane departures {truth['lane_departures']}"
    return Group(table, Text(counts, style="dim"))
