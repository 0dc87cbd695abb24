"""Keys of many devices at once, put into a store before its server starts: enrolling is not what is measured."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.access import Role
from server.security.access import Access
from server.store.open import open_store

OPERATOR = "bench"


@dataclass(frozen=True, slots=True)
class Devices:
    """Their keys, by name."""

    operator: str
    stations: dict[str, str]
    cars: dict[str, str]


async def enrol_all(store_url: str, stations: Sequence[str], cars: Sequence[str]) -> Devices:
    """Let them all into a store that no server uses yet.

    Raises:
        StoreError: if it cannot be opened or written.
    """
    store = await open_store(store_url)
    try:
        access = Access(store, time.monotonic, time.time)
        await access.load()
        operator = (await access.open_session(OPERATOR)).key
        keys = {}
        for role, names in ((Role.STATION, stations), (Role.CAR, cars)):
            keys[role] = {name: (await access.enrolment.enrol_without_code(role, name)).key for name in names}
    finally:
        await store.close()
    return Devices(operator, keys[Role.STATION], keys[Role.CAR])
