"""Records of a backup into an empty store, through the interface that every store has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from server.store.backup import Entry
from server.store.base import Changes, Snapshot, Store, StoreError, Versioned

BATCH = 50  # records in one commit, for which a database has its limit of time


async def restore(store: Store, entries: Iterable[Entry]) -> Counter[str]:
    """Write all entries; how many there were, by collection.

    Raises:
        StoreError: if the store is not empty, or cannot be written, or an entry cannot be read: then what was written
            until then is in the store, which is to be thrown away.
    """
    if not _is_empty(await store.load()) or await store.events(1) or await store.events(1, of_operators=True):
        raise StoreError("the store is not empty: restore into a new one, or remove this one first")
    counts: Counter[str] = Counter()
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        counts[entry.collection] += 1
        if len(batch) == BATCH:
            await store.commit(_changes(batch))
            batch.clear()
    if batch:
        await store.commit(_changes(batch))
    return counts


def _is_empty(snapshot: Snapshot) -> bool:
    return not any(getattr(snapshot, field.name) for field in fields(snapshot))


def _changes(batch: Iterable[Entry]) -> Changes:
    """What writes a batch; collections are called as the fields of `Changes`, but for the one record of acts."""
    records: dict[str, list[Any]] = defaultdict(list)
    for collection, record in ((entry.collection, entry.record) for entry in batch):
        records[collection].append(record if collection == "events" else Versioned(record, 0))
    acts = records.pop("operator_acts", [None])
    return Changes(acts=acts[0], **{collection: tuple(kept) for collection, kept in records.items()})
