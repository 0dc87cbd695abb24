"""Operators and their sessions, what is kept of all this, and the audit log."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.access import Role
from server.security.access import SESSION_S
from server.security.codes import CodeText
from server.security.keys import Key
from server.security.principal import NotAllowedError, UnknownKeyError, WrongSecretError
from server.security.rates import TooOftenError
from tests.server.security.conftest import HOME, PASSWORD, FailingStore, Stage


async def test_the_first_operator_comes_in_with_the_servers_code(stage: Stage) -> None:
    first = await stage.access.enrolment.first_code(None)
    assert first is not None
    await stage.become_operator(first.code)
    assert await stage.access.enrolment.first_code(None) is None
    session = await stage.access.log_in("alice", PASSWORD, HOME)
    assert stage.access.identify(session.key).role is Role.OPERATOR
    with pytest.raises(WrongSecretError):
        await stage.become_operator(first.code, "mallory")


async def test_a_code_of_the_starter_gives_a_new_password_and_ends_sessions(stage: Stage) -> None:
    text = CodeText.new()
    for password in (PASSWORD, "another good sentence"):
        await stage.access.enrolment.first_code(text)
        await stage.become_operator(str(text), password=password)
        session = await stage.access.log_in("alice", password, HOME)
    await stage.access.enrolment.first_code(text)
    await stage.become_operator(str(text))
    with pytest.raises(UnknownKeyError):
        stage.access.identify(session.key)
    with pytest.raises(WrongSecretError):
        await stage.access.log_in("alice", "another good sentence", HOME)


async def test_an_operators_code_without_a_name_replaces_no_operator(stage: Stage) -> None:
    await stage.become_operator(await stage.code(Role.OPERATOR))
    with pytest.raises(NotAllowedError):
        await stage.become_operator(await stage.code(Role.OPERATOR), password=PASSWORD * 2)
    await stage.access.log_in("alice", PASSWORD, HOME)


async def test_an_operator_who_is_let_out_is_out_at_once(stage: Stage) -> None:
    await stage.become_operator(await stage.code(Role.OPERATOR))
    session = await stage.access.log_in("alice", PASSWORD, HOME)
    assert [each.name for each in stage.access.enrolment.enrolled()] == ["alice"]
    assert await stage.access.enrolment.revoke(Role.OPERATOR, "alice")
    with pytest.raises(UnknownKeyError):
        stage.access.identify(session.key)
    with pytest.raises(WrongSecretError):
        await stage.access.log_in("alice", PASSWORD, HOME)
    assert stage.access.enrolment.enrolled() == []
    assert await stage.access.enrolment.first_code(None) is not None, "there is nobody left"


async def test_log_in_takes_name_and_password(stage: Stage) -> None:
    await stage.become_operator(await stage.code(Role.OPERATOR))
    for name, password in (("alice", "wrong"), ("nobody", PASSWORD), ("Alice", PASSWORD)):
        with pytest.raises(WrongSecretError, match="name or password is wrong"):
            await stage.access.log_in(name, password, HOME)


async def test_log_in_is_limited_by_address(stage: Stage) -> None:
    for _ in range(5):
        with pytest.raises(WrongSecretError):
            await stage.access.log_in("alice", "guess", HOME)
    with pytest.raises(TooOftenError):
        await stage.access.log_in("alice", "guess", HOME)
    with pytest.raises(WrongSecretError):
        await stage.access.log_in("alice", "guess", "192.0.2.2")


async def test_a_session_ends_by_itself_and_by_logging_out(stage: Stage) -> None:
    await stage.become_operator(await stage.code(Role.OPERATOR))
    first, second = [await stage.access.log_in("alice", PASSWORD, HOME) for _ in range(2)]
    await stage.access.log_out(stage.access.identify(first.key))
    with pytest.raises(UnknownKeyError):
        stage.access.identify(first.key)
    caller = stage.access.identify(second.key)
    stage.clock.advance(SESSION_S)
    assert not stage.access.is_still(caller)
    with pytest.raises(UnknownKeyError):
        stage.access.identify(second.key)
    await stage.access.log_in("alice", PASSWORD, HOME)
    assert [item.record.name for item in (await stage.store.load()).credentials] == ["alice"], (
        "the rest is cleared away"
    )


async def test_keys_and_sessions_outlive_the_server_and_what_is_over_does_not(tmp_path: Path) -> None:
    path = str(tmp_path / "store.sqlite3")
    before = Stage(await FailingStore.open(path))
    await before.access.load()
    key = await before.enrol(Role.CAR, "car-1", await before.code(Role.CAR))
    session = await before.access.open_session("alice")
    await before.code(Role.CAR)
    await before.store.close()
    after = Stage(await FailingStore.open(path))
    await after.access.load()
    for each in (key, session.key):
        after.access.identify(each)
    after.clock.advance(SESSION_S)
    await after.access.load()
    snapshot = await after.store.load()
    assert [item.record.name for item in snapshot.credentials] == ["car-1"]
    assert snapshot.codes == ()
    await after.store.close()


async def test_no_secret_is_in_the_store(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    stage = Stage(await FailingStore.open(str(path)))
    await stage.access.load()
    code = await stage.code(Role.CAR)
    key = await stage.enrol(Role.CAR, "car-1", code)
    await stage.become_operator(await stage.code(Role.OPERATOR))
    session = await stage.access.log_in("alice", PASSWORD, HOME)
    open_code = await stage.code(Role.STATION)
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: ASYNC240
    await stage.store.close()
    assert b"car-1" in content
    secrets = [Key.parse(key).secret, Key.parse(session.key).secret, PASSWORD]
    secrets += [CodeText.parse(each).secret for each in (code, open_code)]
    assert [secret for secret in secrets if secret.encode() in content] == []


async def test_the_audit_log_names_who_let_whom_in(stage: Stage) -> None:
    await stage.become_operator(await stage.code(Role.OPERATOR), "bob")
    await stage.enrol(Role.CAR, "car-1", await stage.code(Role.CAR))
    await stage.access.open_session("bob")
    await stage.access.record("bob", "POST /api/operator/codes {}")
    entries = [entry.event for entry in await stage.access.audit_log(9, None)]
    assert [(event.kind, event.operator, event.detail) for event in entries] == [
        ("operator.call", "bob", "POST /api/operator/codes {}"),
        ("operator.logged_in", "bob", None),
        ("device.enrolled", "alice", "car car-1"),
        ("operator.enrolled", "alice", "operator bob"),
    ]
