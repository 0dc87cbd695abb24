"""The staff of a simulated city: every simulated car gets a key, kept where the cars look for theirs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Sequence

from fleet.clock import Clock, WallClock
from fleet.key_file import key_path, read_key, write_key
from pixelopolis.claimed_car.claim import ClaimLine, ClaimLostError
from pixelopolis.operator_client import OperatorError
from pixelopolis.staff.session import StaffSession

RETRY_PERIOD_S = 2.0

_log = logging.getLogger(__name__)


class Staff:
    """Works for one server and one simulator."""

    def __init__(self, server_url: str, session: StaffSession, line: ClaimLine, clock: Clock) -> None:
        """`server_url` must be the address by which the cars know the server: their keys are kept under it."""
        self._server_url = server_url
        self._session = session
        self._line = line
        self._clock = clock

    async def let_cars_in(self) -> list[str]:
        """See that every simulated car has a valid key; the cars. Waits for server and simulator."""
        said = ""
        while True:
            try:
                car_ids = await self._car_ids()
                for car_id in car_ids:
                    await self._let_in(car_id)
            except (OSError, OperatorError, ClaimLostError) as error:
                if str(error) != said:
                    said = str(error)
                    _log.warning("%s; trying again", error)
                await self._clock.sleep(RETRY_PERIOD_S)
            else:
                return car_ids

    async def _car_ids(self) -> list[str]:
        try:
            await self._line.open()
            return [str(car["id"]) for car in await self._line.cars()]
        finally:
            await self._line.close()

    async def _let_in(self, car_id: str) -> None:
        path = key_path(car_id, self._server_url)
        key = read_key(path)
        if key is not None and await self._session.is_valid(key):
            return
        write_key(path, await self._session.enrol_car(car_id))
        _log.info("%s has a key now", car_id)


def run_staff(server_url: str, name: str, sim: tuple[str, int]) -> Sequence[str]:
    """Let all simulated cars in; their ids. Ends early, with none, on SIGTERM or SIGINT.

    Raises:
        UsageError: if the environment has no password.
    """
    return asyncio.run(_until_signal(server_url, name, sim))


async def _until_signal(server_url: str, name: str, sim: tuple[str, int]) -> Sequence[str]:
    session = StaffSession(server_url, name)
    staff = Staff(server_url, session, ClaimLine(*sim), WallClock())
    working = asyncio.create_task(staff.let_cars_in())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            return await working
    finally:
        with contextlib.suppress(OSError):
            await session.close()
    return ()
