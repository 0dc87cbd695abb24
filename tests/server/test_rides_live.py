"""Whole rides: a running server, cars on WebSockets, visitors over HTTP."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from city.city import City
from fleet.messages import DriveMode
from fleet.views import RideState
from tests.server import visitor
from tests.server.conftest import RunningServer
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually


@pytest.fixture
def car(server: RunningServer, city: City) -> LiveCar:
    return LiveCar(city, "car-1", 2, 0.2, server.link_url)


async def test_a_whole_ride_as_its_station_sees_it(http: httpx.AsyncClient, car: LiveCar, city: City) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        station = await visitor.register(http)
        ride = await visitor.book(http, station, "visit-1")
        assert ride.state is RideState.CHOOSING
        assert (ride.car_id, ride.car_device_id, ride.station_device_id) == ("car-1", "board-car-1", "tablet-1")
        states: list[object] = []

        async def follow() -> None:
            async for name, data in visitor.events(http, f"/api/rides/{ride.ride_id}/events"):
                assert name == "ride"
                if not states or states[-1] != data["state"]:
                    states.append(data["state"])

        following = asyncio.create_task(follow())
        await visitor.act(http, ride.ride_id, "destination", {"place_id": "museum"})
        arrived = await visitor.until(http, ride.ride_id, RideState.ARRIVED)
        place = city.places["museum"]
        assert car.edge == place.edge
        assert car.s_m == pytest.approx(place.stop_s_m, abs=0.11)
        assert arrived.distance_left_m == 0.0
        assert (await visitor.act(http, ride.ride_id, "end")).state is RideState.ENDED
        await asyncio.wait_for(following, 5.0)
        assert [state for state in states if state != "choosing"] == ["riding", "arrived", "ended"]
        entered = car.edges_entered
        await eventually(lambda: car.edges_entered >= entered + 3)  # it roams again


async def test_every_step_may_be_repeated(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        station = await visitor.register(http)
        assert await visitor.register(http) == station
        ride = await visitor.book(http, station, "visit-1")
        assert (await visitor.book(http, station, "visit-1")).ride_id == ride.ride_id
        for _ in range(2):
            await visitor.act(http, ride.ride_id, "destination", {"place_id": "landmark"})
        await visitor.until(http, ride.ride_id, RideState.ARRIVED)
        for _ in range(2):
            assert (await visitor.act(http, ride.ride_id, "end")).state is RideState.ENDED
        assert (await visitor.act(http, ride.ride_id, "cancel")).state is RideState.ENDED
        assert (await visitor.book(http, station, "visit-1")).state is RideState.ENDED


async def test_two_visitors_race_for_one_car(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        stations = await asyncio.gather(*(visitor.register(http, f"tablet-{k}") for k in range(8)))
        rides = await asyncio.gather(*(visitor.book(http, station, "visit") for station in stations))
        choosing = [ride for ride in rides if ride.state is RideState.CHOOSING]
        assert [ride.car_id for ride in choosing] == ["car-1"]
        waiting = [ride.queue_position for ride in rides if ride.state is RideState.WAITING]
        assert sorted(waiting, key=lambda place: place or 0) == [1, 2, 3, 4, 5, 6, 7]
        await visitor.act(http, choosing[0].ride_id, "cancel")
        following = next(ride for ride in rides if ride.queue_position == 1)
        assert (await visitor.until(http, following.ride_id, RideState.CHOOSING)).car_id == "car-1"
        third = next(ride for ride in rides if ride.queue_position == 2)
        assert (await visitor.ride(http, third.ride_id)).queue_position == 1


async def test_a_visitor_waits_until_a_car_comes(http: httpx.AsyncClient, car: LiveCar) -> None:
    station = await visitor.register(http)
    ride = await visitor.book(http, station, "visit-1")
    assert (ride.state, ride.queue_position, ride.car_id) == (RideState.WAITING, 1, None)
    async with running(car):
        assert (await visitor.until(http, ride.ride_id, RideState.CHOOSING)).car_id == "car-1"


async def test_a_lost_car_interrupts_the_ride_until_it_is_back(http: httpx.AsyncClient, car: LiveCar) -> None:
    station = await visitor.register(http)
    async with running(car):
        await visitor.cars_online(http, 1)
        ride = await visitor.book(http, station, "visit-1")
        await visitor.act(http, ride.ride_id, "destination", {"place_id": "wedding_hall"})
    interrupted = await visitor.until(http, ride.ride_id, RideState.INTERRUPTED)
    assert interrupted.car is not None
    assert interrupted.car.status == "lost"
    car.mode, car.order, car.release = DriveMode.LOCALISING, None, None
    async with running(car):
        await eventually(lambda: car.search is not None)
        assert car.welcome is not None
        assert car.welcome.last_position is not None
        assert (await visitor.ride(http, ride.ride_id)).state is RideState.INTERRUPTED
        car.mode = DriveMode.IDLE
        await visitor.until(http, ride.ride_id, RideState.ARRIVED)
    assert car.edge == car.city.places["wedding_hall"].edge


async def test_three_cars_three_visitors(http: httpx.AsyncClient, server: RunningServer, city: City) -> None:
    cars = [LiveCar(city, f"car-{edge}", edge, 0.3, server.link_url) for edge in (2, 6, 11)]
    async with running(*cars):
        await visitor.cars_online(http, 3)
        station = await visitor.register(http)
        rides = [await visitor.book(http, station, f"visit-{k}") for k in range(3)]
        assert len({ride.car_id for ride in rides}) == 3
        for ride, place in zip(rides, ("museum", "planetarium", "museum"), strict=True):
            await visitor.act(http, ride.ride_id, "destination", {"place_id": place})

        async def finish(ride_id: str) -> None:
            await visitor.until(http, ride_id, RideState.ARRIVED)
            await visitor.act(http, ride_id, "end")

        await asyncio.gather(*(finish(ride.ride_id) for ride in rides))


async def test_operators_see_cars_and_rides(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await visitor.cars_online(http, 1)
        station = await visitor.register(http)
        ride = await visitor.book(http, station, "visit-1")
        seen: set[str] = set()
        async with asyncio.timeout(10.0):
            async for name, data in visitor.events(http, "/api/events"):
                if name == "ride" and data["state"] == "choosing" and "choosing" not in seen:
                    await visitor.act(http, ride.ride_id, "cancel")
                seen.add(str(data.get("state") or data.get("car_id") or name))
                if {"car-1", "choosing", "cancelled", "fleet"} <= seen:
                    break
