"""A server that is open on loopback gives keys to stations of this machine, and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from server.access_options import AccessOptions
from tests.server.conftest import RunningServer, running_server

STATION = {"role": "station", "name": "tablet-1"}


@pytest.fixture
async def open_server() -> AsyncIterator[RunningServer]:
    async with running_server(options=AccessOptions(is_open_on_loopback=True)) as server:
        yield server


async def ask(server: RunningServer, body: dict[str, str], **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        return await http.post("/api/enrolments", json=body, headers=headers)


async def test_a_station_of_this_machine_needs_no_code(open_server: RunningServer) -> None:
    for headers in ({}, {"Origin": open_server.url}):
        answer = await ask(open_server, STATION, **headers)
        assert answer.status_code == 200
        caller = open_server.context.access.identify(answer.json()["key"])
        assert (caller.role, caller.name) == ("station", "tablet-1")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"role": "car", "name": "car-1"}, {}),
        (STATION, {"Origin": "http://elsewhere.example"}),
        (STATION, {"Host": "elsewhere.example"}),  # its name was pointed at this machine
        (STATION, {"X-Forwarded-For": "192.0.2.7"}),
        (STATION, {"Forwarded": "for=192.0.2.7"}),
        ({**STATION, "code": "7K2M-Q4XD-9TRB"}, {}),  # a wrong code is wrong here, too
    ],
)
async def test_nobody_else_comes_in(open_server: RunningServer, body: dict[str, str], headers: dict[str, str]) -> None:
    assert (await ask(open_server, body, **headers)).status_code == 403


async def test_a_server_is_not_open_by_itself(server: RunningServer) -> None:
    answer = await ask(server, STATION)
    assert answer.status_code == 403
    assert "ask an operator" in answer.json()["error"]["message"]
