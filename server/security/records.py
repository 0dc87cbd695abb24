"""What the store keeps of those who may do something. Of every secret it is only a hash."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.access import Role


@dataclass(frozen=True, slots=True)
class Credential:
    """A key: of a device, until it is revoked or replaced; of an operator's session, until it expires."""

    credential_id: str
    role: Role
    name: str
    key_hash: str
    created_s: float  # seconds since 1970, UTC, here and below
    expires_s: float | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who may log in."""

    name: str
    password_hash: str
    enrolled_s: float  # when they got this password


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code that has not been used. Without a `name` it is for any name that is not taken."""

    code_id: str
    role: Role
    name: str | None
    secret_hash: str
    expires_s: float
    tries_left: int
    issued_by: str
