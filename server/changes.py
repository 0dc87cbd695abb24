"""A wake-up call for everybody who watches: no queues, so that a slow viewer only skips what it missed."""

from __future__ import annotations

import asyncio


class ChangeSignal:
    """Wakes all waiters at each `notify`; after `close` nobody waits any more."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the server is shutting down."""
        return self._closed

    def notify(self) -> None:
        """Wake whoever waits now."""
        woken, self._next = self._next, asyncio.Event()
        woken.set()

    def close(self) -> None:
        """Wake everybody, for good."""
        self._closed = True
        self._next.set()

    async def wait(self) -> None:
        """Wait for the next `notify`; returns at once when closed."""
        if not self._closed:
            await self._next.wait()
