"""A server that only writes: a process that commits ride after ride and says so, until it is killed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.store.base import Changes, Event, Versioned
from server.store.open import open_store
from tests.server.store.samples import ride


async def write_for_ever(url: str) -> None:
    store = await open_store(url)
    number = (await store.load()).rides_created
    while True:
        number += 1
        event = Event(float(number), "ride.waiting", f"ride-{number}")
        await store.commit(Changes(rides=(Versioned(ride(number), 0),), events=(event,)))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


@asynccontextmanager
async def writer(url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, killed at the block's end; its lines are the numbers of the rides that were committed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


if __name__ == "__main__":
    asyncio.run(write_for_ever(sys.argv[1]))
