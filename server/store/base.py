"""The store's interface and the records in it.

A record is one document with a version. A write names the version that it replaces and fails when another one is
stored. Unique indexes refuse two rides under way with the same car, two rides with the same station and request, two
rides with the same running number, two stations of the same device, and two keys of the same device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fleet.messages import Position
from server.rides.booking import Ride
from server.security.records import Code, Credential, Operator
from server.traffic.operator_acts import OperatorActs
from server.traffic.right_of_way import Holding


class StoreError(RuntimeError):
    """The store cannot be opened, read or written; the message says which and what to do."""


class StoreConflictError(StoreError):
    """A record was changed by somebody else, or would break a rule of uniqueness. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Station:
    """A visitor's station."""

    station_id: str
    device_id: str
    name: str


@dataclass(frozen=True, slots=True)
class CarRecord:
    """What must outlive the server of a car: its road, a place that it had reached for certain, a low battery."""

    car_id: str
    device_id: str
    stream_url: str | None = None
    holding: Holding | None = None
    position: Position | None = None
    battery_low: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for the history; with an `operator`, for the audit log."""

    at_s: float  # seconds since 1970, UTC
    kind: str
    ride_id: str | None = None
    car_id: str | None = None
    station_id: str | None = None
    edge: int | None = None
    operator: str | None = None  # who did it, or allowed it
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An event with its place in the history: later events have higher numbers."""

    number: int
    event: Event


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """A record with its version. In a write: the version that must be stored now, 0 for none."""

    record: T
    version: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What one step of the server changes."""

    stations: tuple[Versioned[Station], ...] = ()
    cars: tuple[Versioned[CarRecord], ...] = ()
    rides: tuple[Versioned[Ride], ...] = ()
    events: tuple[Event, ...] = ()
    acts: Versioned[OperatorActs] | None = None  # there is one record of them
    credentials: tuple[Versioned[Credential], ...] = ()
    operators: tuple[Versioned[Operator], ...] = ()
    codes: tuple[Versioned[Code], ...] = ()
    removed_credentials: tuple[str, ...] = ()  # ids; of what is removed no trace stays
    removed_operators: tuple[str, ...] = ()
    removed_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a server needs to go on where another one stopped."""

    stations: tuple[Versioned[Station], ...]
    cars: tuple[Versioned[CarRecord], ...]
    rides: tuple[Versioned[Ride], ...]  # those that are not over
    rides_created: int  # highest running number ever given
    acts: Versioned[OperatorActs] | None = None  # None before the first one
    credentials: tuple[Versioned[Credential], ...] = ()
    operators: tuple[Versioned[Operator], ...] = ()
    codes: tuple[Versioned[Code], ...] = ()


class Store(Protocol):
    """A database, written by one server at a time. What `commit` has returned from is there after any crash."""

    async def load(self) -> Snapshot:
        """Read the present state: all that was ever committed, and nothing that may still be given up.

        Raises:
            StoreError: if the database cannot be read, or another server writes it now.
        """
        ...

    async def commit(self, changes: Changes) -> None:
        """Write all changes or none; each version grows by one.

        Raises:
            StoreConflictError: if a version is not the stored one or a unique index forbids the change. Nothing was
                written.
            StoreError: if the database cannot be written. Whether the changes were written may be unknown, where the
                connection broke in the middle; `load` tells.
        """
        ...

    async def ride(self, ride_id: str) -> Ride | None:
        """One ride, however old."""
        ...

    async def ride_by_request(self, station_id: str, request_id: str) -> Ride | None:
        """The ride that a station's request led to."""
        ...

    async def events(
        self, limit: int, before: int | None = None, *, of_operators: bool = False
    ) -> tuple[HistoryEntry, ...]:
        """The newest events, or the newest with numbers lower than `before`; newest first.

        Those of operators are the audit log, all others the history; together they are numbered.
        """
        ...

    async def close(self) -> None:
        """Let go of the database."""
        ...
