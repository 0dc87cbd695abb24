"""The embedded store: one SQLite file in write-ahead mode, flushed to disk at each commit, for one server process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Self

import aiosqlite
from pydantic import TypeAdapter

from fleet.views import FINAL_STATES
from server.booking import STATES_WITH_CAR, Ride
from server.store.base import (
    SCHEMA_VERSION,
    CarRecord,
    Changes,
    Event,
    Snapshot,
    Station,
    StoreConflictError,
    StoreError,
    Versioned,
)

MEMORY = ":memory:"
BUSY_TIMEOUT_S = 1.0

_STATION = TypeAdapter(Station)
_CAR = TypeAdapter(CarRecord)
_RIDE = TypeAdapter(Ride)
_EVENT = TypeAdapter(Event)


def _listed(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))


_SCHEMA = (
    "CREATE TABLE stations (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
    "CREATE TABLE cars (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
    (
        "CREATE TABLE rides (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL, "
        "created INTEGER NOT NULL UNIQUE, state TEXT NOT NULL, station_id TEXT NOT NULL, request_id TEXT NOT NULL, "
        "car_id TEXT) STRICT"
    ),
    "CREATE UNIQUE INDEX ride_of_request ON rides (station_id, request_id)",
    f"CREATE UNIQUE INDEX one_ride_per_car ON rides (car_id) WHERE state IN ({_listed(STATES_WITH_CAR)})",
    f"CREATE INDEX rides_under_way ON rides (created) WHERE state NOT IN ({_listed(FINAL_STATES)})",
    "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, ride_id TEXT, document TEXT NOT NULL) STRICT",
    "CREATE INDEX events_of_ride ON events (ride_id)",
)


class SqliteStore:
    """A `Store` on one SQLite file. It keeps the file locked: a second server on the same file is refused."""

    def __init__(self, connection: aiosqlite.Connection, path: str) -> None:
        """Use `open` instead."""
        self._connection = connection
        self._path = path

    @classmethod
    async def open(cls, path: str) -> Self:
        """Open or create the file at `path`, or a store in memory for ':memory:'.

        Raises:
            StoreError: if it is in use, is no store, or is of another schema version.
        """
        try:
            connection = await aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError(f"store {path}: cannot be opened ({error}); choose another with --store") from error
        store = cls(connection, path)
        try:
            await store._prepare()
        except BaseException:
            await connection.close()
            raise
        return store

    async def _prepare(self) -> None:
        try:
            await self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            await self._connection.execute("PRAGMA journal_mode = WAL")
            await self._connection.execute("PRAGMA synchronous = FULL")
            async with self._transaction():
                version = (await self._rows("PRAGMA user_version"))[0][0]
                if version == 0:
                    for statement in _SCHEMA:
                        await self._connection.execute(statement)
                    await self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except sqlite3.OperationalError as error:
            hint = "another server uses it" if "locked" in str(error) else str(error)
            raise StoreError(f"store {self._path}: {hint}; stop it or choose another with --store") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"store {self._path}: is not a store ({error}); choose another with --store") from error
        if version not in (0, SCHEMA_VERSION):
            raise StoreError(
                f"store {self._path}: has schema version {version}, this server knows {SCHEMA_VERSION}; "
                "use the server that wrote it, or choose another store with --store"
            )

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        await self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            await self._connection.execute("COMMIT")
        except BaseException:
            await self._connection.execute("ROLLBACK")
            raise

    async def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return list(await self._connection.execute_fetchall(sql, values))
        except sqlite3.Error as error:
            raise StoreError(f"store {self._path}: cannot be read ({error})") from error

    async def load(self) -> Snapshot:
        """Read the present state."""
        stations = await self._rows("SELECT document, version FROM stations ORDER BY id")
        cars = await self._rows("SELECT document, version FROM cars ORDER BY id")
        rides = await self._rows(
            f"SELECT document, version FROM rides WHERE state NOT IN ({_listed(FINAL_STATES)}) ORDER BY created"  # noqa: S608  # constants of ours
        )
        created = await self._rows("SELECT coalesce(max(created), 0) FROM rides")
        return Snapshot(
            stations=tuple(Versioned(_STATION.validate_json(text), version) for text, version in stations),
            cars=tuple(Versioned(_CAR.validate_json(text), version) for text, version in cars),
            rides=tuple(Versioned(_RIDE.validate_json(text), version) for text, version in rides),
            rides_created=created[0][0],
        )

    async def commit(self, changes: Changes) -> None:
        """Write all changes or none; a caller that is cancelled meanwhile leaves when they are written.

        Raises:
            StoreConflictError: if a version is not the stored one or a unique index forbids the change.
            StoreError: if the file cannot be written.
        """
        writing = asyncio.ensure_future(self._write(changes))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait({writing})
            raise

    async def _write(self, changes: Changes) -> None:
        try:
            async with self._transaction():
                for station in changes.stations:
                    await self._put("stations", station.record.station_id, station.version, _STATION, station.record)
                for car in changes.cars:
                    await self._put("cars", car.record.car_id, car.version, _CAR, car.record)
                for ride in changes.rides:
                    await self._put_ride(ride)
                for event in changes.events:
                    await self._connection.execute(
                        "INSERT INTO events (ride_id, document) VALUES (?, ?)",
                        (event.ride_id, _EVENT.dump_json(event).decode()),
                    )
        except sqlite3.IntegrityError as error:
            raise StoreConflictError(f"store {self._path}: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"store {self._path}: cannot be written ({error}); is the disk full?") from error

    async def _put(self, table: str, key: str, version: int, adapter: TypeAdapter[Any], record: object) -> None:
        document = adapter.dump_json(record).decode()
        if version == 0:
            await self._connection.execute(f"INSERT INTO {table} VALUES (?, 1, ?)", (key, document))  # noqa: S608  # constants of ours
            return
        await self._replace(
            f"UPDATE {table} SET version = version + 1, document = ? WHERE id = ? AND version = ?",  # noqa: S608  # constants of ours
            (document, key, version),
        )

    async def _put_ride(self, versioned: Versioned[Ride]) -> None:
        ride, document = versioned.record, _RIDE.dump_json(versioned.record).decode()
        if versioned.version == 0:
            await self._connection.execute(
                "INSERT INTO rides VALUES (?, 1, ?, ?, ?, ?, ?, ?)",
                (ride.ride_id, document, ride.created, ride.state, ride.station_id, ride.request_id, ride.car_id),
            )
            return
        await self._replace(
            "UPDATE rides SET version = version + 1, document = ?, state = ?, car_id = ? WHERE id = ? AND version = ?",
            (document, ride.state, ride.car_id, ride.ride_id, versioned.version),
        )

    async def _replace(self, sql: str, values: tuple[Any, ...]) -> None:
        cursor = await self._connection.execute(sql, values)
        if cursor.rowcount != 1:
            raise StoreConflictError(f"store {self._path}: {values[-2]} was changed by somebody else")

    async def ride(self, ride_id: str) -> Ride | None:
        """One ride, however old."""
        rows = await self._rows("SELECT document FROM rides WHERE id = ?", (ride_id,))
        return _RIDE.validate_json(rows[0][0]) if rows else None

    async def ride_by_request(self, station_id: str, request_id: str) -> Ride | None:
        """The ride that a station's request led to."""
        rows = await self._rows(
            "SELECT document FROM rides WHERE station_id = ? AND request_id = ?", (station_id, request_id)
        )
        return _RIDE.validate_json(rows[0][0]) if rows else None

    async def events(self, limit: int) -> tuple[Event, ...]:
        """The newest events, newest first."""
        rows = await self._rows("SELECT document FROM events ORDER BY number DESC LIMIT ?", (limit,))
        return tuple(_EVENT.validate_json(text) for (text,) in rows)

    async def close(self) -> None:
        """Close the file."""
        await self._connection.close()
