"""What `commit` has returned from outlives the process that wrote, killed at any moment, and the database itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.stand_in import StandIn
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


async def test_a_killed_database_loses_nothing(tmp_path: Path) -> None:
    rides = [ride(number) for number in range(1, COMMITS + 1)]
    with StandIn(tmp_path) as stand_in:
        async with Home(stand_in.url("killed")) as home:
            store = await home.open()
            for each in rides:
                await put(store, each)
            stand_in.kill()
            stand_in.start()
            assert [item.record for item in (await (await home.open()).load()).rides] == rides
