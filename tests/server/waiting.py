"""Waiting for something that happens in another task or process."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], bool | Awaitable[bool]], timeout_s: float = 20.0) -> None:
    """Return as soon as `condition` holds.

    Raises:
        TimeoutError: if it does not come to hold in time.
    """
    async with asyncio.timeout(timeout_s):
        while True:
            holds = condition()
            if inspect.isawaitable(holds):
                holds = await holds
            if holds:
                return
            await asyncio.sleep(0.02)
