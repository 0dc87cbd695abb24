"""The tables of a SQLite store, as the steps that made them."""

from __future__ import annotations

from collections.abc import Iterable

from fleet.views import FINAL_STATES
from server.rides.booking import STATES_WITH_CAR

RIDE_COLUMNS = ("created", "state", "station_id", "request_id", "car_id")  # parts of a ride that are searched for


def listed(states: Iterable[str]) -> str:
    """States as a list in SQL."""
    return ", ".join(f"'{state}'" for state in sorted(states))


_TABLES = (
    "CREATE TABLE stations (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
    "CREATE TABLE cars (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
    (
        "CREATE TABLE rides (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL, "
        "created INTEGER NOT NULL UNIQUE, state TEXT NOT NULL, station_id TEXT NOT NULL, request_id TEXT NOT NULL, "
        "car_id TEXT) STRICT"
    ),
    "CREATE UNIQUE INDEX ride_of_request ON rides (station_id, request_id)",
    f"CREATE UNIQUE INDEX one_ride_per_car ON rides (car_id) WHERE state IN ({listed(STATES_WITH_CAR)})",
    f"CREATE INDEX rides_under_way ON rides (created) WHERE state NOT IN ({listed(FINAL_STATES)})",
    "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, ride_id TEXT, document TEXT NOT NULL) STRICT",
    "CREATE INDEX events_of_ride ON events (ride_id)",
)
_ONE_STATION_PER_DEVICE = (  # a column cannot be added to a table that has rows, and be both unique and not null
    (
        "CREATE TABLE new_stations (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL, "
        "device_id TEXT NOT NULL UNIQUE) STRICT"
    ),
    "INSERT INTO new_stations SELECT id, version, document, json_extract(document, '$.device_id') FROM stations",
    "DROP TABLE stations",
    "ALTER TABLE new_stations RENAME TO stations",
)

_OPERATOR_ACTS = (
    "CREATE TABLE operator_acts (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
)


_ACCESS = (
    (
        "CREATE TABLE credentials (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL, "
        "holder TEXT UNIQUE) STRICT"
    ),
    "CREATE TABLE operators (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
    "CREATE TABLE codes (id TEXT PRIMARY KEY, version INTEGER NOT NULL, document TEXT NOT NULL) STRICT",
    "ALTER TABLE events ADD COLUMN operator TEXT",
    "CREATE INDEX events_of_operators ON events (number) WHERE operator IS NOT NULL",
)

STEPS: tuple[tuple[str, ...], ...] = (_TABLES, _ONE_STATION_PER_DEVICE, _OPERATOR_ACTS, _ACCESS)
