"""Keys for tests: each server has an operator who lets in whoever asks."""

from __future__ import annotations

import httpx

from fleet.access import Role

PASSWORD = "a sentence that nobody guesses"  # noqa: S105

_operators: dict[str, str] = {}  # keys by the server's address


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def know_operator(url: str, key: str) -> None:
    """From now on this operator lets devices into the server at `url`."""
    _operators[url.rstrip("/")] = key


def operator_key(url: str) -> str | None:
    return _operators.get(url.rstrip("/"))


async def become_operator(http: httpx.AsyncClient, code: str, name: str = "tester") -> str:
    body = {"name": name, "code": code, "password": PASSWORD}
    answer = await http.post("/api/operators", json=body)
    assert answer.status_code == 200, answer.text
    key = str(answer.json()["key"])
    know_operator(str(http.base_url), key)
    return key


async def issue_code(http: httpx.AsyncClient, role: Role, name: str | None) -> str:
    key = operator_key(str(http.base_url))
    assert key is not None, f"{http.base_url} has no operator yet"
    answer = await http.post("/api/operator/codes", json={"role": role, "name": name}, headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


async def enrol(http: httpx.AsyncClient, role: Role, name: str) -> str:
    """The key of a device, as it gets one: with a code of an operator."""
    body = {"role": role, "name": name, "code": await issue_code(http, role, name)}
    answer = await http.post("/api/enrolments", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["key"])
