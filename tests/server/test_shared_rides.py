"""A ride taken along on a phone: to watch, never to change."""

from __future__ import annotations

from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from resvg_py import svg_to_bytes

from city.city import City
from fleet.views import RideState, RideView, SharedRideView
from server.public_address import NoPublicAddressError, public_address
from server.rides.sharing import share_token
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually

OUTSIDE = {"Host": "city.example:8000"}


def read_code(svg: bytes) -> str:
    """What a phone reads from the code."""
    png = svg_to_bytes(svg_string=svg.decode(), width=400)
    image = cv2.imdecode(np.frombuffer(bytes(png), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return str(cv2.QRCodeDetector().detectAndDecode(image)[0])


async def riding(http: httpx.AsyncClient) -> RideView:
    await visitor.cars_online(http, 1)
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    return await visitor.act(http, ride.ride_id, "destination", {"place_id": "wedding_hall"})


async def test_the_code_leads_to_the_ride_until_it_is_over(
    server: RunningServer, http: httpx.AsyncClient, city: City
) -> None:
    async with running(LiveCar(city, "car-1", 2, 0.3, server.link_url)):
        ride = await riding(http)
        assert ride.code_path is not None
        answer = await http.get(ride.code_path, headers=OUTSIDE)
        assert answer.headers["content-type"] == "image/svg+xml"
        page, token = read_code(answer.content).split("/?ride=")
        assert page == "http://city.example:8000"
        states = []
        async for name, data in visitor.events(http, f"/api/shared/{token}/events"):
            assert name == "ride"
            shared = SharedRideView.model_validate(data)
            assert shared.place_id == "wedding_hall"
            states.append(shared.state)
            if shared.state is RideState.ARRIVED:
                await visitor.act(http, ride.ride_id, "end")
        assert list(dict.fromkeys(states)) == [RideState.RIDING, RideState.ARRIVED, RideState.ENDED]
        await eventually(lambda: ride.ride_id not in server.context.dispatcher.fleet.rides.all)
        assert (await http.get(f"/api/shared/{token}")).status_code == 404


@pytest.mark.parametrize("verb", ["destination", "cancel", "end"])
async def test_the_token_changes_nothing(server: RunningServer, http: httpx.AsyncClient, city: City, verb: str) -> None:
    async with running(LiveCar(city, "car-1", 2, 0.3, server.link_url)):
        ride = await riding(http)
        token = share_token(ride.ride_id)
        body = {"place_id": "museum"} if verb == "destination" else None
        for path in (f"/api/rides/{token}/{verb}", f"/api/shared/{token}/{verb}", f"/api/shared/{token}"):
            answers = [await http.request(method, path, json=body) for method in ("POST", "PUT", "PATCH", "DELETE")]
            assert {answer.status_code for answer in answers} <= {404, 405}, path
        after = await visitor.ride(http, ride.ride_id)
        assert (after.state, after.place_id) == (RideState.RIDING, "wedding_hall")


async def test_what_is_shared_names_neither_ride_nor_station(
    server: RunningServer, http: httpx.AsyncClient, city: City
) -> None:
    async with running(LiveCar(city, "car-1", 2, 0.3, server.link_url)):
        ride = await riding(http)
        text = (await http.get(f"/api/shared/{share_token(ride.ride_id)}")).text
    shared = SharedRideView.model_validate_json(text)
    assert shared.car is not None
    assert shared.car.x_m is not None
    for secret in (ride.ride_id, ride.station_id, ride.station_device_id):
        assert secret not in text


async def test_a_ride_is_not_found_by_guesses(http: httpx.AsyncClient) -> None:
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    for guess in (ride.ride_id, "0" * 32, share_token(ride.ride_id)[:-1]):
        assert (await http.get(f"/api/shared/{guess}")).status_code == 404
        for what in ("events", "code.svg", "stream.mjpg"):
            assert (await http.get(f"/api/shared/{guess}/{what}", headers=OUTSIDE)).status_code == 404


async def test_the_link_outlives_the_server(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'store'}"
    async with running_server(store) as first, client(first) as http:
        ride = await visitor.book(http, await visitor.register(http), "visit-1")
    async with running_server(store) as second, client(second) as http:
        shared = (await http.get(f"/api/shared/{share_token(ride.ride_id)}")).raise_for_status()
    assert shared.json()["state"] == "waiting"


async def test_no_code_that_no_phone_could_use(server: RunningServer, http: httpx.AsyncClient) -> None:
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    assert ride.code_path is not None
    answer = await http.get(ride.code_path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "no_public_address"
    assert "--public-url" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("told", "host", "port", "address"),
    [
        ("https://pixel.example/", "127.0.0.1", 5355, "https://pixel.example"),
        (None, "city.example", None, "http://city.example"),
        (None, "192.168.1.5", 5355, "http://192.168.1.5:5355"),
        (None, "fd00::5", 5355, "http://[fd00::5]:5355"),
    ],
)
def test_address_for_phones(told: str | None, host: str, port: int | None, address: str) -> None:
    assert public_address(told, "http", host, port) == address


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_loopback_is_no_address_for_phones(host: str) -> None:
    with pytest.raises(NoPublicAddressError, match="--public-url"):
        public_address(None, "http", host, 5355)


@given(st.text(max_size=64), st.text(max_size=64))
def test_tokens_differ_as_ids_do(one: str, other: str) -> None:
    assert (share_token(one) == share_token(other)) == (one == other)
    assert len(share_token(one)) == 32
