"""Stored before it is told; and time and chance from outside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial

import pytest

from city.city import City
from fleet.clock import ManualClock
from fleet.messages import Order, Release, ToCar, Welcome
from fleet.views import RideState
from pixelopolis.bench.served.car_double import CarDouble
from server.dispatch.dispatcher import Dispatcher
from server.dispatch.outbox import Outbox
from server.fleet_control import operations
from server.store.base import Changes, Snapshot, StoreError
from server.store.sqlite import MEMORY, SqliteStore
from server.traffic.operator_acts import OperatorActs
from tests.server.waiting import eventually


class FailingStore(SqliteStore):
    """A store whose disk can be full, whose answers can be lost or late, and which counts how often it is asked."""

    is_full = False
    loses_answers = False
    commits = 0
    may_answer: asyncio.Event | None = None

    async def commit(self, changes: Changes) -> None:
        self.commits += 1
        if self.is_full:
            raise StoreError("the disk is full")
        await super().commit(changes)
        if self.may_answer is not None:
            await self.may_answer.wait()
        if self.loses_answers:
            raise StoreError("the answer was lost")

    async def load(self) -> Snapshot:
        if self.loses_answers:
            raise StoreError("the answer was lost")
        return await super().load()


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
async def stage(city: City) -> AsyncIterator[Stage]:
    store = await FailingStore.open(MEMORY)
    clock = ManualClock(50.0)
    dispatcher = Dispatcher(city, store, clock, seed=1, utc_s=lambda: 1e9)
    yield Stage(dispatcher, store, clock, CarDouble(city, "car-1", 2, 0.3))
    await dispatcher.stop()


async def test_a_car_is_welcomed_and_told(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    assert [type(message) for message in await stage.step()] == [Welcome, Order, Release]
    assert [type(message) for message in await stage.step()] == [Release]
    assert [entry.event.kind for entry in await stage.store.events(9)] == ["car.joined"]


async def test_a_low_battery_and_its_swap_are_in_the_history_once(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    for is_low in (False, True, True, False):
        stage.car.battery_low = is_low
        await stage.step()
    kinds = [entry.event.kind for entry in await stage.store.events(9)]
    assert kinds == ["car.battery_swapped", "car.battery_low", "car.joined"]


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


async def test_a_booking_that_is_not_stored_has_not_happened(stage: Stage) -> None:
    station = await stage.dispatcher.visitors.register_station("tablet", "")
    stage.store.is_full = True
    with pytest.raises(StoreError):
        await stage.dispatcher.visitors.book(station.station_id, "visit")
    assert not stage.dispatcher.fleet.rides.all
    stage.store.is_full = False
    await stage.dispatcher.step()
    ride = await stage.dispatcher.visitors.book(station.station_id, "visit")
    assert (ride.state, ride.queue_position) == (RideState.WAITING, 1)
    stage.store.is_full = True
    with pytest.raises(StoreError):
        await stage.dispatcher.visitors.cancel(ride.ride_id)
    assert (await stage.dispatcher.visitors.ride_view(ride.ride_id)).state is RideState.WAITING


async def test_while_the_store_fails_visitors_are_answered_at_once(stage: Stage) -> None:
    station = await stage.dispatcher.visitors.register_station("tablet", "")
    stage.store.is_full = True
    with pytest.raises(StoreError):
        await stage.dispatcher.visitors.book(station.station_id, "visit")
    commits = stage.store.commits
    for attempt in (
        stage.dispatcher.visitors.book(station.station_id, "visit"),
        stage.dispatcher.visitors.register_station("b", ""),
    ):
        with pytest.raises(StoreError, match="the disk is full"):
            await attempt
    with pytest.raises(StoreError, match="the disk is full"):
        stage.dispatcher.check_store()
    assert stage.store.commits == commits, "the store was not asked again"
    stage.store.is_full = False
    await stage.dispatcher.step()
    stage.dispatcher.check_store()


async def test_a_booking_whose_answer_was_lost_is_found_again(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    await stage.step()
    station = await stage.dispatcher.visitors.register_station("tablet", "")
    stage.store.loses_answers = True
    with pytest.raises(StoreError):
        await stage.dispatcher.visitors.book(station.station_id, "visit")
    with pytest.raises(StoreError):
        await stage.step()
    stage.store.loses_answers = False
    await stage.step()
    ride = await stage.dispatcher.visitors.book(station.station_id, "visit")
    assert (ride.state, ride.car_id) == (RideState.CHOOSING, "car-1")
    assert [item.record.ride_id for item in (await stage.store.load()).rides] == [ride.ride_id]
    assert (await stage.dispatcher.visitors.choose(ride.ride_id, "museum")).state is RideState.RIDING


async def test_a_booking_whose_visitor_hung_up_is_found_again(stage: Stage) -> None:
    station = await stage.dispatcher.visitors.register_station("tablet", "")
    stage.store.may_answer = asyncio.Event()
    booking = asyncio.create_task(stage.dispatcher.visitors.book(station.station_id, "visit"))
    await eventually(lambda: stage.store.commits == 2)
    booking.cancel()
    await asyncio.gather(booking, return_exceptions=True)
    assert booking.cancelled()
    stage.store.may_answer = None
    await stage.dispatcher.step()
    ride = await stage.dispatcher.visitors.book(station.station_id, "visit")
    assert [item.record.ride_id for item in (await stage.store.load()).rides] == [ride.ride_id]


async def test_what_is_not_yet_stored_is_not_shown(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    station = await stage.dispatcher.visitors.register_station("tablet", "")
    ride = await stage.dispatcher.visitors.book(station.station_id, "visit")
    stage.store.may_answer = asyncio.Event()
    stepping = asyncio.create_task(stage.step())
    await eventually(lambda: stage.dispatcher.fleet.rides.get(ride.ride_id).state is RideState.CHOOSING)
    assert (await stage.dispatcher.visitors.ride_view(ride.ride_id)).state is RideState.WAITING
    assert [view.state for view in stage.dispatcher.visitors.ride_views()] == [RideState.WAITING]
    stage.store.may_answer.set()
    await stepping
    assert (await stage.dispatcher.visitors.ride_view(ride.ride_id)).state is RideState.CHOOSING


async def test_trouble_and_its_end_are_logged_once(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    def has_tried_again() -> bool:
        stage.clock.advance(0.5)
        return stage.store.commits >= 5

    def has_ended() -> bool:
        stage.clock.advance(0.5)
        return len(caplog.records) > 1

    caplog.set_level(logging.WARNING, logger="server")
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    stage.dispatcher.report("car-1", stage.outbox, stage.car.report())
    stage.store.is_full = True
    stage.dispatcher.start()
    await eventually(has_tried_again)
    stage.store.is_full = False
    await eventually(has_ended)
    words = [record.getMessage() for record in caplog.records]
    assert words == ["nothing is granted until the store works again: the disk is full", "the store works again"]


async def test_acts_of_operators_are_stored_with_their_history(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    await stage.step()
    await stage.dispatcher.brake(operations.stop_all)
    for act in (
        partial(operations.close_edge, edge=15),
        partial(operations.send_car, car_id="car-1", edge=12),
        partial(operations.hold_car, car_id="car-1"),
        partial(operations.release_car, car_id="car-1"),
        partial(operations.open_edge, edge=15),
        operations.resume_all,
    ):
        for _ in range(2):
            await stage.dispatcher.operate(act)
    history = [entry.event for entry in await stage.store.events(9)]
    assert [(event.kind, event.car_id, event.edge) for event in reversed(history)] == [
        ("car.joined", "car-1", None),
        ("fleet.stopped", None, None),
        ("edge.closed", None, 15),
        ("car.sent", "car-1", 12),
        ("car.held", "car-1", None),
        ("car.released", "car-1", None),
        ("car.recalled", "car-1", 12),
        ("edge.opened", None, 15),
        ("fleet.resumed", None, None),
    ]
    assert stage.dispatcher.fleet.acts == OperatorActs()


async def test_cars_are_stopped_before_that_is_stored_and_even_if_it_cannot_be(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    await stage.step()
    stage.store.is_full = True
    with pytest.raises(StoreError, match="the disk is full"):
        await stage.dispatcher.brake(operations.stop_all)
    release = (await stage.outbox.take())[-1]
    assert isinstance(release, Release)
    assert release.hold
    stage.store.is_full = False
    await stage.step()
    assert stage.dispatcher.fleet_view().stopped
    stored = (await stage.store.load()).acts
    assert stored is not None
    assert stored.record.stopped
    told = (await stage.step())[-1]
    assert isinstance(told, Release)
    assert told.hold


async def test_a_stop_is_not_undone_by_what_a_step_under_way_had_decided(stage: Stage) -> None:
    await stage.dispatcher.connect_car(stage.car.hello, stage.outbox)
    stage.store.may_answer = asyncio.Event()
    stepping = asyncio.create_task(stage.step())
    await eventually(lambda: stage.store.commits == 2)
    braking = asyncio.create_task(stage.dispatcher.brake(operations.stop_all))
    await asyncio.sleep(0)
    stage.store.may_answer.set()
    told = await stepping
    await braking
    releases = [message for message in told if isinstance(message, Release)]
    assert [release.hold for release in releases] == [True]


async def test_other_acts_that_are_not_stored_have_not_happened(stage: Stage) -> None:
    await stage.dispatcher.brake(operations.stop_all)
    stage.store.is_full = True
    for act in (operations.resume_all, partial(operations.close_edge, edge=15)):
        with pytest.raises(StoreError):
            await stage.dispatcher.operate(act)
    assert stage.dispatcher.fleet.acts == OperatorActs(stopped=True)


async def test_an_act_whose_answer_was_lost_is_found_again(stage: Stage) -> None:
    stage.store.loses_answers = True
    with pytest.raises(StoreError):
        await stage.dispatcher.operate(partial(operations.close_edge, edge=15))
    stage.store.loses_answers = False
    await stage.dispatcher.step()
    assert stage.dispatcher.fleet_view().closed_edges == (15,)


async def test_history(stage: Stage) -> None:
    station = await stage.dispatcher.visitors.register_station("tablet", "")
    ride = await stage.dispatcher.visitors.book(station.station_id, "visit")
    await stage.dispatcher.visitors.cancel(ride.ride_id)
    history = [entry.event for entry in await stage.store.events(9)]
    assert [event.kind for event in history] == ["ride.cancelled", "ride.waiting", "station.registered"]
    assert {event.at_s for event in history} == {1e9}


async def test_newest_message_of_each_kind_in_order() -> None:
    outbox = Outbox()
    outbox.put(Release(order_id="a", index=0, s_m=0.1))
    outbox.put(Welcome(city="pixelopolis"))
    outbox.put(Release(order_id="a", index=0, s_m=0.2))
    assert await outbox.take() == [Welcome(city="pixelopolis"), Release(order_id="a", index=0, s_m=0.2)]
    outbox.close()
    assert await outbox.take() == []
