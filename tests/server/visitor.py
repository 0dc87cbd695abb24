"""A visitor at a station, over HTTP, with the station's key; `http` is an operator's client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx

from fleet.access import Role
from fleet.views import RideState, RideView
from tests.server.keys import bearer, enrol
from tests.server.waiting import eventually

TIMEOUT_S = 30.0

_device_keys: dict[str, str] = {}  # by device id, of the newest server on which it registered
_keys: dict[str, str] = {}  # by station id and by ride id


def key_of(station_or_ride_id: str) -> dict[str, str]:
    """The station's headers."""
    return bearer(_keys[station_or_ride_id])


async def register(http: httpx.AsyncClient, device_id: str = "tablet-1") -> str:
    body = {"device_id": device_id, "name": "Desk"}
    answer = await http.post("/api/stations", json=body, headers=bearer(_device_keys.get(device_id, "none")))
    if answer.status_code == 401:
        _device_keys[device_id] = await enrol(http, Role.STATION, device_id)
        answer = await http.post("/api/stations", json=body, headers=bearer(_device_keys[device_id]))
    assert answer.status_code == 200, answer.text
    station_id = str(answer.json()["station_id"])
    _keys[station_id] = _device_keys[device_id]
    return station_id


async def book(http: httpx.AsyncClient, station_id: str, request_id: str) -> RideView:
    body = {"station_id": station_id, "request_id": request_id}
    answer = await http.post("/api/rides", json=body, headers=key_of(station_id))
    assert answer.status_code == 200, answer.text
    view = RideView.model_validate(answer.json())
    _keys[view.ride_id] = _keys[station_id]
    return view


async def act(http: httpx.AsyncClient, ride_id: str, verb: str, body: dict[str, str] | None = None) -> RideView:
    answer = await http.post(f"/api/rides/{ride_id}/{verb}", json=body, headers=key_of(ride_id))
    assert answer.status_code == 200, answer.text
    return RideView.model_validate(answer.json())


async def ride(http: httpx.AsyncClient, ride_id: str) -> RideView:
    answer = await http.get(f"/api/rides/{ride_id}", headers=key_of(ride_id))
    return RideView.model_validate(answer.raise_for_status().json())


async def until(http: httpx.AsyncClient, ride_id: str, *states: RideState, timeout_s: float = TIMEOUT_S) -> RideView:
    """Wait for one of the states; the server may be away in between."""
    async with asyncio.timeout(timeout_s):
        while True:
            try:
                view = await ride(http, ride_id)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if view.state in states:
                return view
            await asyncio.sleep(0.05)


async def cars_online(http: httpx.AsyncClient, count: int) -> None:
    async def are_online() -> bool:
        cars = (await http.get("/api/cars")).json()
        return [car["status"] for car in cars].count("online") >= count

    await eventually(are_online)


async def events(http: httpx.AsyncClient, path: str) -> AsyncIterator[tuple[str, dict[str, object]]]:
    """Server-sent events of a path as (name, data)."""
    async with http.stream("GET", path) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))
