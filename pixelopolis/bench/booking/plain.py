"""The baseline: the least that a store has to do for a claim, one document found and changed; no server round it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from pixelopolis.bench.figure import percentile

MOST_CLAIMS = 2000
_CLAIM = "UPDATE cars SET ride = ? WHERE id = (SELECT id FROM cars WHERE ride IS NULL LIMIT 1) RETURNING id"
_LET_GO = "UPDATE cars SET ride = NULL WHERE id = ?"


async def plain_claims(
    store_url: str, work_dir: Path, cars: int, claims: int, clients: int
) -> tuple[float, float, float]:
    """Claims a second, and the time of half and of 99 of 100, in milliseconds; letting go is part of a claim's cost.

    Raises:
        PyMongoError: if a MongoDB does not do as it is told.
    """
    claims = min(claims, MOST_CLAIMS)
    begun_s = time.perf_counter()
    if store_url.startswith("sqlite:"):
        times_ms = _sqlite(work_dir / "plain", cars, claims)
    else:
        times_ms = await _mongo(store_url, cars, claims, clients)
    return claims / (time.perf_counter() - begun_s), percentile(times_ms, 0.5), percentile(times_ms, 0.99)


def _sqlite(path: Path, cars: int, claims: int) -> list[float]:
    """One after the other, on disk at each step as the server's store is."""
    with sqlite3.connect(path, isolation_level=None) as store:
        for words in ("journal_mode = WAL", "synchronous = FULL", "locking_mode = EXCLUSIVE"):
            store.execute(f"PRAGMA {words}")
        store.execute("CREATE TABLE cars (id TEXT PRIMARY KEY, ride TEXT)")
        store.executemany("INSERT INTO cars (id) VALUES (?)", [(f"car-{k}",) for k in range(cars)])
        times_ms = []
        for number in range(claims):
            begun_s = time.perf_counter()
            [[car_id]] = store.execute(_CLAIM, (f"claim-{number}",)).fetchall()
            times_ms.append(1e3 * (time.perf_counter() - begun_s))
            store.execute(_LET_GO, (car_id,))
    store.close()
    return times_ms


async def _mongo(store_url: str, cars: int, claims: int, clients: int) -> list[float]:
    from pymongo import AsyncMongoClient
    from pymongo.asynchronous.collection import AsyncCollection

    times_ms: list[float] = []
    numbers = iter(range(claims))

    async def claim(documents: AsyncCollection[dict[str, object]]) -> None:
        for number in numbers:
            begun_s = time.perf_counter()
            found = await documents.find_one_and_update({"ride": None}, {"$set": {"ride": f"claim-{number}"}})
            times_ms.append(1e3 * (time.perf_counter() - begun_s))
            if found is not None:
                await documents.update_one({"_id": found["_id"]}, {"$set": {"ride": None}})

    async with AsyncMongoClient[dict[str, object]](store_url) as client:
        documents = client.get_default_database()["bench_plain"]
        await documents.drop()
        await documents.insert_many([{"_id": f"car-{k}", "ride": None} for k in range(cars)])
        await _at_once(clients, lambda: claim(documents))
        await documents.drop()
    return times_ms


async def _at_once(count: int, act: Callable[[], Awaitable[None]]) -> None:
    await asyncio.gather(*(act() for _ in range(count)))
