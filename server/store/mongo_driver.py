"""The two drivers for MongoDB, as one: what differs between pymongo's own asynchronous client and motor's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, cast

from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.read_concern import ReadConcern

from server.store.base import StoreError
from server.store.mongo_url import MongoUrl

DEFAULT_DATABASE = "pixelopolis"
TIMEOUT_S = 3.0  # for a server to be found, and for one operation

Document = dict[str, Any]

# Written on most of the replica set's disks before it counts, and read only when it is: no failover takes it back.
_OPTIONS: dict[str, Any] = {
    "appname": "pixelopolis",
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "serverSelectionTimeoutMS": round(TIMEOUT_S * 1000),
    "timeoutMS": round(TIMEOUT_S * 1000),
}
_TRANSACTION: dict[str, Any] = {
    "read_concern": ReadConcern("snapshot"),
    "write_concern": WriteConcern("majority", j=True),
    "read_preference": ReadPreference.PRIMARY,
}


class MongoDriver(Protocol):
    """A client and its database; the methods of the database's collections are the same in both drivers."""

    @property
    def database(self) -> AsyncDatabase[Document]:
        """The database that the URL names."""
        ...

    async def start_session(self) -> AsyncClientSession:
        """A session, to be ended before the client is closed."""
        ...

    def transaction(self, session: AsyncClientSession) -> AbstractAsyncContextManager[object]:
        """A transaction, committed at the block's end, given up if the block raises."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class PymongoDriver:
    """Through `pymongo.AsyncMongoClient`."""

    def __init__(self, connection: str) -> None:
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(connection, **_OPTIONS)

    @property
    def database(self) -> AsyncDatabase[Document]:
        """The database that the URL names."""
        return self._client.get_default_database(DEFAULT_DATABASE)

    async def start_session(self) -> AsyncClientSession:
        """A session, to be ended before the client is closed."""
        return self._client.start_session()

    @asynccontextmanager
    async def transaction(self, session: AsyncClientSession) -> AsyncIterator[None]:
        """A transaction, committed at the block's end, given up if the block raises."""
        async with await session.start_transaction(**_TRANSACTION):
            yield

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


class MotorDriver:
    """Through `motor.motor_asyncio.AsyncIOMotorClient`, which works in threads."""

    def __init__(self, connection: str) -> None:
        from motor.motor_asyncio import AsyncIOMotorClient

        self._client: Any = AsyncIOMotorClient(connection, **_OPTIONS)

    @property
    def database(self) -> AsyncDatabase[Document]:
        """The database that the URL names."""
        return cast("AsyncDatabase[Document]", self._client.get_default_database(DEFAULT_DATABASE))

    async def start_session(self) -> AsyncClientSession:
        """A session, to be ended before the client is closed."""
        return cast("AsyncClientSession", await self._client.start_session())

    def transaction(self, session: AsyncClientSession) -> AbstractAsyncContextManager[object]:
        """A transaction, committed at the block's end, given up if the block raises."""
        return cast("AbstractAsyncContextManager[object]", session.start_transaction(**_TRANSACTION))

    async def close(self) -> None:
        """Close all connections."""
        self._client.close()


def make_driver(url: MongoUrl) -> MongoDriver:
    """The driver that the URL asks for; nothing is connected yet.

    Raises:
        StoreError: if motor is asked for and not installed.
        pymongo.errors.PyMongoError: if the URL is wrong.
        ValueError: if a value in the URL is wrong.
    """
    if not url.by_motor:
        return PymongoDriver(url.connection)
    try:
        return MotorDriver(url.connection)
    except ModuleNotFoundError as error:
        raise StoreError(f"store {url.shown}: needs motor: pip install 'pixelopolis[motor]'") from error
