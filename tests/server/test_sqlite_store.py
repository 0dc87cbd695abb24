"""The contract of a store, on SQLite: nothing lost, nothing doubled, nothing half written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.messages import Position
from server import booking
from server.booking import Ride
from server.right_of_way import Holding, Passage
from server.store.base import CarRecord, Changes, Event, Station, Store, StoreConflictError, StoreError, Versioned
from server.store.open import open_store

RIDE = Ride("ride-1", "request-1", "station-1", "tablet", created=1)
CAR = CarRecord(
    "car-1", "board", "http://127.0.0.1/x", Holding(4, 7, 3, Passage(5, 5, 9)), Position(edge=4, s_m=0.5, next_edge=5)
)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    store = await open_store("sqlite::memory:")
    yield store
    await store.close()


async def put(store: Store, *rides: Ride, version: int = 0) -> None:
    await store.commit(Changes(rides=tuple(Versioned(ride, version) for ride in rides)))


async def test_all_records_come_back(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/deep/store.sqlite3"
    store = await open_store(url)
    station = Station("station-1", "tablet", "Vorne – 正面")
    changes = Changes(
        (Versioned(station, 0),),
        (Versioned(CAR, 0),),
        (Versioned(RIDE, 0),),
        (Event(12.5, "ride.waiting", "ride-1"), Event(13.0, "car.joined", car_id="car-1")),
    )
    await store.commit(changes)
    await store.close()
    again = await open_store(url)
    snapshot = await again.load()
    assert snapshot.stations == (Versioned(station, 1),)
    assert snapshot.cars == (Versioned(CAR, 1),)
    assert snapshot.rides == (Versioned(RIDE, 1),)
    assert snapshot.rides_created == 1
    assert [event.kind for event in await again.events(10)] == ["car.joined", "ride.waiting"]
    await again.close()


async def test_rides_that_are_over_are_kept_but_not_loaded(store: Store) -> None:
    await put(store, RIDE)
    over = booking.cancel(RIDE, 1.0)
    await put(store, over, version=1)
    snapshot = await store.load()
    assert snapshot.rides == ()
    assert snapshot.rides_created == 1
    assert await store.ride("ride-1") == over
    assert await store.ride_by_request("station-1", "request-1") == over
    assert await store.ride("ride-2") is None


async def test_a_write_on_an_old_version_is_refused(store: Store) -> None:
    await put(store, RIDE)
    await put(store, replace(RIDE, changed_s=1.0), version=1)
    with pytest.raises(StoreConflictError, match="ride-1 was changed by somebody else"):
        await put(store, replace(RIDE, changed_s=2.0), version=1)
    with pytest.raises(StoreConflictError):
        await put(store, RIDE)


async def test_a_car_cannot_serve_two_rides(store: Store) -> None:
    other = replace(RIDE, ride_id="ride-2", request_id="request-2", created=2)
    await put(store, RIDE, other)
    await put(store, booking.pair(RIDE, "car-1", "board", 1.0), version=1)
    with pytest.raises(StoreConflictError):
        await put(store, booking.pair(other, "car-1", "board", 1.0), version=1)
    await put(store, booking.cancel(booking.pair(RIDE, "car-1", "board", 1.0), 2.0), version=2)
    await put(store, booking.pair(other, "car-1", "board", 1.0), version=1)


async def test_a_request_leads_to_one_ride(store: Store) -> None:
    await put(store, RIDE)
    with pytest.raises(StoreConflictError):
        await put(store, replace(RIDE, ride_id="ride-2", created=2))


async def test_all_or_nothing(store: Store) -> None:
    await put(store, RIDE)
    changes = Changes(cars=(Versioned(CAR, 0),), rides=(Versioned(RIDE, 5),))
    with pytest.raises(StoreConflictError):
        await store.commit(changes)
    assert (await store.load()).cars == ()
    await store.commit(Changes(cars=(Versioned(CAR, 0),)))


async def test_racing_claims_have_one_winner(store: Store) -> None:
    rides = [replace(RIDE, ride_id=f"r{k}", request_id=f"q{k}", created=k) for k in range(20)]
    await put(store, *rides)
    claims = []
    for ride in rides:  # a store is used by one caller at a time; the claims still all come with version 1
        try:
            await put(store, booking.pair(ride, f"car-{ride.created % 5}", "board", 1.0), version=1)
            claims.append(ride.created % 5)
        except StoreConflictError:
            continue
    assert sorted(claims) == [0, 1, 2, 3, 4]


async def test_a_cancelled_commit_leaves_the_store_usable(store: Store) -> None:
    task = asyncio.create_task(put(store, RIDE))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await put(store, replace(RIDE, ride_id="ride-2", request_id="request-2", created=2))
    assert "ride-2" in [item.record.ride_id for item in (await store.load()).rides]


async def test_one_server_at_a_time(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/store.sqlite3"
    store = await open_store(url)
    with pytest.raises(StoreError, match="another server uses it"):
        await open_store(url)
    await store.close()
    await (await open_store(url)).close()


async def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="schema version 99"):
        await open_store(f"sqlite:{path}")


async def test_a_file_that_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    path.write_text("this is a letter, not a database " * 100)
    with pytest.raises(StoreError, match="is not a store"):
        await open_store(f"sqlite:{path}")


@pytest.mark.parametrize("url", ["", "sqlite", "sqlite:", "mongodb://localhost", "file.sqlite3"])
async def test_urls_that_are_not_understood(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:PATH"):
        await open_store(url)


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot create folder"):
        await open_store(f"sqlite:{tmp_path}/file/deeper/store.sqlite3")
