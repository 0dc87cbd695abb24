"""Visitors by the dispatcher's real answers: they ride, change their minds, ask twice, outlive a server."""

from __future__ import annotations

import random
from functools import partial

import pytest

from city.files import load_city
from fleet.messages import DriveMode, Position, Report
from fleet.views import RideState
from pixelopolis.evaluation.fleet.line import Line
from pixelopolis.evaluation.fleet.trips import Wish
from pixelopolis.evaluation.fleet.visitor import Visitor
from server.fleet_control.operations import close_edge
from tests.evaluation_fleet.conftest import Net, told

CITY = load_city("pixelopolis")
LONG_S = 60.0


class Visit:
    """A visitor with one wish, and a car that is wherever its order ends."""

    def __init__(self, net: Net, wish: Wish, *, is_right: bool = True) -> None:
        self.net = net
        self.line: Line | None = None
        self.wish = wish
        self.visitor = Visitor("s1", CITY, net.server, net.clock, random.Random(1), lambda *_: is_right)

    async def until_over(self, seconds: float = LONG_S, *, with_car: bool = True) -> None:
        if with_car:
            self.line = self.net.line()
        for _ in range(round(seconds / 0.1)):
            if self.line is not None:
                self.line.publish(self.report())
            await self.net.run(0.1, report=False)
            await self.visitor.step()
            for trip in self.visitor.trips:
                trip.wish = self.wish
            if self.visitor.trips and self.visitor.is_idle:
                self.visitor.is_leaving = True
                return

    def report(self) -> Report:
        """The car is at its order's stop as soon as it has one."""
        assert self.line is not None
        order = self.line.words().order
        report = told(round(10 * self.net.clock.now_s()))
        if order is None or order.stop_s_m is None:
            return report
        there = Position(edge=order.steps[-1].edge, s_m=order.stop_s_m)
        return report.model_copy(
            update={"mode": DriveMode.ARRIVED, "position": there, "order_id": order.order_id, "order_index": 0}
        )


@pytest.mark.parametrize("wish", [Wish.RIDE, Wish.LEAVE])
async def test_who_stays_arrives(net: Net, wish: Wish) -> None:
    visit = Visit(net, wish)
    await visit.until_over()
    [trip] = visit.visitor.trips
    assert trip.state is RideState.ENDED
    assert trip.arrived_s is not None
    assert trip.car_id == "car-1"
    assert trip.right_place
    assert not trip.is_lost
    assert not trip.doubled


async def test_an_arrival_is_held_against_the_truth(net: Net) -> None:
    visit = Visit(net, Wish.RIDE, is_right=False)
    await visit.until_over()
    assert not visit.visitor.trips[0].right_place


async def test_who_cannot_go_to_the_place_of_his_choice_takes_another(net: Net) -> None:
    visit = Visit(net, Wish.RIDE)
    dispatcher = net.server.dispatcher
    assert dispatcher is not None
    closed = {place.edge for place in CITY.places.values() if place.id != "museum"}
    for edge in sorted(closed):
        await dispatcher.operate(partial(close_edge, edge=edge))
    await visit.until_over()
    [trip] = visit.visitor.trips
    assert (trip.place, trip.state) == ("museum", RideState.ENDED)


@pytest.mark.parametrize("wish", [Wish.CANCEL_CHOOSING, Wish.CANCEL_WAITING])
async def test_who_changes_his_mind_cancels(net: Net, wish: Wish) -> None:
    visit = Visit(net, wish)
    await visit.until_over(with_car=wish is Wish.CANCEL_CHOOSING)
    [trip] = visit.visitor.trips
    assert trip.state is RideState.CANCELLED
    assert trip.cancelled
    assert not trip.is_lost


async def test_who_does_not_show_up_is_timed_out(net: Net) -> None:
    visit = Visit(net, Wish.NEVER_CHOOSE)
    await visit.until_over(150.0)
    [trip] = visit.visitor.trips
    assert trip.state is RideState.CANCELLED
    assert not trip.cancelled
    assert not trip.is_lost


async def test_a_booking_outlives_the_server(net: Net) -> None:
    visit = Visit(net, Wish.RIDE)
    while not visit.visitor.trips:
        await net.run(0.1)
        await visit.visitor.step()
    ride_id = visit.visitor.trips[0].ride_id
    net.server.kill()
    await visit.visitor.step()
    await net.server.start()
    await visit.until_over()
    [trip] = visit.visitor.trips
    assert (trip.ride_id, trip.state) == (ride_id, RideState.ENDED)


async def test_nobody_comes_any_more_at_the_end(net: Net) -> None:
    visitor = Visitor("s1", CITY, net.server, net.clock, random.Random(1), lambda *_: True)
    visitor.is_leaving = True
    for _ in range(300):
        await net.run(0.1)
        await visitor.step()
    assert visitor.is_idle
    assert visitor.trips == []
