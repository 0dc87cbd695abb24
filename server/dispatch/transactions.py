"""The fleet's state and what is stored of it, changed by one caller at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.changes import ChangeSignal
from server.dispatch.ledger import Ledger
from server.fleet_control.fleet_state import FleetState


class Transactions:
    """All that changes the fleet's rides or acts passes through one lock and one store commit.

    Attributes:
        fleet: the state; what of it is not stored may be taken back.
        ledger: what is stored.
        changed: wakes whoever watches, after each change.
        lock: held while the state is changed and stored.
    """

    def __init__(self, fleet: FleetState, ledger: Ledger) -> None:
        """Begin with a ledger that is still to be loaded."""
        self.fleet = fleet
        self.ledger = ledger
        self.changed = ChangeSignal()
        self.lock = asyncio.Lock()

    async def commit(self) -> None:
        """Store what has changed, and forget rides that are over; the caller holds the lock.

        Raises:
            StoreError: if it cannot be stored.
        """
        over = await self.ledger.commit(self.fleet.records(), self.fleet.rides.all, self.fleet.acts)
        self.fleet.rides.forget(over)

    @asynccontextmanager
    async def change(self) -> AsyncIterator[FleetState]:
        """Change rides or acts: what is not stored has not happened. While the store fails nobody waits for it.

        Raises:
            StoreError: if it cannot be stored; acts that make cars stand hold all the same.
        """
        self.ledger.check()
        async with self.lock:
            self.ledger.check()
            rides, acts = dict(self.fleet.rides.all), self.fleet.acts
            try:
                yield self.fleet
                await self.commit()
            except BaseException:
                self.fleet.rides.replace_all(rides)
                self.fleet.acts = acts.braking_as(self.fleet.acts)
                raise
        self.changed.notify()
