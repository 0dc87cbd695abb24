"""The collections of a MongoDB store, as the steps that made them.

`store` holds one document: schema version, the server that writes now, and how many events there are. Of the other
collections each document is one record under `record`, with its version and what is searched for beside it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pymongo import ASCENDING
from pymongo.asynchronous.database import AsyncDatabase

from server.store.mongo_driver import Document

Step = Callable[[AsyncDatabase[Document]], Awaitable[None]]


async def _rules(database: AsyncDatabase[Document]) -> None:
    """The indexes; two servers that start at once may both make them."""
    await database.stations.create_index("record.device_id", unique=True, name="one_station_per_device")
    rides = database.rides
    await rides.create_index("record.created", unique=True, name="one_ride_per_number")
    await rides.create_index(
        [("record.station_id", ASCENDING), ("record.request_id", ASCENDING)], unique=True, name="ride_of_request"
    )
    await rides.create_index(
        "record.car_id", unique=True, name="one_ride_per_car", partialFilterExpression={"has_car": True}
    )
    await rides.create_index([("is_final", ASCENDING), ("record.created", ASCENDING)], name="rides_under_way")


async def _operator_acts(database: AsyncDatabase[Document]) -> None:
    """No index is needed; the step keeps older servers, which know no acts, from opening closed roads."""


async def _access(database: AsyncDatabase[Document]) -> None:
    """Keys, of which a device has one and an operator as many as sessions, and the events of the audit log."""
    await database.credentials.create_index(
        "holder", unique=True, name="one_key_per_device", partialFilterExpression={"is_device": True}
    )
    await database.events.create_index([("is_of_operator", ASCENDING), ("_id", ASCENDING)], name="events_of_operators")


STEPS: tuple[Step, ...] = (_rules, _operator_acts, _access)
