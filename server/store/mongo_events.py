"""Events as documents of MongoDB."""

from __future__ import annotations

from collections.abc import Iterable

from server.store.base import Event
from server.store.mongo_driver import Document
from server.store.records import EVENT


def numbered(events: Iterable[Event], first: int) -> list[Document]:
    """Events as they are stored, by their numbers from `first` on."""
    return [
        {
            "_id": number,
            "record": EVENT.dump_python(event, mode="json"),
            "is_of_operator": event.operator is not None,
        }
        for number, event in enumerate(events, first)
    ]
