"""Operators and a running server: cars obey, visitors are told, a restart forgets nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from city.city import City
from fleet.messages import DriveMode
from fleet.views import CarView, FleetView, RideState
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually


async def fleet_after(http: httpx.AsyncClient, act: str) -> FleetView:
    answer = await http.post(f"/api/operator/{act}")
    assert answer.status_code == 200, answer.text
    return FleetView.model_validate(answer.json())


async def car_after(http: httpx.AsyncClient, act: str, body: dict[str, object] | None = None) -> CarView:
    answer = await http.post(f"/api/operator/cars/{act}", json=body)
    assert answer.status_code == 200, answer.text
    return CarView.model_validate(answer.json())


def refusal(answer: httpx.Response, status: int, code: str, reason: str | None = None) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert (error["code"], error.get("reason")) == (code, reason)
    return str(error["message"])


@pytest.fixture
def car(server: RunningServer, city: City) -> LiveCar:
    return LiveCar(city, "car-1", 2, 0.2, server.link_url)


def has_to_stand(car: LiveCar) -> bool:
    return car.release is not None and car.release.hold


async def test_stop_and_resume(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        await eventually(lambda: car.edges_entered > 0)
        for _ in range(2):
            assert (await fleet_after(http, "stop")).stopped
        await eventually(lambda: has_to_stand(car))
        stood = (car.edge, car.s_m)
        assert CarView.model_validate((await http.get("/api/cars/car-1")).json()).held
        await asyncio.sleep(0.5)
        assert (car.edge, car.s_m) == stood
        for _ in range(2):
            assert not (await fleet_after(http, "resume")).stopped
        entered = car.edges_entered
        await eventually(lambda: car.edges_entered > entered + 2)


async def test_hold_and_release(http: httpx.AsyncClient, server: RunningServer, car: LiveCar, city: City) -> None:
    other = LiveCar(city, "car-2", 6, 0.2, server.link_url)
    async with running(car, other):
        await visitor.cars_online(http, 2)
        for _ in range(2):
            assert (await car_after(http, "car-1/hold")).held
        await eventually(lambda: has_to_stand(car))
        stood, entered = (car.edge, car.s_m), other.edges_entered
        await eventually(lambda: other.edges_entered > entered + 2)
        assert (car.edge, car.s_m) == stood
        shown = FleetView.model_validate((await http.get("/api/operator/fleet")).json())
        assert car.edge in shown.blocked_edges
        refused = await http.post("/api/operator/cars/car-1/send", json={"edge": 12})
        assert "release it first" in refusal(refused, 409, "refused", "car_held")
        for _ in range(2):
            assert not (await car_after(http, "car-1/release")).held
        entered = car.edges_entered
        await eventually(lambda: car.edges_entered > entered)


async def test_lift(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        refused = await http.post("/api/operator/cars/car-1/lift")
        assert "may be connected" in refusal(refused, 409, "refused", "may_drive")
    await eventually(lambda: is_lost(http))
    for _ in range(2):
        shown = await car_after(http, "car-1/lift")
        assert (shown.position, shown.road) == (None, None)
    history = (await http.get("/api/history")).json()
    assert [entry["kind"] for entry in history].count("car.lifted") == 1


async def is_lost(http: httpx.AsyncClient) -> bool:
    return bool((await http.get("/api/cars/car-1")).json()["status"] == "lost")


async def test_close_and_open(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        station = await visitor.register(http)
        ride = await visitor.book(http, station, "visit-1")
        for _ in range(2):
            shown = await fleet_after(http, "edges/8/close")
            assert (shown.closed_edges, shown.closed_places) == ((8,), ("wedding_hall",))
        refused = await http.post(f"/api/rides/{ride.ride_id}/destination", json={"place_id": "wedding_hall"})
        assert "choose another place" in refusal(refused, 409, "place_closed")
        assert (await visitor.ride(http, ride.ride_id)).closed_places == ("wedding_hall",)
        refused = await http.post("/api/operator/edges/7/close")
        assert "no closed way round" in refusal(refused, 409, "refused", "no_room")
        for _ in range(2):
            assert (await fleet_after(http, "edges/8/open")).closed_edges == ()
        history = (await http.get("/api/history")).json()
        acts = [(entry["kind"], entry["edge"]) for entry in history if entry["kind"].startswith("edge.")]
        assert acts == [("edge.opened", 8), ("edge.closed", 8)]
        await visitor.act(http, ride.ride_id, "destination", {"place_id": "wedding_hall"})
        await visitor.until(http, ride.ride_id, RideState.ARRIVED)


async def test_a_visitor_under_way_is_told_that_the_place_is_closed(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        station = await visitor.register(http)
        car.stands = True
        ride = await visitor.book(http, station, "visit-1")
        await visitor.act(http, ride.ride_id, "destination", {"place_id": "wedding_hall"})
        await fleet_after(http, "edges/8/close")
        told = await visitor.until(http, ride.ride_id, RideState.CHOOSING)
        assert (told.place_id, told.refused_place_id) == (None, "wedding_hall")
        car.stands = False
        await visitor.act(http, ride.ride_id, "destination", {"place_id": "museum"})
        assert (await visitor.until(http, ride.ride_id, RideState.ARRIVED)).refused_place_id is None


async def test_send_and_release(http: httpx.AsyncClient, car: LiveCar, city: City) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        for _ in range(2):
            shown = await car_after(http, "car-1/send", {"place_id": "museum"})
            assert shown.errand is not None
            assert (shown.errand.edge, shown.errand.place_id) == (7, "museum")
        station = await visitor.register(http)
        ride = await visitor.book(http, station, "visit-1")
        assert ride.state is RideState.WAITING
        await eventually(lambda: car.mode is DriveMode.ARRIVED)
        assert car.edge == city.places["museum"].edge
        assert (await car_after(http, "car-1/release")).errand is None
        await visitor.until(http, ride.ride_id, RideState.CHOOSING)


async def test_operators_hear_of_each_others_acts(http: httpx.AsyncClient, server: RunningServer) -> None:
    stopped: list[bool] = []
    async with asyncio.timeout(10.0):
        async for name, data in visitor.events(http, "/api/events"):
            assert name == "fleet"
            stopped.append(data["stopped"] is True)
            if stopped == [False]:
                await fleet_after(http, "stop")
            else:
                break
    assert stopped == [False, True]


async def test_a_restart_of_the_server_releases_nobody_and_opens_nothing(tmp_path: Path, city: City) -> None:
    store = f"sqlite:{tmp_path}/city.sqlite3"
    async with running_server(store) as server, client(server) as http:
        car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
        async with running(car):
            await visitor.cars_online(http, 1)
            await car_after(http, "car-1/hold")
            await fleet_after(http, "edges/15/close")
            await fleet_after(http, "stop")
    car.release = None
    async with running_server(store) as server, client(server) as http:
        shown = FleetView.model_validate((await http.get("/api/operator/fleet")).json())
        assert (shown.stopped, shown.closed_edges) == (True, (15,))
        car.link_url = server.link_url
        async with running(car):
            await eventually(lambda: has_to_stand(car))
            assert not (await fleet_after(http, "resume")).stopped
            await asyncio.sleep(0.5)
            assert has_to_stand(car)
            stood = (car.edge, car.s_m)
            await car_after(http, "car-1/release")
            await eventually(lambda: (car.edge, car.s_m) != stood)
