"""The server: its real dispatcher on a real store, stepped by the simulation's clock, killed when a fault says so."""

from __future__ import annotations

from city.city import City
from fleet.clock import Clock
from server.dispatch.dispatcher import STEP_PERIOD_S, Dispatcher
from server.store.base import Store

RESTART_S = 2.0  # pixelopolis.demo.fleet.RESTART_DELAY_S, and the time that a server takes to start
EPSILON_S = 1e-6


class ServerHost:
    """Runs one server process after the other on the same store."""

    def __init__(self, city: City, store: Store, clock: Clock, seed: int) -> None:
        self._city = city
        self._clock = clock
        self._seed = seed
        self._step_due_s = 0.0
        self.store = store
        self.dispatcher: Dispatcher | None = None
        self.starts = 0

    async def start(self) -> None:
        """Begin a new process, which goes on from what is stored."""
        dispatcher = Dispatcher(
            self._city, self.store, self._clock, seed=self._seed + self.starts, utc_s=self._clock.now_s
        )
        await dispatcher.load()
        self.dispatcher = dispatcher
        self.starts += 1

    def kill(self) -> None:
        """End the process at once; what it committed is in the store, and nothing else of it is left."""
        self.dispatcher = None

    async def step(self) -> None:
        """Let the dispatcher decide when that is due."""
        if self.dispatcher is not None and self._clock.now_s() >= self._step_due_s - EPSILON_S:
            self._step_due_s = self._clock.now_s() + STEP_PERIOD_S
            await self.dispatcher.step()
