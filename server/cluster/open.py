"""From a store's URL to the lease beside it."""

from __future__ import annotations

from server.cluster.lease import LeaseBook
from server.store.base import StoreError
from server.store.mongo_url import MongoUrl


async def open_lease_book(store_url: str) -> LeaseBook:
    """Open the lease beside a store that several servers can share.

    Raises:
        StoreError: if it is no such store, or cannot be opened.
    """
    url = MongoUrl.parse(store_url)
    if url is None:
        kind = store_url.partition(":")[0]
        raise StoreError(f"store {kind!r} is one server's alone; several servers share mongodb://HOST:PORT/DATABASE")
    try:
        from server.cluster.mongo_lease import MongoLeaseBook
    except ModuleNotFoundError as error:
        raise StoreError(f"store {url.shown}: needs pymongo: pip install 'pixelopolis[mongo]'") from error
    return await MongoLeaseBook.open(url)
