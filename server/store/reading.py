"""All records of a store at one moment, read without taking it over: a MongoDB database may be in use meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

from server.store.backup import KINDS, Entry
from server.store.base import StoreError
from server.store.mongo_url import MongoUrl
from server.store.records import understood
from server.store.sqlite import what_to_do
from server.store.sqlite_schema import STEPS

PAGE = 1000  # records at a time; a driver's time limit is for one page


async def entries(url: str) -> AsyncIterator[Entry]:
    """Every record of the store that `url` names, as of one moment.

    Raises:
        StoreError: if it is not understood, not there, in use (SQLite), or cannot be read.
    """
    mongo_url = MongoUrl.parse(url)
    if mongo_url is not None:
        async for entry in _of_mongo(mongo_url):
            yield entry
        return
    for entry in await asyncio.to_thread(_of_sqlite, url):
        yield entry


def _of_sqlite(url: str) -> list[Entry]:
    kind, _, place = url.partition(":")
    path = Path(place).expanduser()
    if kind != "sqlite" or not path.is_file():
        raise StoreError(
            f"store {kind!r}: there is no such store to back up; give sqlite:PATH of a file, or mongodb://…"
        )
    name = f"store {path}"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1.0)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version != len(STEPS):
                raise StoreError(
                    f"{name}: has schema version {version}, this one knows {len(STEPS)}; start this server on it first"
                )
            connection.execute("BEGIN")
            return [
                Entry(table, understood(adapter, document, name))
                for table, adapter in KINDS.items()
                for (document,) in connection.execute(f"SELECT document FROM {table} ORDER BY rowid")  # noqa: S608
            ]
    except sqlite3.Error as error:
        raise StoreError(f"{name}: {what_to_do(error)}") from error


async def _of_mongo(url: MongoUrl) -> AsyncIterator[Entry]:
    try:
        from server.store.mongo_reading import documents
    except ModuleNotFoundError as error:
        raise StoreError(f"store {url.shown}: needs pymongo: pip install 'pixelopolis[mongo]'") from error
    async for collection, record in documents(url, tuple(KINDS), PAGE):
        yield Entry(collection, _known(collection, record, url))


def _known(collection: str, record: dict[str, Any], url: MongoUrl) -> Any:  # noqa: ANN401  # one of the records
    return understood(KINDS[collection], record, f"store {url.shown}")
