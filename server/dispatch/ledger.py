"""Knows what is stored, and stores what has changed since, with its history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from server.dispatch.operator_events import events_of_acts
from server.rides.booking import Ride
from server.store.base import CarRecord, Changes, Event, Snapshot, Station, Store, StoreError, Versioned
from server.traffic.operator_acts import OperatorActs

T = TypeVar("T")


class Ledger:
    """The versions of all records in a store, as this process last wrote or read them.

    Attributes:
        trouble: why nothing can be stored; None while all is well. After a write that failed nobody knows for certain
            what is stored, so that it stays until `load` has read the store again.
    """

    def __init__(
        self, store: Store, utc_s: Callable[[], float], happened: Callable[[Iterable[Event]], None] = lambda _: None
    ) -> None:
        """Begin with nothing known.

        Args:
            store: to be loaded first.
            utc_s: gives seconds since 1970 for the history.
            happened: is told of every event that was stored.
        """
        self.store = store
        self.trouble: str | None = None
        self._utc_s = utc_s
        self._happened = happened
        self._stations: dict[str, Versioned[Station]] = {}
        self._cars: dict[str, Versioned[CarRecord]] = {}
        self._rides: dict[str, Versioned[Ride]] = {}
        self._acts = Versioned(OperatorActs(), 0)

    async def load(self) -> Snapshot:
        """Read the store.

        Raises:
            StoreError: if it cannot be read.
        """
        try:
            snapshot = await self.store.load()
        except StoreError as error:
            self.trouble = str(error)
            raise
        self._stations = {item.record.station_id: item for item in snapshot.stations}
        self._cars = {item.record.car_id: item for item in snapshot.cars}
        self._rides = {item.record.ride_id: item for item in snapshot.rides}
        self._acts = snapshot.acts or Versioned(OperatorActs(), 0)
        self.trouble = None
        return snapshot

    def check(self) -> None:
        """See that something can be stored.

        Raises:
            StoreError: if there is trouble; says which.
        """
        if self.trouble is not None:
            raise StoreError(self.trouble)

    def ride(self, ride_id: str) -> Ride | None:
        """A ride that is not over, as it is stored."""
        item = self._rides.get(ride_id)
        return item.record if item else None

    def rides(self) -> tuple[Ride, ...]:
        """All rides that are not over, as they are stored."""
        return tuple(item.record for item in self._rides.values())

    def station(self, station_id: str) -> Station | None:
        """A stored station."""
        item = self._stations.get(station_id)
        return item.record if item else None

    def station_of_device(self, device_id: str) -> Station | None:
        """The stored station that is this device."""
        return next((item.record for item in self._stations.values() if item.record.device_id == device_id), None)

    async def put_station(self, station: Station) -> None:
        """Store a station if it is new or has changed.

        Raises:
            StoreError: if it cannot be written.
        """
        changed = _changed({station.station_id: station}, self._stations)
        if changed:
            event = Event(self._utc_s(), "station.registered", station_id=station.station_id)
            await self._write(Changes(stations=tuple(changed.values()), events=(event,)))
            self._stations |= _written(changed)

    async def commit(
        self, cars: Mapping[str, CarRecord], rides: Mapping[str, Ride], acts: OperatorActs
    ) -> Iterable[str]:
        """Store everything that differs from what is stored; the ids of rides that are over and need not be kept.

        Raises:
            StoreError: if it cannot be written.
        """
        changed_cars = _changed(cars, self._cars)
        changed_rides = _changed(rides, self._rides)
        changed_acts = None if acts == self._acts.record else Versioned(acts, self._acts.version)
        changes = Changes(cars=tuple(changed_cars.values()), rides=tuple(changed_rides.values()), acts=changed_acts)
        if not changes:
            return ()
        at_s = self._utc_s()
        events = (*self._events(changed_cars, changed_rides, at_s), *events_of_acts(self._acts.record, acts, at_s))
        await self._write(replace(changes, events=events))
        if changed_acts is not None:
            self._acts = Versioned(acts, changed_acts.version + 1)
        self._cars |= _written(changed_cars)
        self._rides |= _written(changed_rides)
        over = [key for key, item in changed_rides.items() if item.record.is_final]
        for key in over:
            del self._rides[key]
        return over

    async def _write(self, changes: Changes) -> None:
        self.check()
        try:
            await self.store.commit(changes)
        except BaseException as error:  # a caller that was cancelled does not know either
            self.trouble = str(error) if isinstance(error, StoreError) else "a write to the store was given up"
            raise
        self._happened(changes.events)

    def _events(
        self, cars: Mapping[str, Versioned[CarRecord]], rides: Mapping[str, Versioned[Ride]], at_s: float
    ) -> tuple[Event, ...]:
        events = [event for key, item in cars.items() for event in self._events_of_car(key, item.record, at_s)]
        for key, item in rides.items():
            stored, ride = self._rides.get(key), item.record
            if stored is None or stored.record.state is not ride.state:
                events.append(Event(at_s, f"ride.{ride.state}", ride.ride_id, ride.car_id, ride.station_id))
        return tuple(events)

    def _events_of_car(self, car_id: str, car: CarRecord, at_s: float) -> Iterator[Event]:
        stored = self._cars.get(car_id)
        if stored is None:
            yield Event(at_s, "car.joined", car_id=car_id)
        if stored is not None and stored.record.holding is not None and car.holding is None:
            yield Event(at_s, "car.lifted", car_id=car_id, edge=stored.record.holding.edge)
        if car.battery_low != (stored is not None and stored.record.battery_low):
            yield Event(at_s, "car.battery_low" if car.battery_low else "car.battery_swapped", car_id=car_id)


def _changed(current: Mapping[str, T], stored: Mapping[str, Versioned[T]]) -> dict[str, Versioned[T]]:
    """Records that are not stored as they are now, each with the version that is stored."""
    changed = {}
    for key, record in current.items():
        known = stored.get(key)
        if known is None or known.record != record:
            changed[key] = Versioned(record, known.version if known else 0)
    return changed


def _written(changed: Mapping[str, Versioned[T]]) -> dict[str, Versioned[T]]:
    return {key: Versioned(item.record, item.version + 1) for key, item in changed.items()}
