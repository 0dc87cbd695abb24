"""The contract of a store for keys, operators, codes and the audit log, on every kind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fleet.access import Role
from server.security.records import Code, Credential, Operator
from server.store.base import Changes, Event, Store, StoreConflictError, Versioned
from tests.server.store.conftest import MONGO_KINDS, REAL_MONGO_KINDS, SQLITE_KINDS, Home

pytestmark = pytest.mark.parametrize("store_url", [*SQLITE_KINDS, *MONGO_KINDS, *REAL_MONGO_KINDS], indirect=True)

KEY = Credential("id-1", Role.CAR, "car-1", "hash", 1.5)
SESSION = Credential("id-2", Role.OPERATOR, "alice", "hash", 2.0, expires_s=9.0)
ALICE = Operator("alice", "$argon2id$…", 3.0)
CODE = Code("7K2M", Role.STATION, None, "$argon2id$…", 60.0, 5, "alice")


def changes(*credentials: Credential, version: int = 0, removed: tuple[str, ...] = ()) -> Changes:
    return Changes(credentials=tuple(Versioned(each, version) for each in credentials), removed_credentials=removed)


async def test_all_records_come_back(home: Home, store: Store) -> None:
    await store.commit(
        Changes(
            credentials=(Versioned(KEY, 0), Versioned(SESSION, 0)),
            operators=(Versioned(ALICE, 0),),
            codes=(Versioned(CODE, 0),),
        )
    )
    await store.commit(Changes(codes=(Versioned(replace(CODE, tries_left=4), 1),)))
    if home.url != "sqlite::memory:":
        await store.close()
        store = await home.open()
    snapshot = await store.load()
    assert snapshot.credentials == (Versioned(KEY, 1), Versioned(SESSION, 1))
    assert snapshot.operators == (Versioned(ALICE, 1),)
    assert snapshot.codes == (Versioned(replace(CODE, tries_left=4), 2),)


async def test_a_device_has_one_key_and_an_operator_many_sessions(store: Store) -> None:
    other = replace(KEY, credential_id="id-3")
    await store.commit(changes(KEY, SESSION, replace(SESSION, credential_id="id-4")))
    with pytest.raises(StoreConflictError):
        await store.commit(changes(other))
    await store.commit(changes(replace(other, role=Role.STATION)))
    await store.commit(changes(replace(other, credential_id="id-5"), removed=(KEY.credential_id,)))
    assert {item.record.credential_id for item in (await store.load()).credentials} == {"id-2", "id-3", "id-4", "id-5"}


async def test_many_race_for_the_key_of_one_device(store: Store) -> None:
    attempts = (store.commit(changes(replace(KEY, credential_id=f"id-{k}"))) for k in range(10))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [StoreConflictError] * 9


async def test_what_is_removed_leaves_no_trace(store: Store) -> None:
    written = Changes(credentials=(Versioned(KEY, 0),), operators=(Versioned(ALICE, 0),), codes=(Versioned(CODE, 0),))
    await store.commit(written)
    await store.commit(
        Changes(
            removed_credentials=(KEY.credential_id, "no such key"),
            removed_operators=(ALICE.name,),
            removed_codes=(CODE.code_id,),
        )
    )
    snapshot = await store.load()
    assert (snapshot.credentials, snapshot.operators, snapshot.codes) == ((), (), ())
    await store.commit(written)


async def test_all_or_nothing(store: Store) -> None:
    await store.commit(changes(KEY))
    with pytest.raises(StoreConflictError):
        await store.commit(
            Changes(
                credentials=(Versioned(SESSION, 0),),
                codes=(Versioned(CODE, 7),),
                removed_credentials=(KEY.credential_id,),
                events=(Event(1.0, "operator.call", operator="alice"),),
            )
        )
    assert (await store.load()).credentials == (Versioned(KEY, 1),)
    assert await store.events(9, of_operators=True) == ()


async def test_what_operators_did_is_a_log_of_its_own(store: Store) -> None:
    for number in range(30):
        operator = "alice" if number % 3 == 0 else None
        await store.commit(Changes(events=(Event(float(number), "kind", operator=operator, detail="é'; $ne"),)))
    first = await store.events(4, of_operators=True)
    rest = await store.events(99, first[-1].number, of_operators=True)
    assert [entry.event.at_s for entry in (*first, *rest)] == [27.0, 24.0, 21.0, 18.0, 15.0, 12.0, 9.0, 6.0, 3.0, 0.0]
    assert {entry.event.detail for entry in first} == {"é'; $ne"}
    assert [entry.event.at_s for entry in await store.events(3, first[-1].number)] == [17.0, 16.0, 14.0]


@pytest.mark.parametrize("text", ["", "$where", '{"$ne": ""}', "a.b", "'; DROP TABLE credentials; --", "\0", "🚗", "%"])
async def test_awkward_strings_are_only_strings(store: Store, text: str) -> None:
    key = Credential(text, Role.CAR, text, text, 1.0)
    await store.commit(
        Changes(
            credentials=(Versioned(key, 0),),
            operators=(Versioned(Operator(text, text, 1.0), 0),),
            codes=(Versioned(Code(text, Role.CAR, text, text, 1.0, 1, text), 0),),
            events=(Event(1.0, text, operator=text, detail=text),),
        )
    )
    snapshot = await store.load()
    assert [item.record for item in snapshot.credentials] == [key]
    assert [entry.event.operator for entry in await store.events(9, of_operators=True)] == [text]
    await store.commit(Changes(removed_credentials=(text,), removed_codes=(text,)))
    assert (await store.load()).credentials == ()
