"""A database that goes away under a running server, and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from city.city import City
from fleet.views import RideState
from tests.server import visitor
from tests.server.conftest import RunningServer, running_server
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
            async with running(car), httpx.AsyncClient(base_url=server.url, timeout=20.0, trust_env=False) as http:
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
