"""Who leads: a lease that its holder renews, and that others may take when it has not been renewed. Pure.

The lease only keeps servers from getting into each other's way. That two never decide at once, however wrong their
clocks are or however long one has slept, is the store's doing: who leads puts its mark there, and the former leader's
commits fail from then on (`server.store.mongo`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

RENEW_PERIOD_S = 0.5
GIVE_UP_S = 2.0  # a leader that could not renew for so long steps down
EXPIRY_S = 3.0  # a lease that was not renewed for so long is free; later than its holder has given up


@dataclass(frozen=True, slots=True)
class Lease:
    """As it is stored.

    Attributes:
        term: how often the lead has changed.
        beat: how often the lease was renewed.
        member: the process that leads; None if that has left.
        url: where the others reach it.
    """

    term: int = 0
    beat: int = 0
    member: str | None = None
    url: str | None = None


class Role(Enum):
    """What a server process is to do now."""

    LEAD = "lead"
    TAKE = "take"  # try to get the lease
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class LeaseWatch:
    """What one server process makes of the lease; ages are by its own clock, which need not be right.

    Attributes:
        member: this process.
        lease: as it was seen last.
        changed_s: when it was first seen like that.
    """

    member: str
    lease: Lease
    changed_s: float

    def observe(self, lease: Lease, now_s: float) -> LeaseWatch:
        """Take a look at the lease."""
        return self if lease == self.lease else replace(self, lease=lease, changed_s=now_s)

    def role(self, now_s: float) -> Role:
        """What follows from it at `now_s`."""
        age_s = now_s - self.changed_s
        if self.lease.member == self.member and age_s <= GIVE_UP_S:
            return Role.LEAD
        if self.lease.member is None or age_s > EXPIRY_S:
            return Role.TAKE
        return Role.FOLLOW

    @property
    def leader_url(self) -> str | None:
        """Where another process leads; None if none does, or this one."""
        return None if self.lease.member == self.member else self.lease.url


class LeaseBook(Protocol):
    """Where the lease is kept. Each call may raise StoreError."""

    async def look(self) -> Lease:
        """The lease as it is stored."""
        ...

    async def take(self, seen: Lease, member: str, url: str) -> Lease:
        """Take it if it still is as it was seen; the lease that is stored then."""
        ...

    async def renew(self, held: Lease) -> Lease:
        """Renew it if it is still held; the lease that is stored then."""
        ...

    async def leave(self, held: Lease) -> Lease:
        """Give it back, so that nobody needs to wait for its end; the lease that is stored then."""
        ...

    def changes(self) -> AsyncIterator[None]:
        """Something, whenever there may be another leader."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
