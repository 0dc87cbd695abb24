"""What `commit` has returned from outlives the process that wrote, killed at any moment."""

from __future__ import annotations

import pytest

from tests.server.store.conftest import MONGO_KINDS, REAL_MONGO_KINDS, Home
from tests.server.store.samples import put, ride
from tests.server.store.writer import writer

COMMITS = 25


@pytest.mark.parametrize("store_url", ["sqlite file", *MONGO_KINDS, *REAL_MONGO_KINDS], indirect=True)
async def test_a_killed_writer_loses_nothing(home: Home) -> None:
    async with writer(home.url) as process:
        assert process.stdout is not None
        for _ in range(COMMITS):
            await process.stdout.readline()
        process.kill()
        rest, errors = await process.communicate()
    told = COMMITS + len(rest.split())
    store = await home.open()
    snapshot = await store.load()
    stored = [item.record.created for item in snapshot.rides]
    assert told >= COMMITS, errors
    assert stored in (list(range(1, told + 1)), list(range(1, told + 2))), "what was told, and perhaps one more"
    history = await store.events(10 * told)
    assert [entry.event.ride_id for entry in reversed(history)] == [f"ride-{number}" for number in stored]
    await put(store, ride(snapshot.rides_created + 1))
