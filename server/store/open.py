"""From a store's URL to a store."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

from server.store.base import Store, StoreError
from server.store.mongo_url import MongoUrl
from server.store.sqlite import MEMORY, SqliteStore


def default_store_url() -> str:
    """The store of this user on this machine."""
    return f"sqlite:{user_data_path('pixelopolis') / 'server.sqlite3'}"


async def open_store(url: str) -> Store:
    """Open the store that `url` names.

    Args:
        url: `sqlite:PATH`, `sqlite::memory:`, `mongodb://HOST:PORT/DATABASE`, `mongodb+srv://HOST/DATABASE`; with
            `mongodb+motor://` or `mongodb+srv+motor://` through that driver.

    Raises:
        StoreError: if the URL is not understood or the store cannot be opened.
    """
    mongo_url = MongoUrl.parse(url)
    if mongo_url is not None:
        return await _open_mongo(mongo_url)
    kind, _, place = url.partition(":")
    if kind != "sqlite" or not place:
        raise StoreError(f"store {kind!r}: give sqlite:PATH, sqlite:{MEMORY} or mongodb://HOST:PORT/DATABASE")
    return await SqliteStore.open(place if place == MEMORY else _made_ready(url, Path(place)))


async def _open_mongo(url: MongoUrl) -> Store:
    try:
        from server.store.mongo import MongoStore
    except ModuleNotFoundError as error:
        raise StoreError(f"store {url.shown}: needs pymongo: pip install 'pixelopolis[mongo]'") from error
    return await MongoStore.open(url)


def _made_ready(url: str, path: Path) -> str:
    path = path.expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"store {url!r}: cannot create folder {path.parent} ({error.strerror})") from error
    return str(path)
