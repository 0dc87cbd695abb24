"""Access on a real store, with a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fleet.access import EnrolmentRequest, OperatorRequest, Role
from fleet.clock import ManualClock
from server.security.access import Access
from server.store.base import Changes, StoreError
from server.store.sqlite import MEMORY, SqliteStore

PASSWORD = "a sentence that nobody guesses"  # noqa: S105
HOME = "192.0.2.1"


class FailingStore(SqliteStore):
    """A store whose disk can be full."""

    is_full = False

    async def commit(self, changes: Changes) -> None:
        if self.is_full:
            raise StoreError("the disk is full")
        await super().commit(changes)


class Stage:
    def __init__(self, store: FailingStore) -> None:
        self.store = store
        self.clock = ManualClock(1e6)
        self.access = Access(store, self.clock.now_s, self.clock.now_s)

    async def code(self, role: Role, name: str | None = None) -> str:
        return (await self.access.enrolment.issue_code(role, name, "alice")).code

    async def enrol(self, role: Role, name: str, code: str | None) -> str:
        request = EnrolmentRequest.model_validate({"role": role, "name": name, "code": code})
        return (await self.access.enrolment.enrol(request)).key

    async def become_operator(self, code: str, name: str = "alice", password: str = PASSWORD) -> None:
        await self.access.enrolment.enrol_operator(OperatorRequest(name=name, code=code, password=password))

    async def kinds(self) -> list[str]:
        return [entry.event.kind for entry in await self.store.events(99, of_operators=True)]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    store = await FailingStore.open(MEMORY)
    stage = Stage(store)
    await stage.access.load()
    yield stage
    await store.close()
