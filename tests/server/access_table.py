"""Who may call what, measured: every route of a running server, called with every kind of key.

`python -m tests.server.access_table` writes the table into docs/access.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from city.files import load_city
from fleet.access import Role
from server.app import create_app
from server.rides.sharing import share_token
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server
from tests.server.keys import bearer
from tests.server.live_car import LiveCar, running

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"

CALLERS = ("nobody", "wrong key", "void key", "another station", "another car", "its station", "its car", "operator")
OPEN, TOKEN, SECRET = "yes", "token", "secret"  # else the status of the refusal
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LINK = "WebSocket"


class Call(NamedTuple):
    """A route as it is called."""

    method: str
    path: str  # with its parameters' names

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE


class Scene(NamedTuple):
    """What a table is measured on: a ride of station `tablet-1` with `car-1`."""

    server: RunningServer
    http: httpx.AsyncClient
    ride_id: str
    station_id: str

    @property
    def parameters(self) -> dict[str, str]:
        names = {"role": "station", "name": "nobody", "car_id": "car-1", "edge": "15"}
        return {"ride_id": self.ride_id, "token": share_token(self.ride_id), **names}

    def body(self, path: str) -> dict[str, str | None] | None:
        """A good one, but for codes and passwords."""
        secret = {"code": "7K2M-Q4XD-9TRB", "password": "a sentence that nobody guesses"}
        bodies: dict[str, dict[str, str | None]] = {
            "/api/enrolments": {"role": "car", "name": "car-1", "code": secret["code"]},
            "/api/operators": {"name": "mallory", **secret},
            "/api/sessions": {"name": "tester", "password": secret["password"]},
            "/api/stations": {"device_id": "tablet-1", "name": "Desk"},
            "/api/rides": {"station_id": self.station_id, "request_id": "visit-1"},
            "/api/rides/{ride_id}/destination": {"place_id": "museum"},
            "/api/operator/codes": {"role": "car", "name": None},
            "/api/operator/cars/{car_id}/send": {"place_id": "museum"},
        }
        return bodies.get(path)

    async def headers(self, caller: str) -> dict[str, str]:
        """With a key that is given for this one call: some calls end it."""
        enrolment = self.server.context.access.enrolment
        if caller == "nobody":
            return {}
        if caller == "wrong key":
            return bearer("0123456789abcdef.wrong")
        if caller == "operator":
            return bearer((await self.server.context.access.open_session("tester")).key)
        role = Role.CAR if caller.endswith("car") else Role.STATION
        name = ("car-" if role is Role.CAR else "tablet-") + ("1" if caller.startswith("its") else "2")
        key = await enrolment.enrol_without_code(role, name)
        if caller == "void key":
            await enrolment.revoke(role, name)
        return bearer(key.key)


def routes(server: RunningServer) -> Iterator[Call]:
    """Everything that the server answers to, files of the page left out."""
    for route in iter_route_contexts(create_app(server.context).routes):
        if isinstance(route.original_route, Mount):
            continue
        assert route.path is not None
        for method in sorted((route.methods or {LINK}) - {"HEAD"}):
            yield Call(method, route.path)


async def answer(scene: Scene, call: Call, caller: str) -> str:
    """Whether a caller is let in; else what it is told."""
    path, headers = call.path.format(**scene.parameters), await scene.headers(caller)
    if call.method == LINK:
        return await _linked(scene.server.url.replace("http", "ws", 1) + path, headers)
    body = scene.body(call.path)
    http = scene.http
    async with http.stream(call.method, path, json=body, headers=headers) as response:
        if response.status_code not in (401, 403):
            return OPEN if "{token}" not in call.path else await _with_wrong_token(scene, call, headers)
        is_secret = '"wrong_secret"' in (await response.aread()).decode()
        return SECRET if is_secret else str(response.status_code)


async def _with_wrong_token(scene: Scene, call: Call, headers: dict[str, str]) -> str:
    path = call.path.format(token="0" * 32)
    return TOKEN if (await scene.http.request(call.method, path, headers=headers)).status_code == 404 else OPEN


async def _linked(url: str, headers: dict[str, str]) -> str:
    try:
        async with connect(url, proxy=None, additional_headers=headers):
            return OPEN
    except InvalidStatus as error:
        return str(error.response.status_code)


async def measure() -> dict[Call, tuple[str, ...]]:
    """The answers by route, in the order of `CALLERS`."""
    async with running_server() as server, client(server) as operator:
        async with running(LiveCar(load_city("pixelopolis"), "car-1", 2, 0.3, server.link_url)):
            await visitor.cars_online(operator, 1)
        station_id = await visitor.register(operator)
        ride = await visitor.book(operator, station_id, "visit-1")
        async with httpx.AsyncClient(base_url=server.url, timeout=10.0, trust_env=False) as http:
            scene = Scene(server, http, ride.ride_id, station_id)
            table = {}
            for call in sorted(routes(server), key=lambda call: (call.path, call.method)):
                table[call] = tuple([await answer(scene, call, caller) for caller in CALLERS])
    return table


def written(table: dict[Call, tuple[str, ...]]) -> str:
    """The table in Markdown."""
    lines = [f"| call | {' | '.join(CALLERS)} |", "|---" * (1 + len(CALLERS)) + "|"]
    lines += [f"| `{call.method} {call.path}` | {' | '.join(answers)} |" for call, answers in table.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table into the page."""
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    table = written(asyncio.run(measure()))
    PAGE.write_text(f"{head}{BEGIN}{table}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
