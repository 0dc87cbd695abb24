"""A driver as a program: until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence

from fleet.clock import WallClock
from pixelopolis.claimed_car.claim import ClaimedCar, ClaimLine
from pixelopolis.claimed_car.driver import Driver
from pixelopolis.claimed_car.process import ChildCar


def drive_claimed(host: str, port: int, options: Sequence[str]) -> None:
    """Claim cars at a simulator's claim port and drive them until SIGTERM or SIGINT; `options` go to `car run`.

    Raises:
        CarEndedError: if a car's process ends by itself.
    """
    asyncio.run(_until_signal(host, port, options))


async def _until_signal(host: str, port: int, options: Sequence[str]) -> None:
    def start(car: ClaimedCar) -> asyncio.Future[ChildCar]:
        return asyncio.ensure_future(ChildCar.start(car, options))

    driving = asyncio.create_task(Driver(ClaimLine(host, port), start, WallClock()).run())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, driving.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await driving
