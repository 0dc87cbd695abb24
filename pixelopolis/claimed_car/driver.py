"""Claims a car, drives it in a process of its own for as long as the claim lasts, and claims one again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from fleet.clock import Clock
from pixelopolis.claimed_car.claim import ClaimedCar, ClaimLine, ClaimLostError, ClaimRefusedError

KEEP_PERIOD_S = 1.0
RETRY_PERIOD_S = 2.0
REMIND_AFTER_S = 60.0  # whoever waits says so again

_log = logging.getLogger(__name__)


class CarEndedError(RuntimeError):
    """The car's process ended by itself; says how."""


class CarProcess(Protocol):
    """A car that drives."""

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        ...

    async def stop(self) -> None:
        """End it; its wheels stand then."""
        ...


StartCar = Callable[[ClaimedCar], Awaitable[CarProcess]]


class Driver:
    """One driver; runs until it is cancelled or its car ends by itself."""

    def __init__(self, line: ClaimLine, start_car: StartCar, clock: Clock) -> None:
        self._line = line
        self._start_car = start_car
        self._clock = clock
        self._wanted: str | None = None
        self._said: tuple[str, float] | None = None

    async def run(self) -> None:
        """Drive one car after the other; the last one stands, and is given back, when this returns.

        Raises:
            CarEndedError: if a car's process ends by itself.
        """
        try:
            while True:
                car = await self._claimed()
                self._wanted, self._said = car.car_id, None
                _log.info("drives %s", car.car_id)
                try:
                    await self._drive(car)
                except ClaimLostError as error:
                    _log.warning("%s is stopped: %s", car.car_id, error)
        finally:
            await self._line.close()

    async def _claimed(self) -> ClaimedCar:
        while True:
            try:
                await self._line.close()
                await self._line.open()
                while True:
                    try:
                        return await self._line.claim(self._wanted)
                    except ClaimRefusedError as error:
                        self._say(f"{error}; this one waits for one")
                    await self._clock.sleep(RETRY_PERIOD_S)
            except ClaimLostError as error:
                self._say(f"{error}; trying again")
            await self._clock.sleep(RETRY_PERIOD_S)

    def _say(self, words: str) -> None:
        """Say the same again only now and then."""
        now_s = self._clock.now_s()
        if self._said is None or self._said[0] != words or now_s - self._said[1] >= REMIND_AFTER_S:
            _log.warning("%s", words)
            self._said = words, now_s

    async def _drive(self, car: ClaimedCar) -> None:
        process = await self._start_car(car)
        ended = asyncio.ensure_future(process.wait())
        keeping = asyncio.ensure_future(self._keep())
        try:
            await asyncio.wait((ended, keeping), return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise CarEndedError(f"{car.car_id}: its process ended with status {ended.result()}")
            await keeping
        finally:
            keeping.cancel()
            await process.stop()
            await asyncio.gather(ended, return_exceptions=True)
            with contextlib.suppress(asyncio.CancelledError, ClaimLostError):
                await keeping

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(KEEP_PERIOD_S)
            await self._line.keep()
