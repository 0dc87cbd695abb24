"""A store as a file, whatever database it is in: one record a line, as JSON. Pure but for the file it is given.

The first line says what it is, the last one how many records there are, so that half a file is known for what it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from pydantic import TypeAdapter

from server.store.base import StoreError
from server.store.records import ACTS, EVENT, KEPT_WHOLE, RIDE, understood

FORMAT = "pixelopolis store"
FORMAT_VERSION = 1

# In the order in which they are written; events in that of the history.
KINDS: dict[str, TypeAdapter[Any]] = {**KEPT_WHOLE, "operator_acts": ACTS, "rides": RIDE, "events": EVENT}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and the collection that it belongs to."""

    collection: str
    record: Any


async def write_backup(entries: AsyncIterator[Entry], file: IO[str]) -> Counter[str]:
    """Write all entries; how many there were, by collection.

    Raises:
        StoreError: if the store cannot be read.
        OSError: if the file cannot be written.
    """
    counts: Counter[str] = Counter()
    file.write(json.dumps({"format": FORMAT, "version": FORMAT_VERSION}) + "\n")
    async for entry in entries:
        record = KINDS[entry.collection].dump_python(entry.record, mode="json")
        file.write(json.dumps({"in": entry.collection, "record": record}) + "\n")
        counts[entry.collection] += 1
    file.write(json.dumps({"records": counts.total()}) + "\n")
    file.flush()
    return counts


def read_backup(lines: Iterable[str], name: str) -> Iterator[Entry]:
    """The entries of a backup.

    Args:
        lines: of the file.
        name: how to call it in an error.

    Raises:
        StoreError: if it is no backup, not a whole one, or was written by a newer server. Entries before that may have
            been given out already.
    """
    numbered = enumerate(lines, 1)
    head = _parsed(next(numbered, (1, ""))[1], 1, name)
    if head.get("format") != FORMAT:
        raise StoreError(f"{name}: is no backup of a store")
    if head.get("version") != FORMAT_VERSION:
        raise StoreError(f"{name}: has format {head.get('version')}, this server knows {FORMAT_VERSION}; update it")
    count = 0
    for number, line in numbered:
        entry = _parsed(line, number, name)
        if "records" in entry:
            if entry["records"] != count:
                raise StoreError(f"{name}: has {count} records where {entry['records']} were written")
            return
        yield _entry(entry, f"{name}, line {number}")
        count += 1
    raise StoreError(f"{name}: ends after {count} records, before its end was written")


def _parsed(line: str, number: int, name: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise StoreError(f"{name}, line {number}: is no line of a backup")
    return parsed


def _entry(entry: dict[str, Any], where: str) -> Entry:
    adapter = KINDS.get(str(entry.get("in")))
    if adapter is None:
        raise StoreError(f"{where}: belongs to {entry.get('in')!r}, which this server does not know")
    return Entry(entry["in"], understood(adapter, entry.get("record", {}), where))
