"""Records as JSON, the same in every database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from fleet.access import Role
from server.rides.booking import Ride
from server.security.records import Code, Credential, Operator
from server.store.base import CarRecord, Changes, Event, Station, StoreError, Versioned
from server.traffic.operator_acts import OperatorActs

STATION = TypeAdapter(Station)
CAR = TypeAdapter(CarRecord)
RIDE = TypeAdapter(Ride)
EVENT = TypeAdapter(Event)
ACTS = TypeAdapter(OperatorActs)

ACTS_ID = "acts"  # of the one record of operators' acts

_ACCESS: dict[str, TypeAdapter[Any]] = {  # who may do what
    "credentials": TypeAdapter(Credential),
    "operators": TypeAdapter(Operator),
    "codes": TypeAdapter(Code),
}
KEPT_WHOLE: dict[str, TypeAdapter[Any]] = {"stations": STATION, "cars": CAR, **_ACCESS}  # loaded to the last record

T = TypeVar("T")


def understood(adapter: TypeAdapter[T], document: str | dict[str, Any], store: str) -> T:
    """A record from its stored form.

    Args:
        adapter: of the record's kind.
        document: JSON text, or what JSON text says.
        store: how to call the store in an error.

    Raises:
        StoreError: if the document is no such record.
    """
    try:
        return adapter.validate_json(document) if isinstance(document, str) else adapter.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise StoreError(
            f"{store}: holds a record that this server does not understand ({where}: {first['msg']}); "
            "restore a backup, or choose another store with --store"
        ) from error


class AccessWrite(NamedTuple):
    """One record of those that say who may do what, and where it goes."""

    collection: str
    key: str
    item: Versioned[Any]
    adapter: TypeAdapter[Any]


def access_writes(changes: Changes) -> Iterator[AccessWrite]:
    """What a commit writes of keys, operators and codes."""
    for credential in changes.credentials:
        yield AccessWrite("credentials", credential.record.credential_id, credential, _ACCESS["credentials"])
    for operator in changes.operators:
        yield AccessWrite("operators", operator.record.name, operator, _ACCESS["operators"])
    for code in changes.codes:
        yield AccessWrite("codes", code.record.code_id, code, _ACCESS["codes"])


def removals(changes: Changes) -> Iterator[tuple[str, str]]:
    """Collection and key of each record that a commit removes."""
    yield from (("credentials", key) for key in changes.removed_credentials)
    yield from (("operators", key) for key in changes.removed_operators)
    yield from (("codes", key) for key in changes.removed_codes)


def holder(record: object) -> str | None:
    """The device that holds a key, of which it has only one; None for a session, of which an operator may have many."""
    if isinstance(record, Credential) and record.role is not Role.OPERATOR:
        return f"{record.role}/{record.name}"
    return None
