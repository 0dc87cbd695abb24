"""All documents of a MongoDB store, in one transaction, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from server.store.base import StoreError
from server.store.mongo_driver import Document, make_driver
from server.store.mongo_errors import store_error, url_error
from server.store.mongo_schema import STEPS
from server.store.mongo_url import MongoUrl


async def documents(url: MongoUrl, collections: Sequence[str], page: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Collection and record of every document, each collection in the order of its ids.

    Raises:
        StoreError: if there is no store, or it cannot be read.
    """
    name = f"store {url.shown}"
    try:
        driver = make_driver(url)
    except (PyMongoError, ValueError) as error:
        raise url_error(url, error) from error
    try:
        session = await driver.start_session()
        try:
            async with driver.transaction(session):
                found = await driver.database.store.find_one({"_id": "store"}, session=session)
                _check(found, name)
                for collection in collections:
                    newest: Document = {}
                    while True:
                        rest = driver.database[collection].find(newest, session=session)
                        documents = await rest.sort("_id").limit(page).to_list(None)
                        if not documents:
                            break
                        for document in documents:
                            yield collection, document["record"]
                        newest = {"_id": {"$gt": documents[-1]["_id"]}}
        finally:
            await session.end_session()
    except PyMongoError as error:
        raise store_error(name, error) from error
    finally:
        await driver.close()


def _check(found: Document | None, name: str) -> None:
    if found is None:
        raise StoreError(f"{name}: there is no store to back up")
    version = found.get("schema_version", 0)
    if version != len(STEPS):
        raise StoreError(
            f"{name}: has schema version {version}, this one knows {len(STEPS)}; start this server on it first"
        )
