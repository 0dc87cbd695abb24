"""The booking race: many claims at once for few cars, on one server with SQLite or on two with a MongoDB."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from city.files import load_city
from pixelopolis.bench.booking.count import Count, count_answers, count_history, whole_history
from pixelopolis.bench.booking.plain import plain_claims
from pixelopolis.bench.booking.race import CLAIM, Race, batches, run_race
from pixelopolis.bench.figure import Figure, NotHeldError, percentile
from pixelopolis.bench.processor import busy_s
from pixelopolis.bench.served.car_double import CarDouble
from pixelopolis.bench.served.devices import enrol_all
from pixelopolis.bench.served.http_line import HttpLine, Stopwatch
from pixelopolis.bench.served.linked_car import LinkedCar
from pixelopolis.bench.served.servers import Server, running_servers
from pixelopolis.demo.keys import bearer

CITY = "pixelopolis"
CARS = 10
CLIENTS = 64
START_M = 0.3  # of each car, on an edge of its own
PATIENCE_S = 60.0  # for cars to be told their road
SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class BookingBench:
    """What to measure."""

    claims: int = 1000
    store_url: str | None = None  # None: a new SQLite file


def bench_booking(plan: BookingBench, note: Callable[[str], None]) -> list[Figure]:
    """Let visitors race for cars.

    Raises:
        NotHeldError: with the figures, if a car was given to two, or a claim was lost or refused.
        ProcessDiedError, StoreError, OSError: if there is no server.
    """
    return asyncio.run(_bench(plan, note))


async def _bench(plan: BookingBench, note: Callable[[str], None]) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="pixelopolis-bench-") as folder:
        work_dir = Path(folder)
        store_url = plan.store_url or f"sqlite:{work_dir / 'store'}"
        servers = 1 if store_url.startswith("sqlite:") else 2
        note(f"{plan.claims} claims of {CLIENTS} clients for {CARS} cars, {servers} server{'s' * (servers > 1)}")
        cars = [f"car-{k}" for k in range(1, CARS + 1)]
        parts = batches(plan.claims, CLIENTS)
        devices = await enrol_all(store_url, [f"station-{k}" for k in range(len(parts))], cars)
        async with running_servers(store_url, work_dir, CITY, servers) as running, _cars(running, devices.cars):
            before_s = _busy_s(running)
            race = await run_race([server.url for server in running], devices.stations, parts, CLIENTS)
            busy = [after_s - sooner_s for after_s, sooner_s in zip(_busy_s(running), before_s, strict=True)]
            async with HttpLine(running[-1].url, bearer(devices.operator), Stopwatch()) as line:
                history = await whole_history(line)
        counts = count_answers(race.claims), count_history(history, race.claims)
        plain = await plain_claims(store_url, work_dir, CARS, plan.claims, CLIENTS)
    return _figures(plan, race, busy, counts, plain)


def _busy_s(servers: list[Server]) -> list[float]:
    """Of each server, then of this process."""
    return [*(server.busy_s for server in servers), busy_s(os.getpid())]


@asynccontextmanager
async def _cars(servers: list[Server], keys: dict[str, str]) -> AsyncIterator[None]:
    """All cars drive, on their links to one server or the other."""
    city = load_city(CITY)
    cars = [
        LinkedCar(CarDouble(city, car_id, edge, START_M), servers[edge % len(servers)].link_url, key)
        for edge, (car_id, key) in zip(sorted(city.edges), keys.items(), strict=False)
    ]
    tasks = [asyncio.create_task(car.run()) for car in cars]
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not all(car.is_told for car in cars):  # noqa: ASYNC110  # by servers in other processes
                await asyncio.sleep(0.1)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _figures(
    plan: BookingBench, race: Race, busy: list[float], counts: tuple[Count, ...], plain: tuple[float, float, float]
) -> list[Figure]:
    """By name; each count is the worst of the independent ones."""
    times_ms = race.watch.times_ms[CLAIM]
    missing = plan.claims - len(race.claims)
    double, lost = max(count.double for count in counts), missing + max(count.lost for count in counts)
    plain_per_s, plain_p50_ms, plain_p99_ms = plain
    figures = [
        Figure("claims", plan.claims / race.seconds, "/s", plain_per_s),
        Figure("claim p50", percentile(times_ms, 0.5), "ms", plain_p50_ms),
        Figure("claim p99", percentile(times_ms, 0.99), "ms", plain_p99_ms),
        Figure("claims that got a car", 100 * sum(c.car_id is not None for c in race.claims) / plan.claims, "%"),
        Figure("calls put off", race.put_off, ""),
        Figure("double bookings", double, ""),
        Figure("lost claims", lost, ""),
        *(Figure(f"server {k}", 100 * s / race.seconds, "% of a core") for k, s in enumerate(busy[:-1], 1)),
        Figure("clients and cars", 100 * busy[-1] / race.seconds, "% of a core"),
    ]
    problems = race.problems[:SHOWN_PROBLEMS]
    if double or lost or problems:
        raise NotHeldError(figures, [f"{double} double bookings, {lost} lost claims", *problems])
    return figures
