"""The embedded store: one SQLite file in write-ahead mode, flushed to disk at each commit, for one server process."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import aiosqlite
from pydantic import TypeAdapter

from fleet.views import FINAL_STATES
from server.rides.booking import Ride
from server.store.base import Changes, HistoryEntry, Snapshot, StoreConflictError, StoreError, Versioned
from server.store.completion import complete
from server.store.records import (
    ACTS,
    ACTS_ID,
    CAR,
    EVENT,
    KEPT_WHOLE,
    RIDE,
    STATION,
    access_writes,
    holder,
    removals,
    understood,
)
from server.store.schema import steps_to_take
from server.store.sqlite_schema import RIDE_COLUMNS, STEPS, listed

MEMORY = ":memory:"
BUSY_TIMEOUT_S = 1.0
_ROWS_AT_A_TIME = 64
_ALL = 2**63 - 1  # no event has a higher number


def what_to_do(error: sqlite3.Error) -> str:
    """What is wrong with a file, in words, and the way out."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another server uses it; stop that one, or choose another store with --store"
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return f"is not a store ({error}); restore a backup, or choose another store with --store"
    # A lock fails on a file that is read-only, and on a network's folder that has no locks.
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_IOERR_LOCK")):
        return f"cannot be written ({error}); let this user write the file and its folder, on a local disk"
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return f"cannot be written ({error}); is the disk full? The server goes on when there is room again"
    return f"fails ({error}); choose another store with --store"


def _opened(path: str) -> sqlite3.Connection:
    """A connection for another thread. aiosqlite's own `connect` leaves its thread running for a while if it fails."""
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)


class SqliteStore:
    """A `Store` on one SQLite file. It keeps the file locked: a second server on the same file is refused."""

    def __init__(self, connection: aiosqlite.Connection, path: str) -> None:
        """Use `open` instead."""
        self._connection = connection
        self._name = f"store {path}"
        # All share one connection: a read in the middle of a transaction would see what may yet be rolled back.
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, path: str) -> Self:
        """Open or create the file at `path`, or a store in memory for ':memory:'.

        Raises:
            StoreError: if it is in use, is no store, cannot be written, or was written by a newer server.
        """
        try:
            opened = await asyncio.to_thread(_opened, path)
        except sqlite3.Error as error:
            raise StoreError(f"store {path}: {what_to_do(error)}") from error
        connection = await aiosqlite.Connection(lambda: opened, iter_chunk_size=_ROWS_AT_A_TIME)
        store = cls(connection, path)
        try:
            await store._prepare()
        except BaseException:
            await connection.close()
            raise
        return store

    async def _prepare(self) -> None:
        async with self._errors():
            await self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            await self._connection.execute("PRAGMA journal_mode = WAL")
            await self._connection.execute("PRAGMA synchronous = FULL")
        async with self._transaction():
            version = (await self._rows("PRAGMA user_version"))[0][0]
            for step in steps_to_take(STEPS, version, self._name):
                for statement in step:
                    await self._connection.execute(statement)
            await self._connection.execute(f"PRAGMA user_version = {len(STEPS)}")

    @asynccontextmanager
    async def _errors(self) -> AsyncIterator[None]:
        """Errors of the database as errors of a store."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise StoreConflictError(f"{self._name}: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._name}: {what_to_do(error)}") from error

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        async with self._lock, self._errors():
            await self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                await self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have rolled it back already
                    await self._connection.execute("ROLLBACK")
                raise

    async def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return list(await self._connection.execute_fetchall(sql, values))

    async def load(self) -> Snapshot:
        """Read the present state."""
        under_way = f"state NOT IN ({listed(FINAL_STATES)})"
        async with self._lock, self._errors():
            kept = {table: await self._all(table, adapter) for table, adapter in KEPT_WHOLE.items()}
            rides = await self._rows(f"SELECT document, version FROM rides WHERE {under_way} ORDER BY created")  # noqa: S608  # constants of ours
            created = await self._rows("SELECT coalesce(max(created), 0) FROM rides")
            acts = await self._rows("SELECT document, version FROM operator_acts")
        return Snapshot(
            rides=tuple(Versioned(understood(RIDE, text, self._name), version) for text, version in rides),
            rides_created=created[0][0],
            acts=next((Versioned(understood(ACTS, text, self._name), version) for text, version in acts), None),
            **kept,
        )

    async def _all(self, table: str, adapter: TypeAdapter[Any]) -> tuple[Versioned[Any], ...]:
        """Every record of a table, whose name is a constant of ours."""
        rows = await self._rows(f"SELECT document, version FROM {table} ORDER BY id")  # noqa: S608
        return tuple(Versioned(understood(adapter, text, self._name), version) for text, version in rows)

    async def commit(self, changes: Changes) -> None:
        """Write all changes or none; a caller that is cancelled meanwhile leaves when that is decided.

        Raises:
            StoreConflictError: if a version is not the stored one or a unique index forbids the change.
            StoreError: if the file cannot be written.
        """
        await complete(self._write(changes))

    async def _write(self, changes: Changes) -> None:
        async with self._transaction():
            for station in changes.stations:
                columns = {"device_id": station.record.device_id}
                await self._put("stations", station.record.station_id, station, STATION, columns)
            for car in changes.cars:
                await self._put("cars", car.record.car_id, car, CAR, {})
            for item in changes.rides:
                ride = item.record
                columns = {name: getattr(ride, name) for name in RIDE_COLUMNS}
                await self._put("rides", ride.ride_id, item, RIDE, columns)
            if changes.acts is not None:
                await self._put("operator_acts", ACTS_ID, changes.acts, ACTS, {})
            await self._write_access(changes)
            for event in changes.events:
                await self._connection.execute(
                    "INSERT INTO events (ride_id, operator, document) VALUES (?, ?, ?)",
                    (event.ride_id, event.operator, EVENT.dump_json(event).decode()),
                )

    async def _write_access(self, changes: Changes) -> None:
        for table, key in removals(changes):
            await self._connection.execute(f"DELETE FROM {table} WHERE id = ?", (key,))  # noqa: S608  # as in _put
        for table, key, item, adapter in access_writes(changes):
            columns = {"holder": holder(item.record)} if table == "credentials" else {}
            await self._put(table, key, item, adapter, columns)

    async def _put(
        self, table: str, key: str, item: Versioned[Any], adapter: TypeAdapter[Any], columns: Mapping[str, Any]
    ) -> None:
        """Insert or replace a record; `table` and the names of columns are constants of ours."""
        names = ("document", *columns)
        values = (adapter.dump_json(item.record).decode(), *columns.values())
        if item.version == 0:
            sql = f"INSERT INTO {table} (id, version, {', '.join(names)}) VALUES (?, 1{', ?' * len(names)})"  # noqa: S608
            await self._connection.execute(sql, (key, *values))
            return
        settings = ", ".join(f"{name} = ?" for name in names)
        sql = f"UPDATE {table} SET version = version + 1, {settings} WHERE id = ? AND version = ?"  # noqa: S608
        cursor = await self._connection.execute(sql, (*values, key, item.version))
        if cursor.rowcount != 1:
            raise StoreConflictError(f"{self._name}: {key} was changed by somebody else")

    async def ride(self, ride_id: str) -> Ride | None:
        """One ride, however old."""
        return await self._one_ride("SELECT document FROM rides WHERE id = ?", ride_id)

    async def ride_by_request(self, station_id: str, request_id: str) -> Ride | None:
        """The ride that a station's request led to."""
        return await self._one_ride(
            "SELECT document FROM rides WHERE station_id = ? AND request_id = ?", station_id, request_id
        )

    async def _one_ride(self, sql: str, *values: str) -> Ride | None:
        async with self._lock, self._errors():
            rows = await self._rows(sql, values)
        return understood(RIDE, rows[0][0], self._name) if rows else None

    async def events(
        self, limit: int, before: int | None = None, *, of_operators: bool = False
    ) -> tuple[HistoryEntry, ...]:
        """The newest events, or the newest with numbers lower than `before`; newest first.

        Those of operators are the audit log, all others the history; together they are numbered.
        """
        kept = "NOT NULL" if of_operators else "NULL"
        sql = (
            f"SELECT number, document FROM events WHERE number < ? AND operator IS {kept} ORDER BY number DESC LIMIT ?"  # noqa: S608
        )
        async with self._lock, self._errors():
            rows = await self._rows(sql, (_ALL if before is None else before, limit))
        return tuple(HistoryEntry(number, understood(EVENT, text, self._name)) for number, text in rows)

    async def close(self) -> None:
        """Close the file."""
        async with self._lock:
            await self._connection.close()
