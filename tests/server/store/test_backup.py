"""Backup, wipe, restore: every record as it was, from and into every kind of store."""

from __future__ import annotations

import asyncio
import io
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.access import Role
from fleet.views import RideState
from pixelopolis.cli import app
from pixelopolis.errors import UsageError
from server.security.records import Code, Credential, Operator
from server.store import reading
from server.store.backup import KINDS, Entry, read_backup, write_backup
from server.store.base import Changes, Event, Station, StoreError, Versioned
from server.store.open import open_store
from server.store.reading import entries
from server.store.restoring import BATCH, restore
from server.traffic.operator_acts import OperatorActs
from tests.server.stand_in import StandIn
from tests.server.store.conftest import MONGO_KINDS
from tests.server.store.samples import CAR, RIDE, ride

KINDS_ON_DISK = ("sqlite file", "mongodb", "real mongodb")
EVENTS = 2 * BATCH + 7  # more than a commit takes, and than a page has


async def fill(url: str) -> None:
    """Records of every kind, changed once."""
    store = await open_store(url)
    first = Changes(
        stations=(Versioned(Station("station-1", "tablet", "Vorne – 正面 \u2028"), 0),),
        cars=(Versioned(CAR, 0),),
        rides=(Versioned(RIDE, 0), Versioned(replace(ride(2), state=RideState.ENDED), 0)),
        events=tuple(Event(float(k), "ride.waiting", f"ride-{k}") for k in range(EVENTS)),
        acts=Versioned(OperatorActs(True, (15,), ("car-1",)), 0),
        credentials=(Versioned(Credential("c1", Role.CAR, "car-1", "hash", 1.0), 0),),
        operators=(Versioned(Operator("alice", "hash", 1.0), 0),),
        codes=(Versioned(Code("CODE", Role.CAR, None, "hash", 9.0, 5, "alice"), 0),),
    )
    await store.commit(first)
    audit = Event(5.0, "operator.call", operator="alice", detail="stop")
    await store.commit(Changes(cars=(Versioned(replace(CAR, battery_low=True), 1),), events=(audit,)))
    await store.close()


async def all_entries(url: str) -> list[Entry]:
    return [entry async for entry in entries(url)]


async def backed_up(url: str) -> str:
    file = io.StringIO()
    await write_backup(entries(url), file)
    return file.getvalue()


@pytest.mark.parametrize("store_url", KINDS_ON_DISK, indirect=True)
@pytest.mark.parametrize("into", ["sqlite", "mongodb"])
async def test_what_is_restored_is_what_was_there(
    store_url: str, into: str, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 30)
    await fill(store_url)
    text = await backed_up(store_url)
    target = f"sqlite:{tmp_path}/restored" if into == "sqlite" else stand_in.url(f"restored_{os.urandom(4).hex()}")
    store = await open_store(target)
    counts = await restore(store, read_backup(text.splitlines(keepends=True), "a file"))
    numbers = [entry.number for entry in await store.events(3)]
    await store.close()
    assert counts["events"] == EVENTS + 1
    assert set(counts) == set(KINDS)
    assert numbers == [EVENTS, EVENTS - 1, EVENTS - 2]  # the newest of all is in the audit log
    by_kind = {name: sorted(map(repr, await of_kind(target, name))) for name in KINDS}
    assert by_kind == {name: sorted(map(repr, await of_kind(store_url, name))) for name in KINDS}
    assert [entry for entry in await all_entries(target) if entry.collection == "events"] == [
        entry for entry in await all_entries(store_url) if entry.collection == "events"
    ]


async def of_kind(url: str, collection: str) -> list[Entry]:
    return [entry for entry in await all_entries(url) if entry.collection == collection]


@pytest.mark.parametrize("store_url", MONGO_KINDS, indirect=True)
async def test_a_server_on_mongodb_goes_on_while_it_is_backed_up(store_url: str) -> None:
    await fill(store_url)
    store = await open_store(store_url)
    assert len(await all_entries(store_url)) > EVENTS
    await store.commit(Changes(events=(Event(1.0, "car.joined"),)))
    await store.close()


async def test_a_sqlite_file_in_use_is_not_backed_up(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/store"
    store = await open_store(url)
    with pytest.raises(StoreError, match="another server uses it; stop that one"):
        await all_entries(url)
    await store.close()


async def test_what_is_not_there_is_not_backed_up(tmp_path: Path, stand_in: StandIn) -> None:
    for url in (f"sqlite:{tmp_path}/none", "sqlite::memory:", "nonsense", stand_in.url("none_at_all")):
        with pytest.raises(StoreError, match=r"there is no (such )?store to back up"):
            await all_entries(url)


async def test_only_an_empty_store_is_filled(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path}/store"
    await fill(url)
    text = await backed_up(url)
    store = await open_store(url)
    with pytest.raises(StoreError, match="the store is not empty"):
        await restore(store, read_backup(text.splitlines(), "a file"))
    await store.close()


HEAD = '{"format": "pixelopolis store", "version": 1}'


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "a file, line 1: is no line of a backup"),
        (["{}"], "is no backup of a store"),
        (['{"format": "pixelopolis store", "version": 2}'], "has format 2, this server knows 1"),
        ([HEAD], "ends after 0 records"),
        ([HEAD, '{"records": 3}'], "has 0 records where 3 were written"),
        ([HEAD, "half a li"], "line 2: is no line of a backup"),
        ([HEAD, '{"in": "dogs", "record": {}}'], "line 2: belongs to 'dogs'"),
        ([HEAD, '{"in": "stations", "record": {"name": 3}}'], "line 2: holds a record that this server does not"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_named(lines: list[str], words: str) -> None:
    with pytest.raises(StoreError, match=words):
        list(read_backup(lines, "a file"))


def typed(*words: str, stdin: str | None = None) -> str:
    result = CliRunner().invoke(app, ["store", *words], input=stdin)
    if result.exception is not None:
        raise result.exception
    return result.stderr


def test_at_the_command_line(tmp_path: Path) -> None:
    source, target, piped = (f"sqlite:{tmp_path}/{name}" for name in ("store", "restored", "piped"))
    asyncio.run(fill(source))
    file = tmp_path / "backup.jsonl"
    told = typed("backup", str(file), "--store", source)
    assert "1 stations, 1 cars" in told
    assert f"{EVENTS + 1} events" in told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="exists already"):
        typed("backup", str(file), "--store", source)
    assert "restored 1 stations" in typed("restore", str(file), "--store", target)
    with pytest.raises(UsageError, match="not empty"):
        typed("restore", str(file), "--store", target)
    assert "restored 1 stations" in typed("restore", "-", "--store", piped, stdin=file.read_text())


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such store"):
        typed("backup", str(tmp_path / "backup"), "--store", f"sqlite:{tmp_path}/nowhere")
    assert list(tmp_path.iterdir()) == []
