"""One ride's views as they change, for those who follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fleet.views import FINAL_STATES, RideView
from server.dispatch.dispatcher import Dispatcher

MOVEMENT_PERIOD_S = 0.5  # between views in which only the car's place has changed


async def ride_changes(dispatcher: Dispatcher, ride_id: str) -> AsyncIterator[RideView]:
    """The ride as it is, and again whenever it has changed, until it is over or the server shuts down."""
    shown: RideView | None = None
    shown_s = 0.0
    loop = asyncio.get_running_loop()
    while not dispatcher.changed.is_closed:
        is_step = shown is None or dispatcher.visitors.ride_step(ride_id) != (shown.state, shown.queue_position)
        if is_step or loop.time() - shown_s >= MOVEMENT_PERIOD_S:  # a view takes long to make
            view = await dispatcher.visitors.ride_view(ride_id)
            if view != shown:
                yield view
                shown, shown_s = view, loop.time()
            if view.state in FINAL_STATES:
                return
        await dispatcher.changed.wait()
