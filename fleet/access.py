"""Who may talk to the server, and the words with which devices enrol and operators log in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from fleet.messages import Identifier
from fleet.views import View

SHORTEST_PASSWORD = 12
CODE_VALID_S = 15 * 60.0

Secret = Annotated[str, Field(min_length=1, max_length=200)]


class Role(StrEnum):
    """Who somebody is to the server."""

    VISITOR = "visitor"  # anybody: no key
    STATION = "station"  # a screen at which visitors book
    CAR = "car"
    OPERATOR = "operator"


DeviceRole = Literal[Role.STATION, Role.CAR]
EnrolledRole = Literal[Role.STATION, Role.CAR, Role.OPERATOR]


class EnrolmentRequest(View):
    """A device asks for a key of its own. Without a code only where the server is open on loopback."""

    role: DeviceRole
    name: Identifier  # a car's id, a station's device id
    code: Secret | None = None


class KeyView(View):
    """A key, told once: the server keeps only its hash. It is sent with each call, `Authorization: Bearer KEY`."""

    role: Role
    name: str
    key: str
    expires_unix_s: float | None = None  # None: until it is revoked


class OperatorRequest(View):
    """Become an operator, or get a new password, with a code."""

    name: Identifier
    code: Secret
    password: str = Field(min_length=SHORTEST_PASSWORD, max_length=200)


class LoginRequest(View):
    """An operator logs in."""

    name: Identifier
    password: Secret


class CodeRequest(View):
    """Let somebody enrol, once."""

    role: EnrolledRole
    name: Identifier | None = None  # None: any name that is not taken
    valid_s: float = Field(default=CODE_VALID_S, gt=0, le=24 * 3600.0)


class CodeView(View):
    """A one-time code, told once."""

    role: Role
    name: str | None
    code: str
    expires_unix_s: float


class EnrolledView(View):
    """A device that holds a key, or an operator."""

    role: Role
    name: str
    since_unix_s: float


class CallerView(View):
    """Whose key it is."""

    role: Role
    name: str


class AuditView(View):
    """Something that an operator did, or that was done with an operator's code."""

    number: int
    at_unix_s: float
    operator: str
    kind: str
    detail: str
