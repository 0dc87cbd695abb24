"""An operator who closes a road for a while, with the operations behind the API."""

from __future__ import annotations

import random
from functools import partial

from city.city import City
from pixelopolis.evaluation.fleet.server_host import ServerHost
from server.fleet_control.operations import ActRefusedError, close_edge, open_edge
from server.store.base import StoreError


class Closures:
    """Closes edges and opens them again; while the server is away nothing can be done."""

    def __init__(self, city: City, server: ServerHost, rng: random.Random) -> None:
        self._city = city
        self._server = server
        self._rng = rng

    async def close(self, wanted: int) -> int | None:
        """Close an edge, another one if that would leave the cars too little room.

        Returns:
            The edge; None if the server is away or refuses them all.
        """
        others = self._rng.sample(sorted(self._city.edges), len(self._city.edges))
        for edge in (wanted, *others):
            if await self._close(edge):
                return edge
        return None

    async def _close(self, edge: int) -> bool:
        dispatcher = self._server.dispatcher
        if dispatcher is None or edge in dispatcher.fleet.acts.closed_edges:
            return False
        try:
            await dispatcher.operate(partial(close_edge, edge=edge))
        except (ActRefusedError, StoreError):
            return False
        return True

    async def open(self, edge: int) -> bool:
        """Open an edge; whether that could be done."""
        dispatcher = self._server.dispatcher
        if dispatcher is None:
            return False
        try:
            await dispatcher.operate(partial(open_edge, edge=edge))
        except StoreError:
            return False
        return True
