"""What only a SQLite file can be: of an older server, locked, full, read-only, or no store at all."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fleet.messages import Position
from fleet.views import RideState
from server.store.base import CarRecord, Changes, Station, StoreConflictError, StoreError, Versioned
from server.store.open import open_store
from server.store.sqlite_schema import STEPS
from server.traffic.right_of_way import Holding, Passage
from tests.server.store.conftest import Home

SCHEMA_1 = Path(__file__).parent / "data" / "store_schema_1.sqlite3"  # written by the server of commit e251d5b
NOBODY = 65534


async def test_a_file_of_an_older_server_is_brought_up_to_date_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    shutil.copy(SCHEMA_1, path)
    for _ in range(2):  # the second time there is nothing to do
        await _check_content_of_schema_1(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def _check_content_of_schema_1(path: Path) -> None:
    async with Home(f"sqlite:{path}") as home:
        store = await home.open()
        snapshot = await store.load()
        assert snapshot.stations == (
            Versioned(Station("station-1", "tablet-1", "Vorne – 正面 🚗"), 1),
            Versioned(Station("station-2", "tablet-2", ""), 1),
        )
        held = Holding(4, 7, 3, Passage(5, 5, 9))
        stood = Position(edge=4, s_m=0.5, next_edge=5)
        assert snapshot.cars == (
            Versioned(CarRecord("car-1", "board-1", "http://127.0.0.1/x", held, stood), 1),
            Versioned(CarRecord("car-2", "board-2"), 1),
        )
        assert [(item.record.ride_id, item.version) for item in snapshot.rides] == [("ride-2", 2)]
        assert snapshot.rides_created == 2
        over = await store.ride_by_request("station-1", "visit-1")
        assert over is not None
        assert over.state is RideState.CANCELLED
        kinds = [entry.event.kind for entry in await store.events(9)]
        assert kinds == ["ride.riding", "ride.cancelled", "ride.waiting", "car.joined", "station.registered"]
        with pytest.raises(StoreConflictError):
            await store.commit(Changes(stations=(Versioned(Station("station-3", "tablet-2", ""), 0),)))


async def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    shutil.copy(SCHEMA_1, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE stations SET document = replace(document, 'tablet-2', 'tablet-1')")
    for _ in range(2):
        with pytest.raises(StoreError, match=r"UNIQUE constraint failed: new_stations\.device_id"):
            await open_store(f"sqlite:{path}")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM stations").fetchone() == (2,)


async def test_a_file_of_a_newer_server_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=f"schema version 99, this server knows {len(STEPS)}; update this server"):
        await open_store(f"sqlite:{path}")


async def test_one_server_at_a_time(tmp_path: Path) -> None:
    async with Home(f"sqlite:{tmp_path}/store.sqlite3") as home:
        store = await home.open()
        with pytest.raises(StoreError, match="another server uses it"):
            await home.open()
        await store.close()
        await (await home.open()).load()


@pytest.mark.parametrize("content", [b"this is a letter, not a database " * 100, b"SQLite format 3\0" + b"\1" * 5000])
async def test_a_file_that_is_no_store(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=f"{path}: is not a store"):
        await open_store(f"sqlite:{path}")
    assert path.read_bytes() == content


async def test_a_record_that_is_not_understood(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    shutil.copy(SCHEMA_1, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE rides SET document = replace(document, 'riding', 'flying')")
    async with Home(f"sqlite:{path}") as home:
        store = await home.open()
        with pytest.raises(StoreError, match=r"record that this server does not understand \(state"):
            await store.load()


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user who may not write everywhere; root may."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture
def read_only_file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        path = Path(folder) / "store.sqlite3"
        shutil.copy(SCHEMA_1, path)
        path.chmod(0o444)
        path.parent.chmod(0o555)
        yield path
        path.parent.chmod(0o755)


async def test_a_read_only_file(read_only_file: Path) -> None:
    with unprivileged(), pytest.raises(StoreError, match="let this user write the file and its folder"):
        await open_store(f"sqlite:{read_only_file}")


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot create folder"):
        await open_store(f"sqlite:{tmp_path}/file/deeper/store.sqlite3")


async def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="let this user write the file and its folder"):
        await open_store(f"sqlite:{tmp_path}")


def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    async def try_to_open() -> None:
        with pytest.raises(StoreError):
            await open_store(f"sqlite:{tmp_path}")

    before = set(threading.enumerate())
    asyncio.run(try_to_open())
    assert set(threading.enumerate()) == before


@pytest.mark.parametrize("url", ["", "sqlite", "sqlite:", "mongodb:", "mongodb://", "mysql://u:secret@h", "a.sqlite3"])
async def test_urls_that_are_not_understood(url: str) -> None:
    with pytest.raises(StoreError, match="sqlite:PATH") as raised:
        await open_store(url)
    assert "secret" not in str(raised.value)
