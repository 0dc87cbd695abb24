"""Keys, operators and codes as they are stored, at hand without asking the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from fleet.access import Role
from server.security.records import Code, Credential, Operator
from server.store.base import Changes, Event, Store, Versioned

T = TypeVar("T")


class _Table(Generic[T]):
    """Records of one kind with the versions that are stored."""

    def __init__(self, key: Callable[[T], str], items: Iterable[Versioned[T]] = ()) -> None:
        self._key = key
        self._items = {key(item.record): item for item in items}

    def get(self, key: str) -> T | None:
        item = self._items.get(key)
        return item.record if item else None

    def all(self) -> list[T]:
        return [item.record for item in self._items.values()]

    def to_write(self, records: Iterable[T]) -> tuple[Versioned[T], ...]:
        stored = ((record, self._items.get(self._key(record))) for record in records)
        return tuple(Versioned(record, item.version if item else 0) for record, item in stored)

    def written(self, items: Iterable[Versioned[T]], removed: Iterable[str] = ()) -> None:
        for key in removed:
            self._items.pop(key, None)
        self._items |= {self._key(item.record): Versioned(item.record, item.version + 1) for item in items}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be stored at once."""

    credentials: tuple[Credential, ...] = ()
    operators: tuple[Operator, ...] = ()
    codes: tuple[Code, ...] = ()
    removed_credentials: tuple[str, ...] = ()  # ids
    removed_operators: tuple[str, ...] = ()  # names
    removed_codes: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()


class Directory:
    """What is not stored has not happened: memory follows the store, never the other way."""

    def __init__(self, store: Store, happened: Callable[[Iterable[Event]], None] = lambda _: None) -> None:
        """Use `load` before anything else.

        Args:
            store: to be read and written.
            happened: is told of every event that was stored.
        """
        self._store = store
        self._happened = happened
        self._lock = asyncio.Lock()
        self._is_stale = False
        self._credentials = _Table[Credential](lambda credential: credential.credential_id)
        self._operators = _Table[Operator](lambda operator: operator.name)
        self._codes = _Table[Code](lambda code: code.code_id)

    async def load(self) -> None:
        """Read the store.

        Raises:
            StoreError: if it cannot be read.
        """
        snapshot = await self._store.load()
        self._credentials = _Table(lambda credential: credential.credential_id, snapshot.credentials)
        self._operators = _Table(lambda operator: operator.name, snapshot.operators)
        self._codes = _Table(lambda code: code.code_id, snapshot.codes)
        self._is_stale = False

    def credential(self, credential_id: str) -> Credential | None:
        """The key with an id, expired or not."""
        return self._credentials.get(credential_id)

    def credentials(self, role: Role | None = None, name: str | None = None) -> list[Credential]:
        """All keys, or those of a role, or of one holder."""
        return [each for each in self._credentials.all() if role in (None, each.role) and name in (None, each.name)]

    def operator(self, name: str) -> Operator | None:
        """The operator of a name."""
        return self._operators.get(name)

    def operators(self) -> list[Operator]:
        """Everybody who may log in."""
        return self._operators.all()

    def code(self, code_id: str) -> Code | None:
        """The code with an id, alive or not."""
        return self._codes.get(code_id)

    def codes(self) -> list[Code]:
        """All codes that were not used."""
        return self._codes.all()

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Decide and `commit` inside of this block: nobody else does meanwhile.

        Raises:
            StoreError: if an earlier write failed and the store still cannot be read.
        """
        async with self._lock:
            if self._is_stale:
                await self.load()
            yield

    async def commit(self, change: Change) -> None:
        """Store a change.

        Raises:
            StoreError: if it cannot be written; what is stored is found out before the next change.
        """
        changes = Changes(
            credentials=self._credentials.to_write(change.credentials),
            operators=self._operators.to_write(change.operators),
            codes=self._codes.to_write(change.codes),
            removed_credentials=change.removed_credentials,
            removed_operators=change.removed_operators,
            removed_codes=change.removed_codes,
            events=change.events,
        )
        self._is_stale = True
        await self._store.commit(changes)
        self._is_stale = False
        self._credentials.written(changes.credentials, change.removed_credentials)
        self._operators.written(changes.operators, change.removed_operators)
        self._codes.written(changes.codes, change.removed_codes)
        self._happened(change.events)
