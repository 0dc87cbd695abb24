"""Work on a database that is not broken off in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def complete(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`; a caller that is cancelled meanwhile leaves when it is done, whether it succeeded or not."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
