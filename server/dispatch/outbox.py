"""What waits to be sent to one car: the newest message of each kind, so that a slow link never gets stale orders."""

from __future__ import annotations

import asyncio

from fleet.messages import Manual, Order, Refusal, Release, Search, ToCar, Welcome

_SENDING_ORDER: tuple[type[ToCar], ...] = (Welcome, Refusal, Order, Release, Search, Manual)


class Outbox:
    """Newest message wins, kind by kind; an order is always taken before the release that refers to it."""

    def __init__(self) -> None:
        self._waiting: dict[type[ToCar], ToCar] = {}
        self._filled = asyncio.Event()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the link is to end once the rest is sent."""
        return self._closed

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def put(self, message: ToCar) -> None:
        """Replace the waiting message of the same kind."""
        self._waiting[type(message)] = message
        self._filled.set()

    def close(self) -> None:
        """Let the rest be taken, then nothing more."""
        self._closed = True
        self._filled.set()

    async def take(self) -> list[ToCar]:
        """Wait for messages and take them all, in the order in which they are to be sent; empty once closed."""
        await self._filled.wait()
        taken = [self._waiting.pop(kind) for kind in _SENDING_ORDER if kind in self._waiting]
        if not self._closed:
            self._filled.clear()
        return taken
