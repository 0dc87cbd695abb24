"""What only a MongoDB store can be: taken over by another server, out of reach, or of a newer server."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from server.store.base import Changes, Event, Store, StoreConflictError, StoreError
from server.store.mongo_errors import check_replica_set
from server.store.mongo_schema import STEPS
from server.store.mongo_url import MongoUrl
from server.store.open import open_store
from tests.server.stand_in import StandIn, allow_lost_sockets
from tests.server.store.conftest import MONGO_KINDS, REAL_MONGO_KINDS, Home
from tests.server.store.samples import put, ride
from tests.server.store.writer import writer

# A server learns it when it writes next, or when its transaction is broken off.
TAKEN_OVER = r"process \d+ on .* has taken it over|was interrupted by another server"

on_mongo = pytest.mark.parametrize("store_url", [*MONGO_KINDS, *REAL_MONGO_KINDS], indirect=True)
on_pymongo = pytest.mark.parametrize("store_url", ["mongodb", "real mongodb"], indirect=True)


@pytest.fixture
def raw(home: Home) -> Iterator[Database[dict[str, Any]]]:
    """The database, past the store."""
    with closing(MongoClient[dict[str, Any]](home.url)) as client:
        yield client.get_default_database()


@on_mongo
async def test_the_last_server_to_open_it_is_the_one_that_writes(home: Home) -> None:
    first = await home.open()
    await put(first, ride(1))
    second = await home.open()
    for attempt in (put(first, ride(2)), first.load()):
        with pytest.raises(StoreError, match=r"process \d+ on .* has taken it over, and this server grants nothing"):
            await attempt
    assert await first.ride("ride-1") == ride(1)
    await put(second, ride(2))
    assert (await second.load()).rides_created == 2


@on_mongo
async def test_nothing_that_a_former_server_was_told_is_missing(home: Home) -> None:
    """Servers that take over while the former one writes: what they load is all that it was told was stored."""
    told: list[int] = []
    for _ in range(5):
        store = await home.open()
        assert [item.record.created for item in (await store.load()).rides] == told
        has_begun = asyncio.Event()
        writing = asyncio.create_task(_write_for_ever(store, told, has_begun))
        await has_begun.wait()
        follower = await home.open()
        with pytest.raises(StoreError, match=TAKEN_OVER):
            await writing
        stored = [item.record.created for item in (await follower.load()).rides]
        assert stored in (told, [*told, len(told) + 1]), "what was told, and perhaps one more whose answer was lost"
        told = stored


async def _write_for_ever(store: Store, told: list[int], has_begun: asyncio.Event) -> None:
    while True:
        await put(store, ride(len(told) + 1))
        told.append(len(told) + 1)
        has_begun.set()


@on_pymongo
async def test_of_two_processes_one_writes(home: Home) -> None:
    """Two processes write to one database: the later one goes on, the earlier one ends, and no number comes twice."""
    async with writer(home.url) as first, writer(home.url) as second:
        (told_first, errors), (told_second, other_errors) = await _until_one_is_left(first, second)
    assert re.search(TAKEN_OVER, errors), errors
    assert not other_errors
    assert not set(told_first) & set(told_second)
    store = await home.open()
    snapshot = await store.load()
    stored = [item.record.created for item in snapshot.rides]
    assert stored == list(range(1, snapshot.rides_created + 1))
    assert set(told_first) | set(told_second) <= set(stored)
    assert len(stored) <= len(told_first) + len(told_second) + 2, "of each one answer may have been lost"


async def _until_one_is_left(*writers: asyncio.subprocess.Process) -> list[tuple[list[int], str]]:
    """What each was told, and its errors; first of the one that ended by itself."""
    ends = {asyncio.create_task(each.wait()): each for each in writers}
    done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED, timeout=60.0)
    assert len(done) == 1
    over = ends[next(iter(done))]
    results = []
    for each in sorted(writers, key=lambda writer: writer is not over):
        if each is not over:
            each.kill()
        output, errors = await each.communicate()
        results.append(([int(line) for line in output.split()], errors.decode()))
    return results


@on_pymongo
async def test_a_transaction_of_a_killed_server_is_waited_for(home: Home, raw: Database[dict[str, Any]]) -> None:
    await (await home.open()).close()
    with raw.client.start_session() as session:
        session.start_transaction()
        raw.store.update_one({"_id": "store"}, {"$inc": {"commits": 1}}, session=session)
        opening = asyncio.create_task(home.open())
        await asyncio.sleep(0.3)
        assert not opening.done()
        session.abort_transaction()
    await put(await opening, ride(1))


@on_pymongo
async def test_indexes_refuse_what_a_second_writer_could_do(home: Home, raw: Database[dict[str, Any]]) -> None:
    await home.open()
    rules = {name for each in ("stations", "rides") for name in raw[each].index_information()}
    assert rules >= {"one_station_per_device", "one_ride_per_number", "ride_of_request", "one_ride_per_car"}
    unique = {name for name, index in raw.rides.index_information().items() if index.get("unique")}
    assert unique == {"one_ride_per_number", "ride_of_request", "one_ride_per_car"}


@on_pymongo
async def test_a_database_of_a_newer_server_is_refused_and_left_alone(
    home: Home, raw: Database[dict[str, Any]]
) -> None:
    store = await home.open()
    raw.store.update_one({"_id": "store"}, {"$set": {"schema_version": 99}})
    with pytest.raises(StoreError, match=f"schema version 99, this server knows {len(STEPS)}; update this server"):
        await home.open()
    await put(store, ride(1))


@on_pymongo
async def test_a_deleted_store_is_not_written_half(home: Home, raw: Database[dict[str, Any]]) -> None:
    store = await home.open()
    raw.store.delete_many({})
    with pytest.raises(StoreError, match="was deleted"):
        await put(store, ride(1))
    assert raw.rides.count_documents({}) == 0


@on_pymongo
async def test_an_event_number_that_is_taken_is_a_conflict(home: Home, raw: Database[dict[str, Any]]) -> None:
    store = await home.open()
    raw.events.insert_one({"_id": 1})
    with pytest.raises(StoreConflictError):
        await store.commit(Changes(events=(Event(1.0, "kind"),)))


@allow_lost_sockets
@pytest.mark.usefixtures("garbage_collected")
async def test_out_of_reach_at_the_start() -> None:
    def attempt(scheme: str) -> Coroutine[Any, Any, Store]:
        return open_store(f"{scheme}://visitor:secret@127.0.0.1:1/city?directConnection=true")

    errors = await asyncio.gather(*(attempt(scheme) for scheme in MONGO_KINDS), return_exceptions=True)
    for scheme, error in zip(MONGO_KINDS, errors, strict=True):
        assert type(error) is StoreError
        assert f"store {scheme}://127.0.0.1:1/city: cannot be reached (127.0.0.1:1: [Errno 111]" in str(error)
        assert "secret" not in str(error)
        assert len(str(error)) < 250


@allow_lost_sockets
@pytest.mark.usefixtures("garbage_collected")
async def test_a_killed_database_loses_nothing_and_is_found_again(tmp_path: Path) -> None:
    rides = [ride(number) for number in range(1, 11)]
    with StandIn(tmp_path) as stand_in:
        homes = [Home(stand_in.url(f"lost{k}", scheme)) for k, scheme in enumerate(MONGO_KINDS)]
        async with homes[0], homes[1]:
            stores = [await home.open() for home in homes]
            for store in stores:
                for each in rides:
                    await put(store, each)
            stand_in.kill()
            errors = await asyncio.gather(*(put(store, ride(11)) for store in stores), return_exceptions=True)
            assert all(type(error) is StoreError and "cannot be reached" in str(error) for error in errors), errors
            stand_in.start()
            for store in stores:
                assert [item.record for item in (await store.load()).rides] == rides
                await put(store, ride(11))


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://user:se/cret@host/city",
        "mongodb://user:se:cret@host",
        "mongodb://user:se?cret@host",
        "mongodb+motor://user:cret@host:port",
        "mongodb://host:99999",
        "mongodb://host/a b$c",
    ],
)
async def test_wrong_urls_show_no_password(url: str) -> None:
    with pytest.raises(StoreError, match="the URL is wrong") as raised:
        await open_store(url)
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "connection", "by_motor", "shown"),
    [
        ("mongodb://h", "mongodb://h", False, "mongodb://h"),
        ("mongodb+motor://h:1/d", "mongodb://h:1/d", True, "mongodb+motor://h:1/d"),
        ("mongodb+srv+motor://h/d", "mongodb+srv://h/d", True, "mongodb+srv+motor://h/d"),
        (
            "mongodb://u:p%40@a:1,b:2/d?replicaSet=rs0&tlsCertificateKeyFilePassword=x",
            "mongodb://u:p%40@a:1,b:2/d?replicaSet=rs0&tlsCertificateKeyFilePassword=x",
            False,
            "mongodb://a:1,b:2/d",
        ),
        ("mongodb://[::1]:27017/d", "mongodb://[::1]:27017/d", False, "mongodb://[::1]:27017/d"),
        ("mongodb://h/d?appName=a@b&x=y", "mongodb://h/d?appName=a@b&x=y", False, "mongodb://…"),
    ],
)
def test_urls(url: str, connection: str, by_motor: bool, shown: str) -> None:
    assert MongoUrl.parse(url) == MongoUrl(connection, by_motor, shown)


@pytest.mark.parametrize("url", ["sqlite:x", "mongodb:h", "motor://h", "mongodb+x://h", "mongodb://"])
def test_other_urls(url: str) -> None:
    assert MongoUrl.parse(url) is None


def test_a_server_without_transactions_is_refused() -> None:
    with pytest.raises(StoreError, match="--replSet"):
        check_replica_set({"isWritablePrimary": True}, "store x")
    check_replica_set({"setName": "rs0"}, "store x")
    check_replica_set({"msg": "isdbgrid"}, "store x")


async def test_two_databases_of_one_server_are_two_stores(stand_in: StandIn) -> None:
    homes = [Home(stand_in.url(f"test_{uuid.uuid4().hex}")) for _ in range(2)]
    async with homes[0], homes[1]:
        for store in [await home.open() for home in homes]:
            await put(store, ride(1))
