"""Schema versions: every store has a list of steps, and its version is how many of them it has been through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from server.store.base import StoreError

Step = TypeVar("Step")


def steps_to_take(steps: Sequence[Step], version: int, store: str) -> Sequence[Step]:
    """The steps that a store has still to go through.

    Args:
        steps: all that this server knows, oldest first; a released one never changes.
        version: the store's; 0 for an empty store.
        store: how to call the store in an error.

    Raises:
        StoreError: if a newer server has written it.
    """
    if version > len(steps):
        raise StoreError(
            f"{store}: has schema version {version}, this server knows {len(steps)}; "
            "update this server, or choose another store with --store"
        )
    return steps[version:]
