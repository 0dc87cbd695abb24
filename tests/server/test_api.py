"""What is wrong gets one clear answer, on a running server; and the description of the API is complete."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from city.city import City
from city.files import city_text, parse_city
from fleet.access import Role
from fleet.messages import FROM_SERVER, DriveMode, Hello, Refusal, Report, Welcome
from fleet.views import CityView
from server.app import MAX_BODY_BYTES
from tests.server import visitor
from tests.server.conftest import RunningServer
from tests.server.keys import bearer
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually

HELLO = Hello(car_id="car-1", device_id="board-1")


async def hear_all(link: ClientConnection, heard: list[str] | None = None) -> None:
    while True:
        text = str(await link.recv())
        if heard is not None:
            heard.append(text)


def message_of(answer: httpx.Response) -> str:
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    return str(body["error"]["message"])


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("stations", b"{", 400, "not JSON"),
        ("stations", b"", 422, "body: Field required"),
        ("stations", b"[1]", 422, "body"),
        ("stations", b"{}", 422, "body.device_id: Field required"),
        ("stations", b'{"device_id": "a b"}', 422, "body.device_id"),
        ("stations", b'{"device_id": {"$ne": 1}}', 422, "body.device_id"),
        ("stations", b'{"device_id": "a", "admin": true}', 422, "body.admin"),
        ("stations", b'{"device_id": "' + b"a" * MAX_BODY_BYTES + b'"}', 413, "16384 bytes"),
        ("rides", b'{"station_id": "nobody", "request_id": "1"}', 404, "no station nobody"),
        ("rides/nothing/destination", b'{"place_id": "museum"}', 404, "no ride nothing"),
        ("rides/nothing/cancel", b"", 404, "no ride nothing"),
        ("rides/nothing/end", b"", 404, "no ride nothing"),
        ("rides/%20/end", b"", 422, "path.ride_id"),
        ("operator/edges/99/close", b"", 404, "no edge 99 in city pixelopolis"),
        ("operator/edges/99/open", b"", 404, "no edge 99 in city pixelopolis"),
        ("operator/edges/ring/close", b"", 422, "path.edge"),
        ("operator/cars/nobody/hold", b"", 404, "no car nobody"),
        ("operator/cars/nobody/release", b"", 404, "no car nobody"),
        ("operator/cars/nobody/send", b'{"edge": 12}', 404, "no car nobody"),
        ("operator/cars/nobody/send", b"{}", 422, "name either place_id or edge"),
        ("operator/cars/nobody/send", b'{"edge": 12, "place_id": "museum"}', 422, "name either place_id or edge"),
    ],
)
async def test_wrong_calls(http: httpx.AsyncClient, path: str, body: bytes, status: int, message: str) -> None:
    answer = await http.post(f"/api/{path}", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert message in message_of(answer)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/nothing", 404),
        ("/nothing", 404),
        ("/static/../server.py", 404),
        ("/static/%2e%2e/%2e%2e/pyproject.toml", 404),
        ("/api/rides/nothing", 404),
        ("/api/rides/nothing/events", 404),
        ("/api/cars/nothing", 404),
        ("/api/cars/nothing/stream.mjpg", 404),
        ("/api/cars/nothing/snapshot.jpg", 404),
        ("/api/stations", 405),
    ],
)
async def test_wrong_paths(http: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await http.get(path)
    assert answer.status_code == status
    message_of(answer)


async def test_a_body_that_does_not_say_its_length(http: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    answer = await http.post("/api/stations", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    message_of(answer)


async def test_a_place_that_is_not_in_the_city(http: httpx.AsyncClient) -> None:
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    answer = await http.post(f"/api/rides/{ride.ride_id}/destination", json={"place_id": "moon"})
    assert answer.status_code == 404
    assert "there are international_town" in message_of(answer)


async def test_steps_out_of_turn(http: httpx.AsyncClient) -> None:
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    answer = await http.post(f"/api/rides/{ride.ride_id}/end")
    assert answer.status_code == 409
    assert "is waiting" in message_of(answer)


async def test_city_for_pages_and_for_cars(http: httpx.AsyncClient, city: City) -> None:
    view = CityView.model_validate((await http.get("/api/city")).json())
    assert {line.edge for line in view.lines} == set(city.edges)
    assert {place.place_id for place in view.places} == set(city.places)
    text = (await http.get("/api/city.yaml")).text
    assert text == city_text("pixelopolis")
    assert set(parse_city(text, "server").edges) == set(city.edges)


async def test_health_and_page(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/health")).json() == {"status": "ok", "city": "pixelopolis", "cars": 0}
    page = await http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in page.headers


async def test_the_history_newest_first_and_page_by_page(http: httpx.AsyncClient) -> None:
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    await http.post(f"/api/rides/{ride.ride_id}/cancel")
    cancelled, waiting, registered = (await http.get("/api/history")).json()
    assert [entry["kind"] for entry in (cancelled, waiting, registered)] == [
        "ride.cancelled",
        "ride.waiting",
        "station.registered",
    ]
    assert cancelled["ride_id"] == ride.ride_id
    assert datetime.fromisoformat(cancelled["at"]).tzinfo is not None
    assert (await http.get("/api/history?limit=1")).json() == [cancelled]
    assert (await http.get(f"/api/history?before={waiting['number']}")).json() == [registered]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "before=0", "before=x", f"before={2**63}"])
async def test_a_page_of_the_history_that_cannot_be(http: httpx.AsyncClient, query: str) -> None:
    answer = await http.get(f"/api/history?{query}")
    assert answer.status_code == 422
    assert f"query.{query.split('=')[0]}" in message_of(answer)


async def test_no_cross_origin_calls(http: httpx.AsyncClient) -> None:
    headers = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = await http.options("/api/rides", headers=headers)
    assert answer.status_code == 405
    assert "access-control-allow-origin" not in answer.headers


def _operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, verb, op) for path, verbs in schema["paths"].items() for verb, op in verbs.items()]


async def test_description_is_complete(http: httpx.AsyncClient) -> None:
    operations = _operations((await http.get("/api/openapi.json")).json())
    assert len(operations) == 41
    for path, verb, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
        assert {"200", "204"} & set(operation["responses"]), path
        if verb == "post":
            takes_something = "requestBody" in operation or "parameters" in operation
            assert {"200", "503", *(("422",) if takes_something else ())} <= set(operation["responses"]), path
            assert "example" in str(operation["responses"]["200"]["content"]), path
        if "{" in path:
            assert {"404", "422"} <= set(operation["responses"]), path
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert "ErrorView" in str(answer["content"]), f"{path} {status}"
                assert "example" in answer["content"]["application/json"], f"{path} {status}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a message"),
        ("{", "not a message"),
        ("[]", "not a message"),
        ('{"type": "report"}', "not a message"),
        ('{"type": "hello", "car_id": "a b", "device_id": "d"}', "car_id"),
        (HELLO.model_copy(update={"protocol": 99}).model_dump_json(), "protocol 99"),
        (HELLO.model_copy(update={"stream_url": "file:///etc/passwd"}).model_dump_json(), "stream_url"),
    ],
)
async def test_wrong_first_words_of_a_car(server: RunningServer, text: str, reason: str) -> None:
    async with server.linked() as link:
        await link.send(text)
        refusal = FROM_SERVER.validate_json(await link.recv())
        assert isinstance(refusal, Refusal)
        assert reason in refusal.reason
        with pytest.raises(ConnectionClosed):
            await link.recv()


@pytest.mark.parametrize("text", ["{}", b"bytes", '{"type": "report", "sequence": "no"}', "9" * 70_000])
async def test_wrong_words_of_a_car_end_its_link(server: RunningServer, text: str | bytes) -> None:
    async with server.linked() as link:
        await link.send(HELLO.model_dump_json())
        assert isinstance(FROM_SERVER.validate_json(await link.recv()), Welcome)
        await link.send(text)
        with pytest.raises(ConnectionClosed):
            await hear_all(link)


async def test_a_report_from_nowhere(server: RunningServer, city: City) -> None:
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    report = car.report().model_dump()
    report["position"]["edge"] = 99
    async with server.linked() as link:
        await link.send(HELLO.model_dump_json())
        await link.send(Report.model_validate(report).model_dump_json())
        heard: list[str] = []
        with pytest.raises(ConnectionClosed):
            await hear_all(link, heard)
    assert "edge 99" in heard[-1]


async def test_an_id_belongs_to_one_device(server: RunningServer, http: httpx.AsyncClient, city: City) -> None:
    first = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    async with running(first):
        await visitor.cars_online(http, 1)
        key = None if first.key is None else bearer(first.key)
        async with server.linked(key=key) as link:
            await link.send(Hello(car_id="car-1", device_id="another").model_dump_json())
            refusal = FROM_SERVER.validate_json(await link.recv())
        assert isinstance(refusal, Refusal)
        assert "device board-car-1" in refusal.reason


async def test_a_new_link_of_the_same_car_replaces_the_old_one(server: RunningServer) -> None:
    key = await server.enrolled(Role.CAR, "car-1")
    async with server.linked(key=key) as old:
        await old.send(HELLO.model_dump_json())
        await old.recv()
        async with server.linked(key=key) as new:
            await new.send(HELLO.model_dump_json())
            await new.recv()
            with pytest.raises(ConnectionClosed):
                await hear_all(old)


async def test_a_car_looking_for_its_place_may_creep_a_little(
    server: RunningServer, http: httpx.AsyncClient, city: City
) -> None:
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    car.mode = DriveMode.LOCALISING
    async with running(car):
        await eventually(lambda: car.search is not None)
        assert car.search is not None
        assert car.search.distance_m == 0.25
        view = (await http.get("/api/cars/car-1")).json()
        assert (view["status"], view["x_m"]) == ("localising", None)
