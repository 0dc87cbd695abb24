"""Records as JSON, the same in every database."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from server.booking import Ride
from server.operator_acts import OperatorActs
from server.store.base import CarRecord, Event, Station, StoreError

STATION = TypeAdapter(Station)
CAR = TypeAdapter(CarRecord)
RIDE = TypeAdapter(Ride)
EVENT = TypeAdapter(Event)
ACTS = TypeAdapter(OperatorActs)

ACTS_ID = "acts"  # of the one record of operators' acts

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
