"""The benches' own HTTP, by a server that is real."""

from __future__ import annotations

import pytest

from fleet.access import Role
from pixelopolis.bench.served.http_line import HttpLine, Stopwatch
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


async def test_calls_are_answered_and_timed_on_one_connection(watch: Stopwatch) -> None:
    async with running_server() as server, HttpLine(server.url, {}, watch) as line:
        assert (await line.ask("GET", "/api/live")).json == {"status": "ok"}
        assert (await line.ask("GET", "/api/live")).status == 200
        assert (await line.ask("POST", "/api/rides", {"station_id": "x"}, route="/api/rides")).status == 401
    assert watch.statuses == {("GET /api/live", 200): 2, ("POST /api/rides", 401): 1}
    assert len(watch.times_ms["GET /api/live"]) == 2
    assert all(time_ms > 0 for times_ms in watch.times_ms.values() for time_ms in times_ms)


async def test_a_connection_that_the_server_has_closed_is_opened_again(watch: Stopwatch) -> None:
    async with running_server() as server, HttpLine(server.url, {}, watch) as line:
        await line.ask("GET", "/api/live")
        line.close()
        assert (await line.ask("GET", "/api/live")).status == 200


async def test_a_server_that_is_not_there_is_an_error(watch: Stopwatch) -> None:
    async with HttpLine("http://127.0.0.1:9", {}, watch) as line:
        with pytest.raises(OSError, match=r"127\.0\.0\.1"):
            await line.ask("GET", "/api/live")


async def test_events_come_as_they_happen_until_the_ride_is_over(watch: Stopwatch) -> None:
    async with running_server() as server, client(server) as http:
        ride = await visitor.book(http, await visitor.register(http), "visit-1")
        states = await _states(server, ride.ride_id, watch)
    assert states == ["waiting", "cancelled"]
    assert len(watch.times_ms["GET /events"]) == 1


async def _states(server: RunningServer, ride_id: str, watch: Stopwatch) -> list[str]:
    headers = visitor.key_of(ride_id)
    states = []
    async with HttpLine(server.url, headers, watch) as stream, HttpLine(server.url, headers, watch) as line:
        async for view in stream.events(f"/api/rides/{ride_id}/events", route="/events"):
            states.append(view["state"])
            if view["state"] == "waiting":
                await line.ask("POST", f"/api/rides/{ride_id}/cancel")
    return states


async def test_a_stream_that_is_refused_tells_nothing(watch: Stopwatch) -> None:
    async with running_server() as server:
        key = await server.enrolled(Role.STATION, "tablet-1")
        async with HttpLine(server.url, key, watch) as stream:
            with pytest.raises(OSError, match="status 404"):
                await anext(stream.events("/api/rides/none/events", route="/events"))
