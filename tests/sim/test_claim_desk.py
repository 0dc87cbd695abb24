"""The claim port: what drivers are answered, over a socket and on a clock of our own."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from city.city import City
from city.files import load_city
from fleet.clock import ManualClock
from sim.claims import LIFT_AFTER_S, ClaimBook
from sim.endpoints import claim_desk
from sim.endpoints.claim_desk import ClaimDesk
from sim.endpoints.tcp_endpoint import TcpEndpoint
from sim.lockstep import Simulation
from sim.placing import Placing

PORTS = {"car-1": (5001, 5011), "car-2": (5001, 5012)}


class Office:
    """A desk in front of two cars that stand still."""

    def __init__(self, city: City) -> None:
        self.clock = ManualClock()
        self.simulation = Simulation(city, 2, 1)
        self.desk = ClaimDesk(ClaimBook(self.simulation.car_ids), Placing(city, self.simulation.world), self.clock)
        self.desk.tell_ports(PORTS)

    def ask(self, driver: str, **request: object) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(json.dumps(self.desk.answer(driver, json.dumps(request).encode())))
        return answer


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("square")


@pytest.fixture
def office(city: City) -> Office:
    return Office(city)


def test_a_driver_is_told_its_car_and_where_camera_and_board_are(office: Office) -> None:
    assert office.ask("a", op="claim") == {"car": "car-1", "camera_port": 5001, "board_port": 5011}
    assert office.ask("a", op="claim") == office.ask("a", op="claim")  # asking again changes nothing
    assert office.ask("b", op="claim", car="car-2")["car"] == "car-2"
    assert office.ask("a", op="keep") == {"car": "car-1"}


def test_the_third_of_two_has_to_wait_and_is_told_why(office: Office) -> None:
    office.ask("a", op="claim")
    office.ask("b", op="claim")
    assert office.ask("c", op="claim") == {"wait": "all 2 simulated cars have a driver"}
    assert office.ask("c", op="keep") == {"error": "you have no car"}


def test_a_car_comes_on_the_road_with_its_driver(office: Office) -> None:
    assert office.desk.on_road == frozenset()
    office.ask("a", op="claim")
    assert office.ask("b", op="cars") == {
        "cars": [
            {"id": "car-1", "on_road": True, "has_driver": True},
            {"id": "car-2", "on_road": False, "has_driver": False},
        ]
    }


def test_nobody_gets_a_car_before_its_ports_are_known(city: City) -> None:
    office = Office(city)
    office.desk.tell_ports({})
    assert "wait" in office.ask("a", op="claim")


def test_where_there_is_no_room_on_the_road_a_driver_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.placing.free_start", lambda *_: None)
    assert office.ask("a", op="claim") == {"wait": "no place on the road is free now"}


@pytest.mark.parametrize("line", [b"nonsense", b"{}", b'{"op": "status"}', b'{"op": "keep", "more": 1}'])
def test_what_is_no_request_is_an_error(office: Office, line: bytes) -> None:
    assert list(office.desk.answer("a", line)) == ["error"]


@pytest.fixture
async def endpoint(office: Office) -> AsyncIterator[TcpEndpoint]:
    endpoint = TcpEndpoint(office.desk.serve)
    await endpoint.open("127.0.0.1", 0)
    yield endpoint
    await endpoint.close()


async def claimed(endpoint: TcpEndpoint) -> tuple[dict[str, Any], asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    writer.write(b'{"op": "claim"}\n')
    return json.loads(await reader.readline()), reader, writer


async def test_a_claim_ends_with_its_connection_and_the_car_is_lifted_later(
    office: Office, endpoint: TcpEndpoint
) -> None:
    first, _, writer = await claimed(endpoint)
    assert first["car"] == "car-1"
    writer.close()
    while office.ask("me", op="cars")["cars"][0]["has_driver"]:  # noqa: ASYNC110  # nobody tells
        await asyncio.sleep(0)
    office.desk.lift_abandoned()
    assert office.desk.on_road == {"car-1"}  # for a driver that is only started again
    office.clock.advance(LIFT_AFTER_S)
    office.desk.lift_abandoned()
    assert office.desk.on_road == frozenset()


async def test_a_driver_that_falls_silent_loses_its_car(
    office: Office, endpoint: TcpEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_desk, "SILENCE_S", 0.05)
    _, reader, writer = await claimed(endpoint)
    assert await reader.read() == b""
    assert not office.ask("me", op="cars")["cars"][0]["has_driver"]
    writer.close()
