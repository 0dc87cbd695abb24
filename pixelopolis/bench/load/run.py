"""Load: many stations and many cars at one server process, for minutes; the clients are this one process."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from city.city import City
from city.files import load_city
from pixelopolis.bench.figure import Figure, NotHeldError, percentile
from pixelopolis.bench.load.declared import undeclared
from pixelopolis.bench.load.memory import grows, slope_mb_per_minute
from pixelopolis.bench.load.station import BusyStation
from pixelopolis.bench.processor import busy_s, resident_mb
from pixelopolis.bench.served.car_double import CarDouble
from pixelopolis.bench.served.devices import Devices, enrol_all
from pixelopolis.bench.served.http_line import HttpLine, Stopwatch
from pixelopolis.bench.served.linked_car import LinkedCar
from pixelopolis.bench.served.servers import Server, running_servers

CITY = "random:7:10x20"  # has room for 222 cars
SEED = 1
SAMPLE_S = 5.0
SETTLE_S = 15.0  # until all are there, before anything is measured
CONNECT_PAUSE_S = 0.02  # between two cars
SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class LoadBench:
    """What to measure, and for how long."""

    stations: int = 10
    cars: int = 10
    minutes: float = 0.5
    store_url: str | None = None  # None: a new SQLite file
    settle_s: float = SETTLE_S


@dataclass
class _Crowd:
    """Everybody who talks to the server."""

    watch: Stopwatch
    stations: list[BusyStation]
    cars: list[LinkedCar]

    def begin(self) -> None:
        """Forget what was measured so far."""
        self.watch.times_ms.clear()
        for car in self.cars:
            car.begin()


@dataclass
class _Usage:
    """What the processes took of the machine while it was measured."""

    minutes: list[float] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)
    server_percent: float = 0.0  # of a core
    clients_percent: float = 0.0


def bench_load(plan: LoadBench, note: Callable[[str], None]) -> list[Figure]:
    """Let stations and cars loose on a server.

    Raises:
        NotHeldError: with the figures, if its memory grows, an answer is not declared, or a car could not follow it.
        ProcessDiedError, StoreError, OSError: if there is no server.
    """
    return uvloop.run(_bench(plan, note))


async def _bench(plan: LoadBench, note: Callable[[str], None]) -> list[Figure]:
    city = load_city(CITY)
    with tempfile.TemporaryDirectory(prefix="pixelopolis-bench-") as folder:
        store_url = plan.store_url or f"sqlite:{Path(folder) / 'store'}"
        note(f"{plan.stations} stations and {plan.cars} cars in {CITY} for {plan.minutes:g} minutes")
        names = [f"station-{k}" for k in range(plan.stations)], [f"car-{k}" for k in range(plan.cars)]
        devices = await enrol_all(store_url, *names)
        async with running_servers(store_url, Path(folder), CITY) as [server], _crowd(server, city, devices) as crowd:
            await asyncio.sleep(plan.settle_s)
            crowd.begin()
            usage = await _watch(server, crowd.cars, plan.minutes, note)
            async with HttpLine(server.url, {}, Stopwatch()) as line:
                description = (await line.ask("GET", "/api/openapi.json")).json
    problems = undeclared(description, crowd.watch.statuses)
    problems += [problem for car in crowd.cars for problem in car.problems][:SHOWN_PROBLEMS]
    if grows(usage.minutes, usage.resident_mb):
        problems.append(f"memory grows by {slope_mb_per_minute(usage.minutes, usage.resident_mb):.2f} MB a minute")
    figures = [*_route_figures(crowd.watch), *_link_figures(crowd.cars), *_visit_figures(crowd), *_usage_figures(usage)]
    if problems:
        raise NotHeldError(figures, problems)
    return figures


@asynccontextmanager
async def _crowd(server: Server, city: City, devices: Devices) -> AsyncIterator[_Crowd]:
    watch, places, edges = Stopwatch(), sorted(city.places), sorted(city.edges)
    cars = [
        LinkedCar(CarDouble(city, car_id, edge, city.edges[edge].curve.length_m / 2), server.link_url, key)
        for edge, (car_id, key) in zip(edges, devices.cars.items(), strict=False)
    ]
    stations = [BusyStation(server.url, key, name, places, watch, SEED) for name, key in devices.stations.items()]
    tasks = []
    try:
        for car in cars:
            tasks.append(asyncio.create_task(car.run()))
            await asyncio.sleep(CONNECT_PAUSE_S)
        tasks += [asyncio.create_task(station.run()) for station in stations]
        yield _Crowd(watch, stations, cars)
        for task in tasks:
            if task.done():
                task.result()  # a client that failed is no measurement
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watch(server: Server, cars: Sequence[LinkedCar], minutes: float, note: Callable[[str], None]) -> _Usage:
    """Look at the processes every few seconds; tell of each minute."""
    usage, told = _Usage(), 0
    begun_s, server_s, clients_s = time.monotonic(), server.busy_s, busy_s(os.getpid())
    passed_s = 0.0
    while passed_s < 60 * minutes:
        await asyncio.sleep(min(SAMPLE_S, max(0.0, 60 * minutes - passed_s)))
        server.process.check()
        passed_s = time.monotonic() - begun_s
        usage.minutes.append(passed_s / 60)
        usage.resident_mb.append(resident_mb(server.process.pid))
        usage.server_percent = 100 * (server.busy_s - server_s) / passed_s
        usage.clients_percent = 100 * (busy_s(os.getpid()) - clients_s) / passed_s
        if int(passed_s / 60) > told:
            told = int(passed_s / 60)
            note(
                f"minute {told}: {usage.resident_mb[-1]:.1f} MB, server at {usage.server_percent:.0f} % of a core, "
                f"{_silences(cars)} silences so far that stop a car"
            )
    return usage


def _route_figures(watch: Stopwatch) -> list[Figure]:
    return [figure for route, times_ms in sorted(watch.times_ms.items()) for figure in _percentiles(route, times_ms)]


def _percentiles(name: str, times_ms: Sequence[float]) -> list[Figure]:
    parts = (("p50", 0.5), ("p99", 0.99))
    return [Figure(f"{name} {part}", percentile(list(times_ms), share), "ms") for part, share in parts]


def _link_figures(cars: Sequence[LinkedCar]) -> list[Figure]:
    answers_ms = [time_ms for car in cars for time_ms in car.answer_ms]
    return [
        *(_percentiles("link: report to release", answers_ms) if answers_ms else ()),
        Figure("link: longest silence", max((car.longest_silence_s for car in cars), default=0.0), "s"),
        Figure("link: silences that stop a car", _silences(cars), ""),
    ]


def _silences(cars: Sequence[LinkedCar]) -> int:
    return sum(car.silences for car in cars)


def _visit_figures(crowd: _Crowd) -> list[Figure]:
    calls = sum(len(times_ms) for times_ms in crowd.watch.times_ms.values())
    return [
        Figure("calls", calls, ""),
        Figure("visits that ended", sum(station.ended for station in crowd.stations), ""),
        Figure("visits that came somewhere", sum(station.arrived for station in crowd.stations), ""),
    ]


def _usage_figures(usage: _Usage) -> list[Figure]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return [
        Figure("server", usage.server_percent, "% of a core"),
        Figure("clients", usage.clients_percent, "% of a core"),
        Figure("clients' share of the machine", usage.clients_percent / cores, "%"),
        Figure("server: memory at the end", usage.resident_mb[-1], "MB"),
        Figure("server: memory", slope_mb_per_minute(usage.minutes, usage.resident_mb), "MB a minute"),
    ]
