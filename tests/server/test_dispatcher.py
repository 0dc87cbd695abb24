"""Stored before it is told; and time and chance from outside."""

from __future__ import annotations

import pytest

from city.city import City
from fleet.clock import ManualClock
from fleet.messages import Order, Release, Welcome
from fleet.views import RideState
from server.dispatcher import Dispatcher
from server.outbox import Outbox, ToCar
from server.store.base import Changes, StoreError
from server.store.sqlite import MEMORY, SqliteStore
from tests.server.car_double import CarDouble


class FailingStore(SqliteStore):
    """A store whose disk can be full."""

    is_full = False

    async def commit(self, changes: Changes) -> None:
        if self.is_full:
            raise StoreError("the disk is full")
        await super().commit(changes)


class Stage:
    def __init__(self, dispatcher: Dispatcher, store: FailingStore, clock: ManualClock, car: CarDouble) -> None:
        self.dispatcher = dispatcher
        self.store = store
        self.clock = clock
        self.car = car
        self.outbox = Outbox()

    async def step(self) -> list[ToCar]:
        """One step; what the car is told."""
        self.clock.advance(0.2)
        self.dispatcher.report(self.car.car_id, self.outbox, self.car.report())
        await self.dispatcher.step()
        told = await self.outbox.take()
        for message in told:
            self.car.hear(message)
        return told


@pytest.fixture
async def stage(city: City) -> Stage:
    store = await FailingStore.open(MEMORY)
    clock = ManualClock(50.0)
    dispatcher = Dispatcher(city, store, clock, seed=1, utc_s=lambda: 1e9)
    return Stage(dispatcher, store, clock, CarDouble(city, "car-1", 2, 0.3))


async def test_a_car_is_welcomed_and_told(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    assert [type(message) for message in await stage.step()] == [Welcome, Order, Release]
    assert [type(message) for message in await stage.step()] == [Release]
    assert [event.kind for event in await stage.store.events(9)] == ["car.joined"]
    await stage.dispatcher.stop()


async def test_nothing_is_told_that_is_not_stored(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    await stage.step()
    stage.car.edge, stage.car.s_m = 6, 0.3
    stage.store.is_full = True
    with pytest.raises(StoreError):
        await stage.step()
    assert stage.outbox.is_empty
    stage.store.is_full = False
    assert Order in [type(message) for message in await stage.step()]
    await stage.dispatcher.stop()


async def test_a_booking_that_is_not_stored_has_not_happened(stage: Stage) -> None:
    station = await stage.dispatcher.register_station("tablet", "")
    stage.store.is_full = True
    with pytest.raises(StoreError):
        await stage.dispatcher.book(station.station_id, "visit")
    assert not stage.dispatcher.fleet.rides.all
    stage.store.is_full = False
    ride = await stage.dispatcher.book(station.station_id, "visit")
    assert (ride.state, ride.queue_position) == (RideState.WAITING, 1)
    stage.store.is_full = True
    with pytest.raises(StoreError):
        await stage.dispatcher.cancel(ride.ride_id)
    assert (await stage.dispatcher.ride_view(ride.ride_id)).state is RideState.WAITING
    await stage.dispatcher.stop()


async def test_history(stage: Stage) -> None:
    station = await stage.dispatcher.register_station("tablet", "")
    ride = await stage.dispatcher.book(station.station_id, "visit")
    await stage.dispatcher.cancel(ride.ride_id)
    kinds = [event.kind for event in await stage.store.events(9)]
    assert kinds == ["ride.cancelled", "ride.waiting", "station.registered"]
    assert {event.at_s for event in await stage.store.events(9)} == {1e9}
    await stage.dispatcher.stop()


async def test_newest_message_of_each_kind_in_order() -> None:
    outbox = Outbox()
    outbox.put(Release(order_id="a", index=0, s_m=0.1))
    outbox.put(Welcome(city="pixelopolis"))
    outbox.put(Release(order_id="a", index=0, s_m=0.2))
    assert await outbox.take() == [Welcome(city="pixelopolis"), Release(order_id="a", index=0, s_m=0.2)]
    outbox.close()
    assert await outbox.take() == []
