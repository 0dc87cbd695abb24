"""Cars that stand by themselves: the others go round; and cars that are taken off the road."""

from __future__ import annotations

import pytest

from fleet.messages import DriveMode
from fleet.views import RideState
from server.dispatch import views
from server.fleet_control.operations import (
    ActRefusedError,
    hold_car,
    lift_car,
)
from server.fleet_control.road_now import BLOCKED_AFTER_S, STANDS_AFTER_S, road_now
from server.rides.under_way import UnknownError
from tests.server.scene import Scene


def test_a_car_that_stands_with_a_fault_closes_its_road_until_it_is_well(scene: Scene) -> None:
    car = scene.car(13, 0.3, DriveMode.STOPPED)
    scene.go(STANDS_AFTER_S - 0.5)
    assert scene.fleet.closed_edges(scene.now_s) == frozenset()
    scene.go(1.0)
    assert scene.fleet.closed_edges(scene.now_s) == {13}
    car.mode = DriveMode.IDLE
    scene.go()
    assert scene.fleet.closed_edges(scene.now_s) == frozenset()


def test_routes_avoid_an_edge_on_which_a_car_is_blocked_for_long(scene: Scene) -> None:
    scene.car(13, 0.3, DriveMode.BLOCKED)
    scene.go(0.1)
    fleet = scene.fleet
    for moment_s, avoided in ((scene.now_s, False), (scene.now_s + BLOCKED_AFTER_S, True)):
        road = road_now(fleet.right_of_way, fleet.cars, fleet.acts, moment_s)
        assert (13 in road.avoided) is avoided
        assert road.closed == frozenset(), "it may drive on at any moment"


def test_a_ring_edge_on_which_a_car_stands_is_left_out_of_the_way_out(scene: Scene) -> None:
    scene.car(5, 0.3, DriveMode.STOPPED)
    scene.go(STANDS_AFTER_S + 0.5)
    road = road_now(scene.fleet.right_of_way, scene.fleet.cars, scene.fleet.acts, scene.now_s)
    assert road.escape[3] == 15
    assert {4, 5} <= road.avoided


def test_what_ends_at_a_node_on_which_a_car_stands_is_avoided(scene: Scene) -> None:
    car = scene.car(1, scene.fleet.road.stop_line_m(1))
    scene.go()
    car.s_m, car.next_edge = car.length_m + 0.1, 2
    scene.go()
    hold_car(scene.fleet, "car-0")
    scene.go()
    road = road_now(scene.fleet.right_of_way, scene.fleet.cars, scene.fleet.acts, scene.now_s)
    assert {1, 2, 10} <= road.avoided
    assert 10 not in road.closed


def test_a_silent_car_that_was_lifted_blocks_nobody(scene: Scene) -> None:
    gone, other = scene.car(2, 0.3), scene.car(6, 0.2)
    scene.go()
    scene.go(4.0, silent=(gone,))
    assert 2 in scene.fleet.closed_edges(scene.now_s)
    for _ in range(2):
        lift_car(scene.fleet, "car-0", scene.now_s)
    scene.go(0.2, silent=(gone,))
    assert scene.fleet.closed_edges(scene.now_s) == frozenset()
    view = views.car_view(scene.fleet, scene.fleet.cars["car-0"], scene.now_s)
    assert (view.position, view.road) == (None, None)
    assert scene.fleet.records()["car-0"].holding is None
    scene.cars.remove(gone)
    scene.drive(40.0)
    assert other.edges_entered > 4


def test_a_car_that_may_drive_is_not_lifted(scene: Scene) -> None:
    scene.car(2, 0.3)
    scene.go()
    with pytest.raises(ActRefusedError, match="car-0 may be connected: switch it off"):
        lift_car(scene.fleet, "car-0", scene.now_s)
    with pytest.raises(UnknownError, match="there is no car car-9"):
        lift_car(scene.fleet, "car-9", scene.now_s)
    fleet = scene.restarted()
    with pytest.raises(ActRefusedError, match="may be connected"):
        lift_car(fleet, "car-0", scene.now_s)
    assert fleet.right_of_way.holdings["car-0"].edge == 2


def test_a_lifted_car_is_put_elsewhere_and_rides_on(scene: Scene) -> None:
    car = scene.car(2, 0.3)
    scene.go()
    ride_id = scene.book("museum")
    scene.go()
    scene.go(4.0, silent=(car,))
    assert scene.state(ride_id) is RideState.INTERRUPTED
    lift_car(scene.fleet, "car-0", scene.now_s)
    scene.restarted()
    car.edge, car.s_m, car.mode = 6, 0.1, DriveMode.IDLE
    scene.drive(30.0)
    assert scene.state(ride_id) is RideState.ARRIVED
