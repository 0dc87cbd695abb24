"""Who a call comes from."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.access import Role


class UnknownKeyError(Exception):
    """There is no key, or none that is valid."""


class NotAllowedError(Exception):
    """The key is valid, but not for this; the message says for what it is."""


class WrongSecretError(Exception):
    """A code or password is wrong, used up or expired; the message does not say which."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a valid key."""

    role: Role
    name: str
    credential_id: str

    def __str__(self) -> str:
        return f"{self.role} {self.name}"

    def may_act_for(self, station: str) -> bool:
        """Whether this is the station of that name, or an operator, who may act for every station."""
        return self.role is Role.OPERATOR or (self.role is Role.STATION and self.name == station)
