"""A database that goes away under a running server and comes back, or is taken over by another server."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from city.city import City
from fleet.views import RideState, RideView
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server
from tests.server.live_car import LiveCar, running
from tests.server.stand_in import StandIn, allow_lost_sockets
from tests.server.waiting import eventually


def message_of(answer: httpx.Response) -> str:
    assert answer.status_code == 503, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == "store_unavailable"
    return str(error["message"])


@allow_lost_sockets
@pytest.mark.usefixtures("garbage_collected")
async def test_a_database_lost_in_mid_run(tmp_path: Path, city: City) -> None:
    with StandIn(tmp_path) as stand_in:
        async with running_server(stand_in.url("lost")) as server:
            car = LiveCar(city, "car-1", 2, 0.3, server.link_url)
            async with running(car), client(server) as http:
                await _lose_and_find(http, server, car, stand_in)


async def _lose_and_find(http: httpx.AsyncClient, server: RunningServer, car: LiveCar, stand_in: StandIn) -> None:
    await visitor.cars_online(http, 1)
    station = await visitor.register(http)
    ride = await visitor.book(http, station, "visit-1")
    stand_in.kill()

    async def is_known() -> bool:
        return (await http.get("/api/health")).status_code == 503

    await eventually(is_known)
    granted = dict(server.context.dispatcher.fleet.right_of_way.holdings)
    body = {"station_id": station, "request_id": "visit-2"}
    for path, sent in (
        ("rides", body),
        ("stations", {"device_id": "tablet-2"}),
        (f"rides/{ride.ride_id}/destination", {"place_id": "museum"}),
    ):
        words = message_of(await http.post(f"/api/{path}", json=sent))
        assert f"{stand_in.address}/lost: cannot be reached" in words
    assert (await visitor.ride(http, ride.ride_id)).state is RideState.CHOOSING, "what is stored is still shown"
    release = car.release
    assert server.context.dispatcher.fleet.right_of_way.holdings == granted
    assert car.release is release, "the car is told nothing"

    stand_in.start()
    entered = car.edges_entered
    await eventually(lambda: car.edges_entered > entered)
    again = await visitor.book(http, station, "visit-2")
    assert again.queue_position == 1
    await visitor.act(http, ride.ride_id, "destination", {"place_id": "museum"})
    await visitor.until(http, ride.ride_id, RideState.ARRIVED)


async def test_two_servers_on_one_database_never_both_serve(stand_in: StandIn) -> None:
    url = stand_in.url(f"test_{uuid.uuid4().hex}")
    async with running_server(url) as former, client(former, timeout_s=20.0) as old:
        station = await visitor.register(old)
        booked: list[str] = []
        booking = asyncio.create_task(_book_for_ever(old, station, booked))
        await eventually(lambda: len(booked) >= 2)
        async with running_server(url) as successor, client(successor, timeout_s=20.0) as new:
            refusal = await asyncio.wait_for(booking, 40.0)
            assert "taken it over" in refusal or "was interrupted by another server" in refusal
            body = {"station_id": station, "request_id": "late"}

            async def is_refused() -> bool:
                return "has taken it over" in message_of(await old.post("/api/rides", json=body))

            await eventually(is_refused)
            assert (await old.get("/api/health")).status_code == 503
            answers = [await new.get(f"/api/rides/{ride_id}") for ride_id in booked]
            rides = [RideView.model_validate(answer.raise_for_status().json()) for answer in answers]
            assert [ride.queue_position for ride in rides] == list(range(1, len(rides) + 1))
            late = await visitor.book(new, station, "late")
            assert late.queue_position in (len(rides) + 1, len(rides) + 2), "one answer may have been lost"


async def _book_for_ever(http: httpx.AsyncClient, station: str, booked: list[str]) -> str:
    """Until it is refused: the reason."""
    while True:
        answer = await http.post("/api/rides", json={"station_id": station, "request_id": f"visit-{len(booked)}"})
        if not answer.is_success:
            return message_of(answer)
        booked.append(answer.json()["ride_id"])
