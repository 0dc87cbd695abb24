"""The lease in a database that several processes use at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from server.cluster.lease import Lease, LeaseBook
from server.cluster.open import open_lease_book
from server.store.base import StoreError
from tests.server.stand_in import StandIn, allow_lost_sockets

pytestmark = allow_lost_sockets


@pytest.fixture(params=["mongodb", "mongodb+motor"])
def url(stand_in: StandIn, request: pytest.FixtureRequest) -> str:
    return stand_in.url(f"lease{uuid.uuid4().hex[:8]}", request.param)


@pytest.fixture
async def book(url: str) -> AsyncIterator[LeaseBook]:
    book = await open_lease_book(url)
    yield book
    await book.close()


async def test_a_new_lease_is_vacant(book: LeaseBook) -> None:
    assert await book.look() == Lease()


async def test_of_many_that_take_it_at_once_one_gets_it(book: LeaseBook) -> None:
    vacant = await book.look()
    results = await asyncio.gather(*(book.take(vacant, f"p{k}", f"http://p{k}:1") for k in range(20)))
    stored = await book.look()
    assert stored.term == 1
    assert set(results) == {stored}, "the others are told who"


async def test_it_is_renewed_by_its_holder_alone(book: LeaseBook) -> None:
    held = await book.take(Lease(), "me", "http://me:1")
    renewed = await book.renew(held)
    assert renewed == Lease(1, 2, "me", "http://me:1")
    assert await book.take(held, "other", "http://other:1") == renewed, "it is not as it was seen any more"
    taken = await book.take(renewed, "other", "http://other:1")
    assert taken.member == "other"
    assert await book.renew(renewed) == taken
    assert await book.leave(renewed) == taken


async def test_it_can_be_left(book: LeaseBook) -> None:
    held = await book.take(Lease(), "me", "http://me:1")
    left = await book.leave(held)
    assert (left.member, left.url) == (None, None)
    assert (await book.take(left, "other", "http://other:1")).member == "other"


async def test_a_new_leader_is_told_at_once(book: LeaseBook) -> None:
    async with asyncio.timeout(10.0):
        changes = aiter(book.changes())
        await anext(changes)
        held = await book.take(Lease(), "me", "http://me:1")
        await anext(changes)
        await book.leave(held)
        await anext(changes)


async def test_other_stores_are_not_shared() -> None:
    with pytest.raises(StoreError, match="'sqlite' is one server's alone; several servers share mongodb://"):
        await open_lease_book("sqlite:x")


async def test_a_database_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match=r"mongodb://127\.0\.0\.1:1/x"):
        await open_lease_book("mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=100&timeoutMS=200")
