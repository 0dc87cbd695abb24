"""Two servers on one database, asked now here, now there, as a load balancer would."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack

import httpx
import pytest
from starlette.types import ASGIApp, Message
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from car.connection.link import LINK_PATH
from city.city import City
from fleet.access import Role
from fleet.clock import WallClock
from fleet.views import RideState
from server.cluster.forwarding import Forwarder, answer_no_leader
from server.cluster.member import ClusterMember
from server.cluster.open import open_lease_book
from server.store.base import StoreError
from tests.server import visitor
from tests.server.cluster.conftest import RunningMember, running_member
from tests.server.keys import bearer, enrol
from tests.server.live_car import LiveCar, running
from tests.server.stand_in import allow_lost_sockets
from tests.server.waiting import eventually

pytestmark = allow_lost_sockets

Two = tuple[RunningMember, RunningMember]


async def test_one_leads_and_both_answer_alike(two: Two) -> None:
    leader, follower = two
    assert not follower.member.leads
    for path in ("/", "/api/city", "/api/health", "/static/js/main.js"):
        asked, passed_on = await leader.http.get(path), await follower.http.get(path)
        assert (passed_on.status_code, passed_on.content) == (asked.status_code, asked.content)
        assert passed_on.headers["content-type"] == asked.headers["content-type"]
        assert passed_on.headers.get("content-encoding") == asked.headers.get("content-encoding")
        assert passed_on.headers["x-content-type-options"] == "nosniff"


class CannotLead(AbstractAsyncContextManager[ASGIApp]):
    async def __aenter__(self) -> ASGIApp:
        raise StoreError("the store is of a newer server")

    async def __aexit__(self, *_: object) -> None:
        return None


async def test_a_server_lives_even_if_nobody_leads(store_url: str) -> None:
    member = ClusterMember("http://127.0.0.1:1", await open_lease_book(store_url), CannotLead, WallClock())
    member.start()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(member), base_url="http://here") as http:
            assert (await http.get("/api/live")).json() == {"status": "ok"}
            assert (await http.get("/api/health")).status_code == 503
    finally:
        await member.stop()
    assert not member.leads


async def test_errors_are_passed_on(two: Two) -> None:
    _, follower = two
    for answer, status in (
        (await follower.http.get("/api/rides/nothing"), 404),
        (await follower.http.post("/api/rides", content=b"{"), 422),
        (await follower.http.post("/api/stations", content=b"x" * 20_000), 413),
    ):
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}


async def test_a_ride_with_its_station_here_and_its_car_there(two: Two, city: City) -> None:
    leader, follower = two
    for station, link in ((leader, follower), (follower, leader)):
        async with running(LiveCar(city, "car-1", 2, 0.3, link.link_url)):
            await visitor.cars_online(station.http, 1)
            booked = await visitor.book(
                station.http, await visitor.register(station.http), f"visit-{station.http.base_url.port}"
            )
            events = visitor.events(link.http, f"/api/rides/{booked.ride_id}/events")
            await anext(events)
            await visitor.until(station.http, booked.ride_id, RideState.CHOOSING)
            await visitor.act(station.http, booked.ride_id, "destination", {"place_id": "museum"})
            await visitor.until(station.http, booked.ride_id, RideState.ARRIVED)
            await visitor.act(link.http, booked.ride_id, "end")
            states = [data["state"] async for _, data in events]
            assert states[-1] == "ended"
            assert {"riding", "arrived"} <= set(states)


async def test_a_request_is_one_ride_wherever_it_is_sent(two: Two) -> None:
    station_id = await visitor.register(two[0].http)
    rides = await asyncio.gather(*(visitor.book(two[k % 2].http, station_id, "visit-1") for k in range(20)))
    assert len({ride.ride_id for ride in rides}) == 1


async def test_a_leader_that_stops_is_followed_at_once(store_url: str, city: City) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(running_member(store_url))
        await eventually(lambda: first.member.leads)
        second = await stack.enter_async_context(running_member(store_url))
        car = LiveCar(city, "car-1", 2, 0.3, second.link_url)
        await stack.enter_async_context(running(car))
        await visitor.cars_online(second.http, 1)
        booked = await visitor.book(second.http, await visitor.register(second.http), "visit-1")
        await visitor.act(second.http, booked.ride_id, "destination", {"place_id": "museum"})
        await first.stop()
        await eventually(lambda: second.member.leads, timeout_s=3.0)
        arrived = await until_served(second.http, booked.ride_id, RideState.ARRIVED)
        assert (arrived, car.refusals) == ("arrived", [])


async def until_served(http: httpx.AsyncClient, ride_id: str, state: RideState) -> str:
    """Ask for a ride until it is in a state; in between nobody may lead."""
    async with asyncio.timeout(30.0):
        while True:
            answer = await http.get(f"/api/rides/{ride_id}")
            assert answer.status_code in (200, 503), answer.text
            if answer.status_code == 503:
                assert answer.json()["error"]["code"] in ("no_leader", "store_unavailable")
            elif answer.json()["state"] == state:
                return str(answer.json()["state"])
            await asyncio.sleep(0.1)


async def test_streams_through_a_follower_end_with_it(two: Two) -> None:
    _, follower = two
    ride = await visitor.book(follower.http, await visitor.register(follower.http), "visit-1")
    events = visitor.events(follower.http, f"/api/rides/{ride.ride_id}/events")
    await anext(events)
    key = bearer(await enrol(follower.http, Role.CAR, "car-1"))
    async with connect(follower.link_url, proxy=None, additional_headers=key) as link, asyncio.timeout(3.0):
        await follower.stop()
        with pytest.raises(ConnectionClosed):
            await link.recv()
    async for _ in events:
        pass


async def test_a_refusal_of_a_link_is_passed_on_with_its_reason(two: Two) -> None:
    for member in two:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(member.link_url, proxy=None, additional_headers=bearer("no.key")):
                pass
        assert refused.value.response.status_code == 401
        assert b"enrol again" in refused.value.response.body


async def test_what_was_passed_on_once_is_not_passed_on_again(two: Two) -> None:
    _, follower = two
    answer = await follower.http.get("/api/health", headers={"X-Pixelopolis-Forwarded-By": "somebody"})
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_leader"
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("leader_url", [None, "http://127.0.0.1:1"])
async def test_a_link_while_nobody_leads_is_told_to_try_again_not_that_it_may_not(leader_url: str | None) -> None:
    extensions: dict[str, object] = {"websocket.http.response": {}}
    scope = {"type": "websocket", "scheme": "ws", "path": LINK_PATH, "headers": [], "extensions": extensions}
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    if leader_url is None:
        await answer_no_leader(scope, receive, send)
    else:
        await Forwarder("this one").forward(leader_url, scope, receive, send)
    assert [message["type"] for message in sent] == ["websocket.http.response.start", "websocket.http.response.body"]
    assert sent[0]["status"] == 503
    assert b"no_leader" in sent[1]["body"]
