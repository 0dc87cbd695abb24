"""The staff of a simulated city: lets its cars in, and tells the server of cars that are off the road."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence

from fleet.clock import Clock, WallClock
from fleet.key_file import key_path, read_key, write_key
from pixelopolis.claimed_car.claim import ClaimLine, ClaimLostError
from pixelopolis.operator_client import OperatorError
from pixelopolis.staff.session import StaffSession

LOOK_PERIOD_S = 2.0

_log = logging.getLogger(__name__)


class Staff:
    """Works for one server and one simulator."""

    def __init__(self, server_url: str, session: StaffSession, line: ClaimLine, clock: Clock) -> None:
        """`server_url` must be the address by which the cars know the server: their keys are kept under it."""
        self._server_url = server_url
        self._session = session
        self._line = line
        self._clock = clock
        self._said = ""

    async def let_cars_in(self) -> list[str]:
        """See that every simulated car has a valid key; the cars. Waits for server and simulator."""
        car_ids: list[str] = []
        while not await self._tried(lambda: self._let_all_in(car_ids)):
            await self._clock.sleep(LOOK_PERIOD_S)
        return car_ids

    async def watch_for_ever(self) -> None:
        """Tell the server of every car that nobody drives and that is off the road, so that it blocks nothing."""
        while True:
            await self._tried(self._look)
            await self._clock.sleep(LOOK_PERIOD_S)

    async def _tried(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether it was done; what was in the way is said once."""
        try:
            await work()
        except (OSError, OperatorError, ClaimLostError) as error:
            if str(error) != self._said:
                self._said = str(error)
                _log.warning("%s; trying again", error)
            return False
        self._said = ""
        return True

    async def _let_all_in(self, car_ids: list[str]) -> None:
        car_ids[:] = [str(car["id"]) for car in await self._cars()]
        for car_id in car_ids:
            path = key_path(car_id, self._server_url)
            key = read_key(path)
            if key is not None and await self._session.is_valid(key):
                continue
            write_key(path, await self._session.enrol_car(car_id))
            _log.info("%s has a key now", car_id)

    async def _look(self) -> None:
        away = {str(car["id"]) for car in await self._cars() if not car["on_road"] and not car["has_driver"]}
        if not away:
            return
        for car in await self._session.call("GET", "/api/cars"):
            if car["car_id"] in away and car["status"] == "lost" and car["road"] is not None:
                await self._session.call("POST", f"/api/operator/cars/{car['car_id']}/lift")
                _log.info("%s is off the road", car["car_id"])

    async def _cars(self) -> list[dict[str, object]]:
        try:
            await self._line.open()
            return await self._line.cars()
        finally:
            await self._line.close()


def run_staff(server_url: str, name: str, sim: tuple[str, int], told: Callable[[Sequence[str]], None]) -> None:
    """Work until SIGTERM or SIGINT; `told` hears of the cars once they are let in.

    Raises:
        UsageError: if the environment has no password.
    """
    asyncio.run(_until_signal(server_url, name, sim, told))


async def _until_signal(
    server_url: str, name: str, sim: tuple[str, int], told: Callable[[Sequence[str]], None]
) -> None:
    session = StaffSession(server_url, name)
    working = asyncio.create_task(_work(Staff(server_url, session, ClaimLine(*sim), WallClock()), told))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await working
    finally:
        with contextlib.suppress(OSError):
            await session.close()


async def _work(staff: Staff, told: Callable[[Sequence[str]], None]) -> None:
    told(await staff.let_cars_in())
    await staff.watch_for_ever()
