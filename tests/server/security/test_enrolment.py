"""From codes to keys, and the ends of both."""

from __future__ import annotations

import asyncio

import pytest

from fleet.access import Role
from server.security.codes import TRIES, CodeText
from server.security.keys import Key
from server.security.principal import NotAllowedError, UnknownKeyError, WrongSecretError
from server.store.base import StoreError
from tests.server.security.conftest import Stage


async def test_a_device_enrols_with_a_code_and_is_known_by_its_key(stage: Stage) -> None:
    key = await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR, "car-1"))
    caller = stage.access.identify(key)
    assert (caller.role, caller.name) == (Role.CAR, "car-1")
    assert [(each.role, each.name) for each in stage.access.enrolment.enrolled()] == [("car", "car-1")]


@pytest.mark.parametrize("garbage", ["", ".", "a.b", "é.é", "\0", "x" * 5000])
async def test_what_is_no_key_is_nobodys(stage: Stage, garbage: str) -> None:
    key = await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR))
    for wrong in (
        garbage,
        key[:-1],
        key + "a",
        key.upper(),
        str(Key(Key.parse(key).credential_id, "")),
        str(Key.new()),
    ):
        with pytest.raises(UnknownKeyError):
            stage.access.identify(wrong)


async def test_a_code_works_once(stage: Stage) -> None:
    code = await stage.code(Role.CAR)
    results = await asyncio.gather(*(stage.enrol(Role.CAR, f"car-{k}", code) for k in range(3)), return_exceptions=True)
    assert [type(result) for result in results if not isinstance(result, str)] == [WrongSecretError] * 2
    with pytest.raises(WrongSecretError):
        await stage.enrol(Role.CAR, "car-9", code)


async def test_a_code_is_guessed_a_few_times_only(stage: Stage) -> None:
    code = await stage.code(Role.CAR)
    wrong = str(CodeText(CodeText.parse(code).code_id, "00000000"))
    for _ in range(TRIES):
        with pytest.raises(WrongSecretError):
            await stage.enrol(Role.CAR, "car-1", wrong)
    with pytest.raises(WrongSecretError):
        await stage.enrol(Role.CAR, "car-1", code)


async def test_guesses_at_once_count_each(stage: Stage) -> None:
    code = await stage.code(Role.CAR)
    wrong = str(CodeText(CodeText.parse(code).code_id, "00000000"))
    attempts = [stage.enrol(Role.CAR, "car-1", wrong) for _ in range(20)]
    await asyncio.gather(*attempts, return_exceptions=True)
    with pytest.raises(WrongSecretError):
        await stage.enrol(Role.CAR, "car-1", code)


async def test_a_code_expires(stage: Stage) -> None:
    code = await stage.code(Role.CAR)
    stage.clock.advance(15 * 60)
    with pytest.raises(WrongSecretError):
        await stage.enrol(Role.CAR, "car-1", code)


@pytest.mark.parametrize(("role", "name"), [(Role.STATION, "car-1"), (Role.CAR, "car-2")])
async def test_a_code_is_for_whom_it_was_issued(stage: Stage, role: Role, name: str) -> None:
    code = await stage.code(Role.CAR, "car-1")
    with pytest.raises(NotAllowedError, match=f"for car car-1, not for {role} {name}"):
        await stage.enrol(role, name, code)
    await stage.enrol(Role.CAR, "car-1", code)


async def test_a_code_without_a_name_replaces_nobody(stage: Stage) -> None:
    key = await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR))
    with pytest.raises(NotAllowedError, match="a new car"):
        await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR))
    stage.access.identify(key)


async def test_enrolling_again_makes_the_former_key_void(stage: Stage) -> None:
    former = await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR, "car-1"))
    caller = stage.access.identify(former)
    newer = await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR, "car-1"))
    assert not stage.access.is_still(caller)
    with pytest.raises(UnknownKeyError):
        stage.access.identify(former)
    assert stage.access.is_still(stage.access.identify(newer))


async def test_a_revoked_key_is_void(stage: Stage) -> None:
    key = await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR))
    assert await stage.access.enrolment.revoke(Role.CAR, "car-1")
    with pytest.raises(UnknownKeyError):
        stage.access.identify(key)
    assert not await stage.access.enrolment.revoke(Role.CAR, "car-1")


async def test_what_is_not_stored_has_not_happened(stage: Stage) -> None:
    code = await stage.code(Role.CAR)
    stage.store.is_full = True
    for attempt in (
        stage.enrol(Role.CAR, "car-1", code),
        stage.access.open_session("alice"),
        stage.access.record("a", ""),
    ):
        with pytest.raises(StoreError):
            await attempt
    assert stage.access.enrolment.enrolled() == []
    stage.store.is_full = False
    await stage.enrol(Role.CAR, "car-1", code)
    assert await stage.kinds() == ["device.enrolled"]
