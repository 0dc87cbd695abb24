"""Enrolment, log-in, cookies, origins and limits on a running server."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from city.city import City
from fleet.access import Role
from fleet.messages import FROM_SERVER, Hello, Refusal
from server.security.rates import Limits, Rate
from server.store.base import Changes, StoreError
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server
from tests.server.keys import PASSWORD, bearer, become_operator, enrol, issue_code
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually


def anybody(server: RunningServer, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, headers=headers, trust_env=False)


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_a_device_enrols_and_is_known(server: RunningServer, http: httpx.AsyncClient) -> None:
    key = await enrol(http, Role.STATION, "tablet-1")
    assert (await http.get("/api/me", headers=bearer(key))).json() == {"role": "station", "name": "tablet-1"}
    enrolled = await http.get("/api/operator/enrolled")
    assert [(each["role"], each["name"]) for each in enrolled.json()] == [("station", "tablet-1")]
    assert key.partition(".")[2] not in enrolled.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"role": "station", "name": "a"}, 403),
        ({"role": "station", "name": "a", "code": ""}, 422),
        ({"role": "station", "name": "a", "code": "x" * 201}, 422),
        ({"role": "station", "name": "a", "code": {"$ne": ""}}, 422),
        ({"role": "station", "name": {"$ne": ""}, "code": "x"}, 422),
        ({"role": "operator", "name": "a", "code": "x"}, 422),
        ({"role": "visitor", "name": "a", "code": "x"}, 422),
        ({"role": "station", "name": "a b", "code": "x"}, 422),
        ({"role": "station", "name": "a", "code": "'; DROP TABLE codes; --"}, 403),
    ],
)
async def test_wrong_enrolments(http: httpx.AsyncClient, body: dict[str, object], status: int) -> None:
    answer = await http.post("/api/enrolments", json=body)
    assert answer.status_code == status, answer.text


async def test_an_operator_with_a_password(server: RunningServer, http: httpx.AsyncClient) -> None:
    code = await issue_code(http, Role.OPERATOR, "alice")
    short = await http.post("/api/operators", json={"name": "alice", "code": code, "password": "short"})
    assert short.status_code == 422
    assert "short" not in short.text.replace("should", "")
    await become_operator(http, code, "alice")
    async with anybody(server) as browser:
        wrong = await browser.post("/api/sessions", json={"name": "alice", "password": "wrong"})
        assert (wrong.status_code, code_of(wrong)) == (403, "wrong_secret")
        right = await browser.post("/api/sessions", json={"name": "alice", "password": PASSWORD})
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/api" in cookie
        assert (await browser.get("/api/cars")).status_code == 200, "the browser has its cookie"
        ended = await browser.delete("/api/me/session", headers={"Origin": server.url})
        assert ended.status_code == 204
        assert (await browser.get("/api/cars")).status_code == 401
        assert (await browser.get("/api/cars", headers=bearer(right.json()["key"]))).status_code == 401


async def test_a_cookie_changes_nothing_from_elsewhere(server: RunningServer, http: httpx.AsyncClient) -> None:
    session = await server.context.access.open_session("alice")
    async with anybody(server, Cookie=f"pixelopolis_session={session.key}") as browser:
        for origin, status in ((None, 401), ("http://elsewhere.example", 403), ("null", 403), (server.url, 200)):
            headers = {} if origin is None else {"Origin": origin}
            answer = await browser.post("/api/operator/codes", json={"role": "car"}, headers=headers)
            assert answer.status_code == status, origin


async def test_another_sites_page_changes_nothing_with_a_key_either(server: RunningServer) -> None:
    headers = {**await server.enrolled(Role.CAR, "car-1"), "Origin": "http://elsewhere.example"}
    async with anybody(server) as browser:
        assert code_of(await browser.delete("/api/me/session", headers=headers)) == "foreign_origin"
    with pytest.raises(InvalidStatus, match="403"):
        async with connect(server.link_url, proxy=None, additional_headers=headers):
            pass


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "bearer  x.y", "Token x", "Bearer x y"])
async def test_odd_headers_are_no_key(server: RunningServer, header: str) -> None:
    async with anybody(server, Authorization=header) as http:
        answer = await http.get("/api/cars")
    assert (answer.status_code, code_of(answer)) == (401, "no_valid_key")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_cars_key_cannot_speak_as_another_car(server: RunningServer) -> None:
    async with server.linked("car-1") as link:
        await link.send(Hello(car_id="car-2", device_id="board").model_dump_json())
        refusal = FROM_SERVER.validate_json(await link.recv())
        assert isinstance(refusal, Refusal)
        assert "this key is of car car-1" in refusal.reason
        with pytest.raises(ConnectionClosed):
            await link.recv()
    assert "car-2" not in server.context.dispatcher.fleet.cars


async def test_a_revoked_car_is_cut_off_and_stays_out(
    server: RunningServer, http: httpx.AsyncClient, city: City
) -> None:
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    async with running(car):
        await visitor.cars_online(http, 1)
        assert (await http.delete("/api/operator/enrolled/car/car-1")).status_code == 204
        await eventually(lambda: any("revoked" in reason for reason in car.refusals))
        await eventually(lambda: server.context.dispatcher.fleet.cars["car-1"].status == "lost")


async def test_a_viewer_is_cut_off_with_the_session(server: RunningServer, http: httpx.AsyncClient) -> None:
    session = await server.context.access.open_session("alice")
    async with http.stream("GET", "/api/events", headers=bearer(session.key)) as events:
        await http.delete("/api/me/session", headers=bearer(session.key))
        await visitor.book(http, await visitor.register(http), "visit-1")
        async for _ in events.aiter_lines():
            pass  # it comes to an end


async def test_too_many_tries_are_told_when_to_come_again() -> None:
    limits = Limits(Rate(2, 60.0), Rate(9, 60.0), Rate(3, 60.0), Rate(2, 60.0))
    async with running_server(limits=limits) as server, client(server) as http:
        login = {"name": "alice", "password": "guess"}
        assert [(await http.post("/api/sessions", json=login)).status_code for _ in range(3)] == [403, 403, 429]
        station = await visitor.register(http)
        rides = [{"station_id": station, "request_id": f"visit-{k}"} for k in range(3)]
        booked = [await http.post("/api/rides", json=ride, headers=visitor.key_of(station)) for ride in rides]
        assert [answer.status_code for answer in booked] == [200, 200, 429]
        assert 1 <= int(booked[-1].headers["retry-after"]) <= 60
        enrolment = {"role": "car", "name": "car-1", "code": "7K2M-Q4XD-9TRB"}
        tries = [(await http.post("/api/enrolments", json=enrolment)).status_code for _ in range(3)]
        assert tries == [403, 403, 429], "the station used up one"


async def test_what_an_operator_changes_is_in_the_audit_log_first(
    server: RunningServer, http: httpx.AsyncClient
) -> None:
    await issue_code(http, Role.CAR, "car-1")
    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    await http.post(f"/api/rides/{ride.ride_id}/cancel")
    await http.post("/api/operator/codes", content=b'{"role":\n"moon"}', headers={"Content-Type": "application/json"})
    await http.get("/api/cars")
    log = (await http.get("/api/operator/audit")).json()
    assert [(entry["operator"], entry["detail"]) for entry in log][:3] == [
        ("tester", 'POST /api/operator/codes {"role": "moon"}'),
        ("tester", f"POST /api/rides/{ride.ride_id}/cancel"),
        ("tester", "station tablet-1"),
    ]
    newer = (await http.get("/api/operator/audit", params={"limit": 1})).json()
    older = (await http.get("/api/operator/audit", params={"limit": 1, "before": newer[0]["number"]})).json()
    assert (newer, older) == (log[:1], log[1:2])


async def test_what_cannot_be_put_into_the_audit_log_is_not_done(
    server: RunningServer, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(changes: Changes) -> None:
        raise StoreError("the disk is full")

    ride = await visitor.book(http, await visitor.register(http), "visit-1")
    with monkeypatch.context() as broken:
        broken.setattr(server.context.access._store, "commit", fail)
        answer = await http.post(f"/api/rides/{ride.ride_id}/cancel")
        assert (answer.status_code, code_of(answer)) == (503, "store_unavailable")
    assert (await visitor.ride(http, ride.ride_id)).state == "waiting"


async def test_a_stop_waits_for_no_audit_log(
    server: RunningServer, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()

    async def hang(operator: str, detail: str) -> None:
        await never.wait()

    monkeypatch.setattr(server.context.access, "record", hang)
    async with asyncio.timeout(5.0):
        assert (await http.post("/api/operator/stop")).json()["stopped"]
    monkeypatch.undo()
    await http.post("/api/operator/stop")
    never.set()

    async def is_told() -> bool:
        return "POST /api/operator/stop" in (await http.get("/api/operator/audit")).text

    await eventually(is_told)


async def test_nothing_secret_is_shown_to_anybody(server: RunningServer, http: httpx.AsyncClient, city: City) -> None:
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    async with running(car):
        await visitor.cars_online(http, 1)
        ride = await visitor.book(http, await visitor.register(http), "visit-1")
        async with anybody(server) as passer_by:
            paths = ("/", "/api/health", "/api/live", "/api/city", "/api/city.yaml", "/api/traffic", "/metrics")
            texts = [(await passer_by.get(path)).raise_for_status().text for path in paths]
    assert '"x_m"' in texts[5]
    for secret in (ride.ride_id, ride.station_id, "tablet-1", "board-car-1", car.key or ""):
        assert not any(secret in text for text in texts), secret
