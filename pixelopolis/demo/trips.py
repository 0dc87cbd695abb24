"""Booking rides over HTTP as stations do, and checking each arrival against the simulator's truth."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from city.city import City
from pixelopolis.demo.fleet import Fleet
from pixelopolis.demo.keys import station_headers

TRIP_TIMEOUT_S = 300.0
POLL_S = 0.25
PLACE_TOLERANCE_M = 0.15
VISIT_S = 1.0  # a visitor looks at the arrival scene


@dataclass(frozen=True, slots=True)
class Trip:
    """How one ride went."""

    place: str
    car: str | None
    arrived: bool
    right_place: bool
    seconds: float
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TripsResult:
    """How all rides went, with the simulator's counts."""

    trips: list[Trip]
    collisions: int
    lane_departures: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The keys that the command line promises."""
        return {
            "trips": len(self.trips),
            "arrived": sum(trip.arrived for trip in self.trips),
            "wrong_place": sum(trip.arrived and not trip.right_place for trip in self.trips),
            "collisions": self.collisions,
            "lane_departures": self.lane_departures,
            "seconds": round(self.seconds, 1),
            "rides": [
                {
                    "place": trip.place,
                    "car": trip.car,
                    "arrived": trip.arrived,
                    "right_place": trip.right_place,
                    "seconds": round(trip.seconds, 1),
                    **({"problem": trip.problem} if trip.problem else {}),
                }
                for trip in self.trips
            ],
        }

    @property
    def all_well(self) -> bool:
        """Whether every visitor got where they wanted, and nothing was touched and no lane was left."""
        return (
            all(trip.arrived and trip.right_place for trip in self.trips)
            and self.collisions == 0
            and self.lane_departures == 0
        )


async def run_trips(
    fleet: Fleet, city: City, count: int, seed: int, on_trip: Callable[[Trip], None] = lambda _: None
) -> TripsResult:
    """Book `count` rides, as many at a time as there are cars."""
    rng = random.Random(f"trips/{seed}")
    places: list[str] = []
    while len(places) < count:  # never twice running: a car that stands at its place already proves nothing
        places.append(rng.choice([place for place in sorted(city.places) if [place] != places[-1:]]))
    waiting: asyncio.Queue[str] = asyncio.Queue()
    for place in places:
        waiting.put_nowait(place)
    trips: list[Trip] = []
    begun_s = time.monotonic()

    async def station(name: str) -> None:
        async with httpx.AsyncClient(base_url=fleet.server_url, timeout=10.0) as client:
            client.headers.update(await station_headers(client, f"demo-{name}"))
            request = {"device_id": f"demo-{name}", "name": name}
            registered = (await client.post("/api/stations", json=request)).raise_for_status().json()
            while not waiting.empty():
                fleet.check()
                trip = await _ride(fleet, city, client, registered["station_id"], waiting.get_nowait())
                trips.append(trip)
                on_trip(trip)

    async with asyncio.TaskGroup() as group:
        for k in range(min(fleet.options.cars, count)):
            group.create_task(station(f"station-{k + 1}"))
    truth = await fleet.sim_ask(op="status")
    return TripsResult(trips, truth["collisions"], truth["lane_departures"], time.monotonic() - begun_s)


async def _ride(fleet: Fleet, city: City, client: httpx.AsyncClient, station_id: str, place: str) -> Trip:
    begun_s = time.monotonic()
    booking = {"station_id": station_id, "request_id": uuid.uuid4().hex}
    ride = (await client.post("/api/rides", json=booking)).raise_for_status().json()
    try:
        async with asyncio.timeout(TRIP_TIMEOUT_S):
            ride = await _until(client, ride, "choosing")
            chosen = await client.post(f"/api/rides/{ride['ride_id']}/destination", json={"place_id": place})
            ride = await _until(client, chosen.raise_for_status().json(), "arrived")
    except (TimeoutError, RideLostError) as error:
        await client.post(f"/api/rides/{ride['ride_id']}/cancel")
        problem = str(error) or f"not there after {TRIP_TIMEOUT_S:.0f} s"
        return Trip(place, ride["car_id"], False, False, time.monotonic() - begun_s, problem)
    seconds = time.monotonic() - begun_s
    truth = await fleet.sim_ask(op="status")
    right = stands_at(truth, ride["car_id"], city, place)
    await asyncio.sleep(VISIT_S)
    await client.post(f"/api/rides/{ride['ride_id']}/end")
    return Trip(place, ride["car_id"], True, right, seconds)


class RideLostError(RuntimeError):
    """A ride ended without having arrived."""


async def _until(client: httpx.AsyncClient, ride: dict[str, Any], state: str) -> dict[str, Any]:
    while ride["state"] != state:
        if ride["state"] in ("ended", "cancelled"):
            raise RideLostError(f"the ride went to {ride['state']} instead of {state}")
        await asyncio.sleep(POLL_S)
        try:
            ride = (await client.get(f"/api/rides/{ride['ride_id']}")).raise_for_status().json()
        except httpx.TransportError:
            continue  # the server is away; a station goes on asking
    return ride


def stands_at(truth: dict[str, Any], car_id: str, city: City, place_id: str) -> bool:
    """Whether by the simulator's word a car stands on a place's edge, within 15 cm of its stop point."""
    place = city.places[place_id]
    for car in truth["cars"]:
        if car["id"] == car_id:
            return bool(car["edge"] == place.edge and abs(car["s_m"] - place.stop_s_m) <= PLACE_TOLERANCE_M)
    return False
