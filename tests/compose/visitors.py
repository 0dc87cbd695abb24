"""Visitors of a fleet in containers, who go on asking while a server is away, as a station's page does."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from city.city import City
from fleet.views import FINAL_STATES, RideState
from pixelopolis.demo.keys import bearer
from pixelopolis.demo.trips import stands_at
from tests.compose.composed import ComposedFleet

RIDE_TIMEOUT_S = 400.0
POLL_S = 0.5
TRY_LATER = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


@dataclass
class Ride:
    """How a ride went."""

    place: str
    ride_id: str = ""
    car_id: str | None = None
    state: str = "not booked"
    arrived: bool = False
    right_place: bool = False
    seconds: float = 0.0


class Caller:
    """Somebody with a key, who repeats a call until it is answered."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(base_url=url, timeout=10.0)

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401  # any JSON
        while True:
            try:
                answer = await self.http.request(method, path, json=body)
            except httpx.TransportError:
                await asyncio.sleep(POLL_S)
                continue
            if answer.status_code in TRY_LATER:
                await asyncio.sleep(POLL_S)
                continue
            assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
            return answer.json() if answer.content else None


class Operator(Caller):
    """The operator `staff`."""

    async def log_in(self, password: str) -> None:
        session = await self.call("POST", "/api/sessions", {"name": "staff", "password": password})
        self.http.headers.update(bearer(session["key"]))

    async def cars(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.call("GET", "/api/cars")
        return found

    async def until_online(self, count: int, timeout_s: float = 120.0) -> None:
        """Wait until exactly so many cars know where they are."""
        cars: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(timeout_s):
                while sum(car["status"] == "online" for car in cars) != count:
                    cars = await self.cars()
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            seen = {car["car_id"]: (car["status"], car["mode"], car["faults"]) for car in cars}
            raise AssertionError(f"not {count} cars online after {timeout_s} s: {seen}") from None

    async def history(self) -> list[dict[str, Any]]:
        """All that has happened, newest first."""
        entries: list[dict[str, Any]] = []
        before = ""
        while page := await self.call("GET", f"/api/history?limit=200{before}"):
            entries += page
            before = f"&before={page[-1]['number']}"
        return entries


class Visitor(Caller):
    """A visitor at a station of their own."""

    async def enrol(self, operator: Operator, name: str) -> None:
        device = {"role": "station", "name": name}
        code = (await operator.call("POST", "/api/operator/codes", device))["code"]
        key = (await self.call("POST", "/api/enrolments", device | {"code": code}))["key"]
        self.http.headers.update(bearer(key))
        self._station = await self.call("POST", "/api/stations", {"device_id": name, "name": name})

    async def ride(self, fleet: ComposedFleet, city: City, ride: Ride) -> Ride:
        """Ride to a place; says in `ride` how it goes."""
        begun_s = time.monotonic()
        request = {"station_id": self._station["station_id"], "request_id": uuid.uuid4().hex}
        try:
            async with asyncio.timeout(RIDE_TIMEOUT_S):
                self._note(ride, await self.call("POST", "/api/rides", request))
                await self._until(ride, RideState.CHOOSING)
                choice = {"place_id": ride.place}
                self._note(ride, await self.call("POST", f"/api/rides/{ride.ride_id}/destination", choice))
                await self._until(ride, RideState.ARRIVED)
        except (TimeoutError, RideOverError):
            return ride
        finally:
            ride.seconds = time.monotonic() - begun_s
        ride.arrived = True
        truth = await asyncio.to_thread(fleet.truth)
        ride.right_place = stands_at(truth, ride.car_id or "", city, ride.place)
        self._note(ride, await self.call("POST", f"/api/rides/{ride.ride_id}/end"))
        return ride

    async def _until(self, ride: Ride, state: RideState) -> None:
        while ride.state != state:
            if ride.state in FINAL_STATES:
                raise RideOverError
            await asyncio.sleep(POLL_S)
            self._note(ride, await self.call("GET", f"/api/rides/{ride.ride_id}"))

    @staticmethod
    def _note(ride: Ride, view: dict[str, Any]) -> None:
        ride.ride_id, ride.car_id, ride.state = view["ride_id"], view["car_id"] or ride.car_id, view["state"]


class RideOverError(Exception):
    """A ride ended that had not arrived."""


class Visitors:
    """Several at a time, each at a station."""

    def __init__(self, fleet: ComposedFleet, city: City, operator: Operator, prefix: str) -> None:
        self._fleet = fleet
        self._city = city
        self._operator = operator
        self._prefix = prefix
        self.rides: list[Ride] = []

    async def ride(self, places: Iterable[str], stations: int) -> list[Ride]:
        """Ride to all places, one after the other at each of so many stations."""
        self.rides = [Ride(place) for place in places]
        waiting = list(reversed(self.rides))

        async def station(name: str) -> None:
            visitor = Visitor(self._fleet.url)
            try:
                await visitor.enrol(self._operator, name)
                while waiting:
                    await visitor.ride(self._fleet, self._city, waiting.pop())
            finally:
                await visitor.http.aclose()

        async with asyncio.TaskGroup() as group:
            for k in range(stations):
                group.create_task(station(f"{self._prefix}-{k + 1}"))
        return self.rides

    async def until_under_way(self, count: int) -> None:
        """Wait until so many are being driven."""
        async with asyncio.timeout(RIDE_TIMEOUT_S):
            while sum(ride.state == RideState.RIDING for ride in self.rides) < count:  # noqa: ASYNC110  # polled too
                await asyncio.sleep(POLL_S)


def places(city: City, count: int, offset: int = 0) -> list[str]:
    """Places in turn: no two neighbours are the same."""
    names = sorted(city.places)
    return [names[(offset + k) % len(names)] for k in range(count)]
