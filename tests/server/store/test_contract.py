"""The contract of a store, on every kind: nothing lost, nothing doubled, nothing half written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace

import pytest

from server.rides import booking
from server.rides.booking import Ride
from server.store.base import (
    CarRecord,
    Changes,
    Event,
    HistoryEntry,
    Station,
    Store,
    StoreConflictError,
    Versioned,
)
from server.traffic.operator_acts import OperatorActs
from server.traffic.planning import Stop
from tests.server.store.conftest import MONGO_KINDS, REAL_MONGO_KINDS, SQLITE_KINDS, Home
from tests.server.store.samples import CAR, RIDE, put, ride

KINDS = (*SQLITE_KINDS, *MONGO_KINDS, *REAL_MONGO_KINDS)
RACERS = 20

pytestmark = pytest.mark.parametrize("store_url", KINDS, indirect=True)


def paired(number: int, car_id: str = "car-1") -> Ride:
    return booking.pair(ride(number), car_id, "board", 1.0)


async def winners(attempts: Iterable[Awaitable[None]]) -> list[int]:
    """Which of the attempts succeeded; all others were refused as conflicts."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert all(result is None or type(result) is StoreConflictError for result in results), results
    return [number for number, result in enumerate(results) if result is None]


async def test_all_records_come_back(home: Home, store: Store) -> None:
    station = Station("station-1", "tablet", "Vorne – 正面")
    changes = Changes(
        (Versioned(station, 0),),
        (Versioned(CAR, 0), Versioned(CarRecord("car-2", "board-2"), 0)),
        (Versioned(ride(2), 0), Versioned(RIDE, 0)),
        (Event(12.5, "ride.waiting", "ride-1"), Event(13.0, "car.joined", car_id="car-1")),
    )
    await store.commit(changes)
    if home.url != "sqlite::memory:":
        await store.close()
        store = await home.open()
    snapshot = await store.load()
    assert snapshot.stations == (Versioned(station, 1),)
    assert snapshot.cars == (Versioned(CAR, 1), Versioned(CarRecord("car-2", "board-2"), 1))
    assert snapshot.rides == (Versioned(RIDE, 1), Versioned(ride(2), 1))
    assert snapshot.rides_created == 2
    assert [entry.event for entry in await store.events(10)] == list(reversed(changes.events))


async def test_acts_of_operators_come_back_as_one_record(home: Home, store: Store) -> None:
    acts = OperatorActs(True, (5, 15), ("car-1",)).send("car-2", Stop(7, 0.38, "museum"))
    await store.commit(Changes(acts=Versioned(OperatorActs(), 0)))
    event = Event(1.0, "edge.closed", edge=5)
    await store.commit(Changes(acts=Versioned(acts, 1), events=(event,)))
    with pytest.raises(StoreConflictError, match="acts was changed by somebody else"):
        await store.commit(Changes(acts=Versioned(OperatorActs(), 1)))
    if home.url != "sqlite::memory:":
        await store.close()
        store = await home.open()
    assert (await store.load()).acts == Versioned(acts, 2)
    assert [entry.event for entry in await store.events(9)] == [event]


async def test_an_empty_store(store: Store) -> None:
    snapshot = await store.load()
    assert (snapshot.stations, snapshot.cars, snapshot.rides, snapshot.rides_created) == ((), (), (), 0)
    assert snapshot.acts is None
    assert await store.events(10) == ()
    assert await store.ride("ride-1") is None
    assert await store.ride_by_request("station-1", "request-1") is None


async def test_rides_that_are_over_are_kept_but_not_loaded(store: Store) -> None:
    await put(store, RIDE)
    over = booking.cancel(RIDE, 1.0)
    await put(store, over, version=1)
    snapshot = await store.load()
    assert (snapshot.rides, snapshot.rides_created) == ((), 1)
    assert await store.ride("ride-1") == over
    assert await store.ride_by_request("station-1", "request-1") == over


async def test_a_write_on_an_old_version_is_refused(store: Store) -> None:
    await put(store, RIDE)
    await put(store, replace(RIDE, changed_s=1.0), version=1)
    with pytest.raises(StoreConflictError, match="ride-1 was changed by somebody else"):
        await put(store, replace(RIDE, changed_s=2.0), version=1)
    with pytest.raises(StoreConflictError):
        await put(store, RIDE)
    assert await store.ride("ride-1") == replace(RIDE, changed_s=1.0)


async def test_a_car_serves_one_ride_at_a_time(store: Store) -> None:
    await put(store, RIDE, ride(2))
    await put(store, paired(1), version=1)
    with pytest.raises(StoreConflictError):
        await put(store, paired(2), version=1)
    await put(store, booking.cancel(paired(1), 2.0), version=2)
    await put(store, paired(2), version=1)


async def test_the_same_request_is_one_ride(store: Store) -> None:
    await put(store, RIDE)
    with pytest.raises(StoreConflictError):
        await put(store, replace(ride(2), request_id=RIDE.request_id))
    assert await store.ride_by_request("station-1", "request-1") == RIDE
    await put(store, replace(ride(2), station_id="station-2", request_id=RIDE.request_id))


async def test_the_same_device_is_one_station(store: Store) -> None:
    await store.commit(Changes(stations=(Versioned(Station("station-1", "tablet", ""), 0),)))
    await store.commit(Changes(stations=(Versioned(Station("station-1", "tablet", "renamed"), 1),)))
    with pytest.raises(StoreConflictError):
        await store.commit(Changes(stations=(Versioned(Station("station-2", "tablet", ""), 0),)))
    assert [item.record.name for item in (await store.load()).stations] == ["renamed"]


async def test_running_numbers_are_given_once(store: Store) -> None:
    await put(store, RIDE)
    with pytest.raises(StoreConflictError):
        await put(store, replace(ride(2), created=1))


async def test_all_or_nothing(store: Store) -> None:
    await put(store, RIDE)
    rides = (Versioned(booking.cancel(RIDE, 1.0), 1), Versioned(ride(2), 5))
    events = (Event(1.0, "car.joined", car_id="car-1"),)
    with pytest.raises(StoreConflictError):
        await store.commit(Changes(cars=(Versioned(CAR, 0),), rides=rides, events=events))
    snapshot = await store.load()
    assert (snapshot.cars, snapshot.rides) == ((), (Versioned(RIDE, 1),))
    assert await store.events(10) == ()
    await store.commit(Changes(cars=(Versioned(CAR, 0),)))


async def test_many_race_for_one_car(store: Store) -> None:
    await put(store, *(ride(k) for k in range(1, RACERS + 1)))
    won = await winners(put(store, paired(k), version=1) for k in range(1, RACERS + 1))
    assert len(won) == 1
    choosing = [item.record.ride_id for item in (await store.load()).rides if item.record.car_id == "car-1"]
    assert choosing == [f"ride-{won[0] + 1}"]


async def test_many_race_for_five_cars(store: Store) -> None:
    await put(store, *(ride(k) for k in range(1, RACERS + 1)))
    won = await winners(put(store, paired(k, f"car-{k % 5}"), version=1) for k in range(1, RACERS + 1))
    taken = [item.record.car_id for item in (await store.load()).rides if item.record.car_id]
    assert sorted(taken) == [f"car-{k}" for k in range(5)]
    assert len(won) == 5


async def test_many_race_to_change_one_ride(store: Store) -> None:
    await put(store, RIDE)
    versions = [replace(RIDE, changed_s=float(k)) for k in range(RACERS)]
    won = await winners(put(store, version, version=1) for version in versions)
    assert len(won) == 1
    assert (await store.load()).rides == (Versioned(versions[won[0]], 2),)


async def test_many_race_with_one_request(store: Store) -> None:
    rides = [replace(ride(k), request_id="request") for k in range(1, RACERS + 1)]
    won = await winners(put(store, each) for each in rides)
    assert len(won) == 1
    assert await store.ride_by_request("station-1", "request") == rides[won[0]]


async def test_reading_among_writes_sees_only_what_was_committed(store: Store) -> None:
    """Each commit writes two rides that belong together, the second of which is refused now and then."""
    await put(store, ride(100))

    async def write(number: int) -> None:
        second = ride(100) if number % 3 == 0 else ride(50 + number)
        await put(store, ride(number), second)

    async def read(_: int) -> None:
        numbers = {item.record.created for item in (await store.load()).rides} - {100}
        assert {number + 50 for number in numbers if number < 50} == {number for number in numbers if number > 50}

    work = [each(number) for number in range(1, 13) for each in (write, read)]
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [StoreConflictError] * 4


async def test_history_in_order_and_in_pages(store: Store) -> None:
    kinds = [f"event.{number}" for number in range(500)]
    for first in range(0, len(kinds), 100):
        await store.commit(Changes(events=tuple(Event(1.0, kind) for kind in kinds[first : first + 100])))
    read: list[HistoryEntry] = []
    while page := await store.events(150, before=read[-1].number if read else None):
        read += page
        await store.commit(Changes(events=(Event(2.0, "meanwhile"),)))
    assert [entry.event.kind for entry in reversed(read)] == kinds
    numbers = [entry.number for entry in read]
    assert numbers == sorted(set(numbers), reverse=True)
    assert (await store.events(1))[0].event.kind == "meanwhile"


AWKWARD = (
    "a.b",
    "$where",
    '{"$ne": ""}',
    "record.car_id",
    "a\0b",
    "a\0c",
    "\0",
    "",
    "🚗",
    "é",
    "e\u0301",  # looks the same and is another
    "'; DROP TABLE rides; --",
    '"',
    "\\",
    "%",
    "\u202e\ufeff",
    "x" * 5000,
)


async def test_awkward_strings_are_only_strings(store: Store) -> None:
    rides = [Ride(text, text, text, text, number, place_id=text) for number, text in enumerate(AWKWARD, 1)]
    stations = [Station(text, text, text) for text in AWKWARD]
    cars = [CarRecord(text, text, text) for text in AWKWARD]
    events = tuple(Event(1.0, text, text, text, text) for text in AWKWARD)
    for station, car, each in zip(stations, cars, rides, strict=True):
        await store.commit(Changes((Versioned(station, 0),), (Versioned(car, 0),), (Versioned(each, 0),)))
    await store.commit(Changes(events=events))
    snapshot = await store.load()
    assert [item.record for item in snapshot.rides] == rides
    assert {item.record for item in snapshot.stations} == set(stations)
    assert {item.record.car_id for item in snapshot.cars} == set(AWKWARD)
    assert tuple(entry.event for entry in await store.events(99)) == tuple(reversed(events))
    for each in rides:
        assert await store.ride(each.ride_id) == each
        assert await store.ride_by_request(each.station_id, each.request_id) == each
        await put(store, booking.pair(each, each.ride_id, "board", 1.0), version=1)
    for text in ("*", ".*", "a", "$", "X" * 5000, '{"$gt": ""}'):
        assert await store.ride(text) is None
        assert await store.ride_by_request(text, text) is None


async def test_a_cancelled_commit_leaves_the_store_usable(store: Store) -> None:
    task = asyncio.create_task(put(store, RIDE))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    await put(store, ride(2))
    assert [item.record for item in (await store.load()).rides] == [RIDE, ride(2)], "it was written to its end"
