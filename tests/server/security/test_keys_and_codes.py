"""Keys, codes and slow hashes: what matches, what does not, and what can be read of them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.access import Role
from server.security import codes
from server.security.codes import CodeText
from server.security.keys import Key
from server.security.records import Code
from server.security.slow_hash import SlowHash


def test_a_key_comes_back_from_its_written_form() -> None:
    key = Key.new()
    assert Key.parse(str(key)) == key
    assert len(str(key)) == 16 + 1 + 43
    assert Key.new() != key


@given(st.text(max_size=80))
def test_what_is_no_key_matches_nothing(text: str) -> None:
    assert not Key.parse(text).matches(Key.new().hash)


def test_a_key_matches_its_own_hash_alone() -> None:
    key, other = Key.new(), Key.new()
    assert key.matches(key.hash)
    assert not other.matches(key.hash)
    assert not Key(key.credential_id, key.secret + "a").matches(key.hash)
    assert not Key(key.credential_id, "").matches(key.hash)


def test_no_secret_gets_into_a_log() -> None:
    key, code = Key.new(), CodeText.new()
    assert key.secret not in f"{key!r} {[key]}"
    assert code.secret not in f"{code!r} {[code]}"
    assert key.secret not in key.hash


@given(
    st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=12, max_size=12),
    st.sampled_from(["", "-", " "]),
    st.booleans(),
)
def test_a_code_is_understood_however_it_is_typed(letters: str, gap: str, in_small_letters: bool) -> None:
    code = CodeText.parse(letters)
    typed = gap.join(str(code).split("-")).replace("0", "O").replace("1", "l")
    assert CodeText.parse(typed.lower() if in_small_letters else typed) == code
    assert code.is_whole


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_without_an_error(text: str) -> None:
    parsed = CodeText.parse(text)
    letters = set(string.digits + string.ascii_uppercase) - set("ILOU")
    assert parsed.is_whole == (len(parsed.code_id + parsed.secret) == 12 and set(str(parsed)) - {"-"} <= letters)


CODE = Code("7K2M", Role.CAR, "car-1", "hash", expires_s=100.0, tries_left=2, issued_by="alice")


def test_a_code_dies_of_age_and_of_tries() -> None:
    assert codes.is_alive(CODE, 99.9)
    assert not codes.is_alive(CODE, 100.0)
    assert codes.is_alive(codes.tried(CODE), 0.0)
    assert not codes.is_alive(codes.tried(codes.tried(CODE)), 0.0)


@pytest.mark.parametrize(
    ("named", "role", "name", "is_taken", "fits"),
    [
        ("car-1", Role.CAR, "car-1", False, True),
        ("car-1", Role.CAR, "car-1", True, True),  # to replace its key
        ("car-1", Role.CAR, "car-2", False, False),
        ("car-1", Role.STATION, "car-1", False, False),
        ("car-1", Role.OPERATOR, "car-1", False, False),
        (None, Role.CAR, "car-2", False, True),
        (None, Role.CAR, "car-2", True, False),  # nobody slips into another's place
    ],
)
def test_for_whom_a_code_is(named: str | None, role: Role, name: str, is_taken: bool, fits: bool) -> None:
    code = Code("7K2M", Role.CAR, named, "hash", 100.0, 5, "alice")
    assert codes.fits(code, role, name, is_taken) is fits


async def test_slow_hashes() -> None:
    slow = SlowHash()
    first, second = await slow.hashed("secret"), await slow.hashed("secret")
    assert first.startswith("$argon2id$")
    assert first != second, "each has a salt of its own"
    assert await slow.matches(first, "secret")
    assert not await slow.matches(first, "Secret")
    assert not await slow.matches(None, "")
    assert not await slow.matches("not a hash", "secret")
