"""The store in MongoDB: a replica set, written by one server at a time, one transaction for each commit."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from pydantic import TypeAdapter
from pymongo import DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure, PyMongoError

from server.rides.booking import STATES_WITH_CAR, Ride
from server.store.base import Changes, HistoryEntry, Snapshot, StoreConflictError, StoreError, Versioned
from server.store.completion import complete
from server.store.mongo_driver import Document, MongoDriver, make_driver
from server.store.mongo_errors import check_replica_set, is_busy, store_error, url_error
from server.store.mongo_events import numbered
from server.store.mongo_schema import STEPS
from server.store.mongo_url import MongoUrl
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

TRANSACTION_LIFETIME_S = 75.0  # transactionLifetimeLimitSeconds, by default 60, and what its end may take
TAKE_OVER_PERIOD_S = 0.5

_STORE = {"_id": "store"}

_log = logging.getLogger(__name__)


class MongoStore:
    """A `Store` in a MongoDB database.

    Opening takes the database over: every commit, and every load, renews this server's mark in one document, and fails
    once another server has put its own mark there. As all write that document, no two of them overlap.
    """

    def __init__(self, driver: MongoDriver, session: AsyncClientSession, shown: str) -> None:
        """Use `open` instead."""
        self._driver = driver
        self._session = session
        self._database = driver.database
        self._name = f"store {shown}"
        self._mark = uuid.uuid4().hex
        self._lock = asyncio.Lock()  # a session does one thing at a time

    @classmethod
    async def open(cls, url: MongoUrl) -> Self:
        """Take over the database that `url` names, made ready where it is new.

        Raises:
            StoreError: if it cannot be reached or used, or was written by a newer server.
        """
        try:
            driver = make_driver(url)
        except (PyMongoError, ValueError) as error:
            raise url_error(url, error) from error
        store = cls(driver, await driver.start_session(), url.shown)
        try:
            await store._prepare()
        except BaseException:
            await store.close()
            raise
        return store

    async def _prepare(self) -> None:
        async with self._errors():
            check_replica_set(await self._database.command("hello"), self._name)
            await self._database.store.update_one(
                _STORE, {"$setOnInsert": {"schema_version": 0, "events": 0, "commits": 0}}, upsert=True
            )
            found = await self._database.store.find_one(_STORE) or {}
            steps = steps_to_take(STEPS, found.get("schema_version", 0), self._name)
            await self._take_over(found)
            for step in steps:
                await step(self._database)
            await self._database.store.update_one(
                _STORE | {"mark": self._mark}, {"$set": {"schema_version": len(STEPS)}}
            )

    async def _take_over(self, found: Document) -> None:
        """Put this server's mark into the database; a former server's transaction is ended, or waited for."""
        if "session" in found:
            _log.info("%s: taken over from %s", self._name, found["server"])
            with suppress(OperationFailure):  # then it ends by itself when it is too old
                await self._database.command("killSessions", [{"id": found["session"]}])
        own = {
            "mark": self._mark,
            "session": self._session.session_id["id"],
            "server": f"process {os.getpid()} on {socket.gethostname()}",
        }
        deadline_s = time.monotonic() + TRANSACTION_LIFETIME_S
        while True:
            try:
                await self._database.store.update_one(_STORE, {"$set": own})
            except PyMongoError as error:
                if not is_busy(error) or time.monotonic() > deadline_s:
                    raise
                await asyncio.sleep(TAKE_OVER_PERIOD_S)
            else:
                return

    @asynccontextmanager
    async def _errors(self) -> AsyncIterator[None]:
        """Errors of the database as errors of a store."""
        try:
            yield
        except PyMongoError as error:
            raise store_error(self._name, error) from error

    @asynccontextmanager
    async def _transaction(self, events: int = 0) -> AsyncIterator[int]:
        """A transaction of the server that owns the store, and the number of the next event; it adds so many."""
        async with self._lock, self._errors(), self._driver.transaction(self._session):
            own = await self._database.store.find_one_and_update(
                _STORE | {"mark": self._mark}, {"$inc": {"commits": 1, "events": events}}, session=self._session
            )
            if own is None:
                raise StoreError(await self._who_took_it())
            yield own["events"] + 1

    async def _who_took_it(self) -> str:
        found = await self._database.store.find_one(_STORE, session=self._session)
        if found is None:
            return f"{self._name}: was deleted; start this server again for an empty one, or restore a backup"
        return (
            f"{self._name}: {found['server']} has taken it over, and this server grants nothing any more; stop one of "
            "the two"
        )

    async def load(self) -> Snapshot:
        """Read the present state.

        Raises:
            StoreError: if it cannot be read, or another server has taken over.
        """
        database, session = self._database, self._session
        async with self._transaction():
            kept = {name: await self._all(name, adapter) for name, adapter in KEPT_WHOLE.items()}
            under_way = database.rides.find({"is_final": False}, session=session)
            rides = await under_way.sort("record.created").to_list(None)
            acts = await database.operator_acts.find(session=session).to_list(None)
            newest = await database.rides.find_one(session=session, sort=[("record.created", DESCENDING)])
        created = newest["record"]["created"] if newest else 0
        kept_acts = next(iter(self._versioned(ACTS, acts)), None)
        return Snapshot(rides=self._versioned(RIDE, rides), rides_created=created, acts=kept_acts, **kept)

    async def _all(self, collection: str, adapter: TypeAdapter[Any]) -> tuple[Versioned[Any], ...]:
        found = await self._database[collection].find(session=self._session).sort("_id").to_list(None)
        return self._versioned(adapter, found)

    def _versioned(self, adapter: TypeAdapter[Any], documents: Iterable[Document]) -> tuple[Versioned[Any], ...]:
        return tuple(
            Versioned(understood(adapter, document["record"], self._name), document["version"])
            for document in documents
        )

    async def commit(self, changes: Changes) -> None:
        """Write all changes or none; a caller that is cancelled meanwhile leaves when that is decided.

        Raises:
            StoreConflictError: if a version is not the stored one or a unique index forbids the change.
            StoreError: if the database cannot be written or another server has taken over.
        """
        await complete(self._write(changes))

    async def _write(self, changes: Changes) -> None:
        async with self._transaction(len(changes.events)) as next_event:
            for station in changes.stations:
                await self._put("stations", station.record.station_id, station, STATION, {})
            for car in changes.cars:
                await self._put("cars", car.record.car_id, car, CAR, {})
            for item in changes.rides:
                ride = item.record
                searched = {"has_car": ride.state in STATES_WITH_CAR, "is_final": ride.is_final}
                await self._put("rides", ride.ride_id, item, RIDE, searched)
            if changes.acts is not None:
                await self._put("operator_acts", ACTS_ID, changes.acts, ACTS, {})
            await self._write_access(changes)
            if changes.events:
                await self._database.events.insert_many(numbered(changes.events, next_event), session=self._session)

    async def _write_access(self, changes: Changes) -> None:
        for collection, key in removals(changes):
            await self._database[collection].delete_one({"_id": key}, session=self._session)
        for collection, key, item, adapter in access_writes(changes):
            device = holder(item.record)
            searched = {"holder": device, "is_device": True} if device else {}
            await self._put(collection, key, item, adapter, searched)

    async def _put(
        self, collection: str, key: str, item: Versioned[Any], adapter: TypeAdapter[Any], searched: Document
    ) -> None:
        document = {"version": item.version + 1, "record": adapter.dump_python(item.record, mode="json"), **searched}
        if item.version == 0:
            await self._database[collection].insert_one({"_id": key, **document}, session=self._session)
            return
        stored = {"_id": key, "version": item.version}
        result = await self._database[collection].replace_one(stored, document, session=self._session)
        if result.matched_count != 1:
            raise StoreConflictError(f"{self._name}: {key} was changed by somebody else")

    async def ride(self, ride_id: str) -> Ride | None:
        """One ride, however old."""
        return await self._one_ride({"_id": ride_id})

    async def ride_by_request(self, station_id: str, request_id: str) -> Ride | None:
        """The ride that a station's request led to."""
        return await self._one_ride({"record.station_id": station_id, "record.request_id": request_id})

    async def _one_ride(self, query: dict[str, str]) -> Ride | None:
        async with self._errors():
            found = await self._database.rides.find_one(query)
        return understood(RIDE, found["record"], self._name) if found else None

    async def events(
        self, limit: int, before: int | None = None, *, of_operators: bool = False
    ) -> tuple[HistoryEntry, ...]:
        """The newest events, or the newest with numbers lower than `before`; newest first.

        Those of operators are the audit log, all others the history; together they are numbered.
        """
        query: Document = {"is_of_operator": True if of_operators else {"$ne": True}}  # older events do not tell
        if before is not None:
            query["_id"] = {"$lt": before}
        async with self._errors():
            found = await self._database.events.find(query).sort("_id", DESCENDING).limit(limit).to_list(None)
        return tuple(HistoryEntry(entry["_id"], understood(EVENT, entry["record"], self._name)) for entry in found)

    async def close(self) -> None:
        """Close all connections."""
        async with self._lock:
            await self._session.end_session()
            await self._driver.close()
