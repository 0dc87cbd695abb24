"""Visitors who claim a car and let it go, all at the same moment, over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from http import HTTPStatus

from fleet.views import RideState
from pixelopolis.bench.served.http_line import Answer, HttpLine, Stopwatch
from pixelopolis.demo.keys import bearer
from server.security.rates import Limits

MOST_TRIES = 60
PAUSE_S = 0.5  # before a call is repeated
TWICE_EVERY = 20  # claims, one is sent again, as if its answer had been lost
# Then another station claims, since the limit is not what is measured; claims that are sent again count too.
CLAIMS_OF_STATION = Limits().bookings_of_station.burst * TWICE_EVERY // (TWICE_EVERY + 1)
CLAIM, LET_GO = "POST /api/rides", "POST /api/rides/{ride_id}/cancel"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a visitor was told; times of this process."""

    ride_id: str
    car_id: str | None  # None: all were taken
    told_s: float
    let_go_s: float


@dataclass
class Race:
    """All claims, and what went wrong in the answers."""

    claims: list[Claim] = field(default_factory=list)
    watch: Stopwatch = field(default_factory=Stopwatch)
    problems: list[str] = field(default_factory=list)
    put_off: int = 0  # answers that said to come again
    seconds: float = 0.0


def batches(claims: int, clients: int) -> list[range]:
    """The claims by number, in parts that a station may claim at once and that keep all clients busy."""
    size = max(1, min(CLAIMS_OF_STATION, claims // clients))
    return [range(first, min(first + size, claims)) for first in range(0, claims, size)]


async def run_race(urls: Sequence[str], stations: Mapping[str, str], parts: Sequence[range], clients: int) -> Race:
    """Every client asks the servers in turns, a claim here and its end there.

    Args:
        urls: of the servers.
        stations: their keys by name, as many as parts.
        parts: see `batches`.
        clients: that claim at the same time, one part after the other.

    Raises:
        OSError: if a server does not answer.
    """
    race = Race()
    jobs = iter([(name, key, part) for (name, key), part in zip(stations.items(), parts, strict=True)])
    begun_s = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_client(race, urls, jobs))
    race.seconds = time.monotonic() - begun_s
    return race


async def _client(race: Race, urls: Sequence[str], jobs: Iterator[tuple[str, str, range]]) -> None:
    for name, key, part in jobs:
        async with AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(HttpLine(url, bearer(key), race.watch)) for url in urls]
            station_id = await _register(race, lines[0], name)
            for number in part:
                here, there = (lines[(number + turn) % len(lines)] for turn in (0, 1))
                await _claim(race, here, there, station_id, number)


async def _insist(
    race: Race, line: HttpLine, path: str, body: Mapping[str, object] | None = None, *, route: str | None = None
) -> Answer:
    """A call, repeated as a station's page does while the server says that it cannot answer now."""
    for _ in range(MOST_TRIES):
        answer = await line.ask("POST", path, body, route=route)
        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            break
        race.put_off += 1
        await asyncio.sleep(PAUSE_S)
    return answer


async def _register(race: Race, line: HttpLine, name: str) -> str:
    answer = await _insist(race, line, "/api/stations", {"device_id": name, "name": name})
    return str(answer.json["station_id"])


async def _claim(race: Race, here: HttpLine, there: HttpLine, station_id: str, number: int) -> None:
    wish = {"station_id": station_id, "request_id": f"claim-{number}"}
    answer = await _insist(race, here, "/api/rides", wish)
    told_s = time.monotonic()
    if not _is_well(race, answer, f"claim {number}"):
        return
    ride = answer.json
    if number % TWICE_EVERY == 0:
        again = await _insist(race, there, "/api/rides", wish)
        if _is_well(race, again, f"claim {number} again") and again.json["ride_id"] != ride["ride_id"]:
            race.problems.append(f"claim {number} was given two rides, {ride['ride_id']} and {again.json['ride_id']}")
    let_go_s = time.monotonic()
    is_won = ride["state"] == RideState.CHOOSING
    race.claims.append(Claim(ride["ride_id"], ride["car_id"] if is_won else None, told_s, let_go_s))
    end = await _insist(race, there, f"/api/rides/{ride['ride_id']}/cancel", route="/api/rides/{ride_id}/cancel")
    if _is_well(race, end, f"the end of claim {number}") and end.json["state"] != RideState.CANCELLED:
        race.problems.append(f"claim {number} is {end.json['state']} after its end")


def _is_well(race: Race, answer: Answer, what: str) -> bool:
    if answer.status == HTTPStatus.OK:
        return True
    race.problems.append(f"{what}: status {answer.status}: {answer.body.decode(errors='replace')[:120]}")
    return False
