"""An operator drives a car by hand through a running server, over real WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from city.city import City
from fleet.access import Role
from fleet.driving import Denial, DriveView
from fleet.messages import HAND_TIMEOUT_S
from tests.server import visitor
from tests.server.conftest import RunningServer
from tests.server.keys import bearer, operator_key
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually

SEND_PERIOD_S = 0.05
PATH = "/api/operator/cars/{}/drive"


class Page:
    """An operator's page at a wheel; it grips the switch while `grips`, and says nothing while it is frozen."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.views: list[DriveView] = []
        self.grips = False
        self.is_frozen = False
        self._sequence = 0

    @property
    def view(self) -> DriveView | None:
        return self.views[-1] if self.views else None

    def is_denied(self, denial: Denial | None) -> bool:
        return self.view is not None and self.view.denial is denial

    async def hear(self) -> None:
        async for text in self.socket:
            self.views.append(DriveView.model_validate_json(text))

    async def send(self) -> None:
        gripped = False
        while True:
            if not self.is_frozen:
                if self.grips and self.view is not None:
                    await self.command()
                elif gripped:
                    await self.socket.send('{"released": true}')
                gripped = self.grips
            await asyncio.sleep(SEND_PERIOD_S)

    async def command(self, state: int | None = None) -> None:
        assert self.view is not None
        self._sequence += 1
        said = {"steering": 0.1, "speed_mps": 0.1, "sequence": self._sequence, "state": state or self.view.number}
        await self.socket.send(json.dumps(said))


@asynccontextmanager
async def at_the_wheel(server: RunningServer, car_id: str = "car-1", **headers: str) -> AsyncIterator[Page]:
    url = server.url.replace("http", "ws", 1) + PATH.format(car_id)
    async with connect(url, proxy=None, additional_headers=headers or bearer(operator_key(server.url) or "")) as socket:
        page = Page(socket)
        tasks = [asyncio.create_task(page.hear()), asyncio.create_task(page.send())]
        try:
            yield page
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def car(server: RunningServer, http: httpx.AsyncClient, city: City) -> AsyncIterator[LiveCar]:
    """Held, on edge 2."""
    car = LiveCar(city, "car-1", 2, 0.2, server.link_url)
    async with running(car):
        await visitor.cars_online(http, 1)
        await act(http, "cars/car-1/hold")
        await eventually(lambda: car.release is not None and car.release.hold)
        yield car


async def act(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.post(f"/api/operator/{path}")
    assert answer.status_code == 200, answer.text


def stands(car: LiveCar) -> bool:
    return car.manual is None or car.manual.released


async def drives(car: LiveCar, page: Page) -> None:
    """Grip the switch until the car moves."""
    page.grips = True
    entered = car.edges_entered
    await eventually(lambda: car.edges_entered > entered)


async def test_a_held_car_is_driven_while_the_switch_is_held(
    server: RunningServer, http: httpx.AsyncClient, car: LiveCar
) -> None:
    async with at_the_wheel(server) as page:
        await eventually(lambda: page.is_denied(Denial.OPEN))
        stood = (car.edge, car.s_m)
        await asyncio.sleep(0.3)
        assert (car.edge, car.s_m) == stood
        await drives(car, page)
        await eventually(lambda: page.is_denied(None))
        shown = (await http.get("/api/cars/car-1")).json()
        assert (shown["mode"], shown["held"], shown["driven"]) == ("manual", True, True)
        page.grips = False
        await eventually(lambda: stands(car))
        await eventually(lambda: page.is_denied(Denial.OPEN))
    audit = (await http.get("/api/operator/audit")).json()
    of_driving = [entry["detail"] for entry in audit if "drive" in (entry["detail"] or "")]
    assert of_driving[-1] == "WebSocket /api/operator/cars/car-1/drive"


async def test_a_second_operator_is_refused_with_the_reason(server: RunningServer, car: LiveCar) -> None:
    bob = bearer((await server.context.access.open_session("bob")).key)
    async with at_the_wheel(server) as page:
        await drives(car, page)
        async with at_the_wheel(server, **bob) as other:
            await eventually(lambda: other.is_denied(Denial.TAKEN))
            assert other.view is not None
            assert other.view.message == "tester drives car-1: only one can"
            with pytest.raises(ConnectionClosed):
                await other.socket.recv()
        await drives(car, page)
    async with at_the_wheel(server, **bob) as other:
        await drives(car, other)


@pytest.mark.parametrize(
    ("path", "denial"),
    [("cars/car-1/release", Denial.NOT_HELD), ("stop", Denial.ALL_STOPPED), ("cars/car-1/hold", Denial.HELD_AGAIN)],
)
async def test_operators_acts_end_it(
    server: RunningServer, http: httpx.AsyncClient, car: LiveCar, path: str, denial: Denial
) -> None:
    async with at_the_wheel(server) as page:
        await drives(car, page)
        await act(http, path)
        await eventually(lambda: page.is_denied(denial))
        await eventually(lambda: stands(car))  # the page may hear it first


async def test_a_silent_or_closed_page_ends_it(server: RunningServer, car: LiveCar) -> None:
    async with at_the_wheel(server) as page:
        await drives(car, page)
        page.is_frozen = True
        begun_s = asyncio.get_running_loop().time()
        await eventually(lambda: page.is_denied(Denial.SILENT))
        assert asyncio.get_running_loop().time() - begun_s > HAND_TIMEOUT_S - 2 * SEND_PERIOD_S
        await eventually(lambda: stands(car))
        page.is_frozen = False
        await asyncio.sleep(4 * SEND_PERIOD_S)
        assert stands(car), "the switch was not let go"
        page.grips = False
        await eventually(lambda: page.is_denied(Denial.OPEN))
        await drives(car, page)
    await eventually(lambda: stands(car))


async def test_what_answers_an_old_view_is_not_obeyed(server: RunningServer, car: LiveCar) -> None:
    async with at_the_wheel(server) as page:
        await eventually(lambda: len(page.views) > 8)
        await page.command(state=1)
        await eventually(lambda: page.is_denied(Denial.LATE))
        await asyncio.sleep(4 * SEND_PERIOD_S)  # what had been passed on would have come by now
        assert stands(car)


async def test_the_end_of_the_session_ends_it(server: RunningServer, http: httpx.AsyncClient, car: LiveCar) -> None:
    session = await server.context.access.open_session("bob")
    async with at_the_wheel(server, **bearer(session.key)) as page:
        await drives(car, page)
        assert (await http.delete("/api/me/session", headers=bearer(session.key))).status_code == 204
        await eventually(lambda: page.is_denied(Denial.SESSION_OVER))
        await eventually(lambda: stands(car))


async def test_a_browser_has_its_session_in_a_cookie_and_only_from_its_own_page(
    server: RunningServer, car: LiveCar
) -> None:
    session = await server.context.access.open_session("bob")
    cookie = {"Cookie": f"pixelopolis_session={session.key}"}
    async with at_the_wheel(server, **cookie, Origin=server.url) as page:
        await drives(car, page)
    for origin in ({}, {"Origin": "http://elsewhere.example"}):
        with pytest.raises(InvalidStatus):
            async with at_the_wheel(server, **cookie, **origin):
                pass
    with pytest.raises(InvalidStatus, match="403"):
        async with at_the_wheel(server, **await server.enrolled(Role.STATION, "tablet-1")):
            pass


async def test_what_is_no_command_ends_it(server: RunningServer, car: LiveCar) -> None:
    for said in ("", "{}", '{"released": false}', '{"steering": 2, "speed_mps": 0, "sequence": 1, "state": 1}', b"x"):
        async with at_the_wheel(server) as page:
            await drives(car, page)
            await page.socket.send(said)
            await eventually(partial(page.is_denied, Denial.INVALID))
            await eventually(lambda: stands(car))


async def test_a_car_that_is_not_there(server: RunningServer) -> None:
    async with at_the_wheel(server, "car-9") as page:
        await eventually(lambda: page.is_denied(Denial.NO_CAR))
