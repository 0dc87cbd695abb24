"""The lease in MongoDB: one document, compared and set; a change stream tells when the lead changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Self

from pymongo.errors import PyMongoError

from server.cluster.lease import Lease
from server.store.mongo_driver import Document, MongoDriver, make_driver
from server.store.mongo_errors import store_error, url_error
from server.store.mongo_url import MongoUrl

_LEASE = {"_id": "lease"}
_AWAIT_MS = 1000  # less than the time-out of one operation
_NEW_LEADER: list[dict[str, Any]] = [
    {"$match": {"$or": [{"updateDescription.updatedFields.term": {"$exists": True}}, {"operationType": "replace"}]}}
]


class MongoLeaseBook:
    """The `LeaseBook` beside a store; it has connections of its own, so that a busy store does not delay it."""

    def __init__(self, driver: MongoDriver, shown: str) -> None:
        """Use `open` instead."""
        self._driver = driver
        self._collection = driver.database.cluster
        self._name = f"store {shown}"

    @classmethod
    async def open(cls, url: MongoUrl) -> Self:
        """Connect, and make the document where it is new.

        Raises:
            StoreError: if the database cannot be reached or used.
        """
        try:
            driver = make_driver(url)
        except (PyMongoError, ValueError) as error:
            raise url_error(url, error) from error
        book = cls(driver, url.shown)
        try:
            async with book._errors():
                await book._collection.update_one(_LEASE, {"$setOnInsert": asdict(Lease())}, upsert=True)
        except BaseException:
            await book.close()
            raise
        return book

    @asynccontextmanager
    async def _errors(self) -> AsyncIterator[None]:
        try:
            yield
        except PyMongoError as error:
            raise store_error(self._name, error) from error

    async def look(self) -> Lease:
        """The lease as it is stored; a vacant one where the document is gone."""
        async with self._errors():
            return _lease(await self._collection.find_one(_LEASE))

    async def take(self, seen: Lease, member: str, url: str) -> Lease:
        """Take it if it still is as it was seen; the lease that is stored then."""
        taken = Lease(seen.term + 1, seen.beat + 1, member, url)
        return await self._replace({"term": seen.term, "beat": seen.beat}, taken)

    async def renew(self, held: Lease) -> Lease:
        """Renew it if it is still held; the lease that is stored then."""
        renewed = Lease(held.term, held.beat + 1, held.member, held.url)
        return await self._replace({"term": held.term, "member": held.member}, renewed)

    async def leave(self, held: Lease) -> Lease:
        """Give it back, so that nobody needs to wait for its end; the lease that is stored then."""
        return await self._replace({"term": held.term, "member": held.member}, Lease(held.term + 1, held.beat + 1))

    async def _replace(self, expected: Document, lease: Lease) -> Lease:
        async with self._errors():
            result = await self._collection.update_one(_LEASE | expected, {"$set": asdict(lease)})
            return lease if result.matched_count == 1 else _lease(await self._collection.find_one(_LEASE))

    async def changes(self) -> AsyncIterator[None]:
        """Something, whenever there may be another leader."""
        async with self._errors():
            stream: Any = self._collection.watch(_NEW_LEADER, max_await_time_ms=_AWAIT_MS)
            async with await stream if asyncio.iscoroutine(stream) else stream as changes:  # motor's is none
                yield None  # what changed before it was open is not in it
                while changes.alive:
                    if await changes.try_next() is not None:
                        yield None

    async def close(self) -> None:
        """Close all connections."""
        await self._driver.close()


def _lease(document: Document | None) -> Lease:
    if document is None:
        return Lease()
    return Lease(document["term"], document["beat"], document["member"], document["url"])
