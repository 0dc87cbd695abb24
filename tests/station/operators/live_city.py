"""A real server with an operator, and doubles of cars that drive, in a thread of their own beside the browser's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext

from city.files import load_city
from fleet.access import OperatorRequest, Role
from server.api.guards import COOKIE
from server.security.enrolment import SERVER
from tests.server.camera import Camera
from tests.server.conftest import RunningServer, running_server
from tests.server.keys import PASSWORD
from tests.server.live_car import LiveCar
from tests.server.waiting import eventually
from tests.station.street_view import street_frames

T = TypeVar("T")

OPERATOR = "alice"
PATIENCE_S = 30.0
SPEED_MPS = 0.3
PLACES_OF_CARS = ((2, 0.2), (6, 0.2), (12, 0.2), (9, 0.2))  # edge and station, one for each car


class StreetCamera(Camera):
    """A car's own stream of a street; slow, as the machine has other things to do."""

    period_s = 0.2

    def __init__(self) -> None:
        super().__init__()
        self._frames = street_frames(12)

    def picture(self) -> bytes:
        """One of a loop."""
        return self._frames[self.number % len(self._frames)]


class LiveCity:
    """Start and stop the server as a test says; the cars go on, and come back to it."""

    def __init__(self, folder: Path, cars: int = 2) -> None:
        self.city = load_city("pixelopolis")
        self.port = 0
        self._store = f"sqlite:{folder}/city.sqlite3"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._camera = StreetCamera()
        self.do(self._camera.start())
        self._stopping = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._running: RunningServer | None = None
        self.start()
        self.do(self._enrol_operator())
        self.cars = [self._car(number) for number in range(1, cars + 1)]
        self._driving = [self.do(self._begin(car.run())) for car in self.cars]
        self.until(lambda: self._online() == cars)

    @property
    def server(self) -> RunningServer:
        """The server that runs now."""
        if self._running is None:
            raise RuntimeError("the server does not run")
        return self._running

    @property
    def url(self) -> str:
        """The visitors' page; the operators' one is `operators` there."""
        return f"http://127.0.0.1:{self.port}/"

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives, run beside the server."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE_S)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition of server or cars holds."""
        self.do(eventually(condition, PATIENCE_S))

    def start(self) -> None:
        """Serve, on the same port and store as before if there were such."""
        self._serving = self.do(self._begin(self._serve()))
        self.until(lambda: self._running is not None)
        self.port = int(self.server.url.rsplit(":", 1)[1])

    def stop(self) -> None:
        """End the server."""
        self.do(self._end_server())

    def close(self) -> None:
        """End everything."""
        for task in self._driving:
            self._loop.call_soon_threadsafe(task.cancel)
        if self._running is not None:
            self.stop()
        self.do(self._camera.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def log_in(self, context: BrowserContext) -> None:
        """Give a browser the operator's session."""
        key = self.do(self.server.context.access.open_session(OPERATOR)).key
        context.add_cookies(
            [{"name": COOKIE, "value": key, "domain": "127.0.0.1", "path": "/api", "sameSite": "Strict"}]
        )

    async def code(self, role: Role, name: str | None = None) -> str:
        """A one-time code."""
        return (await self.server.context.access.enrolment.issue_code(role, name, SERVER)).code

    def _car(self, number: int) -> LiveCar:
        car = LiveCar(self.city, f"car-{number}", *PLACES_OF_CARS[number - 1], self.server.link_url)
        car.stream_url, car.speed_mps = self._camera.url, SPEED_MPS
        return car

    async def _begin(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(coroutine)

    async def _serve(self) -> None:
        self._stopping.clear()
        async with running_server(self._store, port=self.port) as self._running:
            await self._stopping.wait()
        self._running = None

    async def _end_server(self) -> None:
        self._stopping.set()
        if self._serving is not None:
            await self._serving

    async def _enrol_operator(self) -> None:
        request = OperatorRequest(name=OPERATOR, code=await self.code(Role.OPERATOR), password=PASSWORD)
        await self.server.context.access.enrolment.enrol_operator(request)

    def _online(self) -> int:
        return sum(view.status == "online" for view in self.server.context.dispatcher.car_views())
