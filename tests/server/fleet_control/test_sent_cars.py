"""Cars that operators send somewhere to stand for service."""

from __future__ import annotations

from functools import partial

import pytest

from city.city import City
from city.files import load_city
from fleet.messages import DriveMode, Hello
from fleet.views import RideState
from server.dispatch import views
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.operations import (
    ActRefusal,
    ActRefusedError,
    close_edge,
    hold_car,
    open_edge,
    release_car,
    send_car,
)
from server.rides import booking
from tests.server.scene import Scene


def test_a_car_is_sent_to_stand_at_a_place_and_takes_no_visitor(scene: Scene, city: City) -> None:
    car = scene.car(2, 0.3)
    scene.go()
    send_car(scene.fleet, "car-0", place_id="museum")
    ride_id = scene.book()
    assert scene.state(ride_id) is RideState.WAITING
    scene.drive(80.0)
    assert (car.edge, car.mode) == (7, DriveMode.ARRIVED)
    assert car.s_m == pytest.approx(city.places["museum"].stop_s_m, abs=0.02)
    assert scene.state(ride_id) is RideState.WAITING
    view = views.car_view(scene.fleet, scene.fleet.cars["car-0"], scene.now_s)
    assert view.errand is not None
    assert (view.errand.edge, view.errand.place_id) == (7, "museum")
    release_car(scene.fleet, "car-0")
    scene.drive(5.0)
    assert scene.state(ride_id) is RideState.CHOOSING
    assert car.edge != 7


def test_others_are_routed_round_a_car_that_stands_for_service(scene: Scene) -> None:
    sent, other = scene.car(9, 0.2), scene.car(2, 0.3)
    scene.go()
    send_car(scene.fleet, "car-0", edge=12)
    scene.drive(80.0)
    assert (sent.edge, sent.mode) == (12, DriveMode.ARRIVED)
    edges = set()
    for _ in range(500):
        scene.drive(0.1)
        edges.add(other.edge)
    assert 12 not in edges
    assert other.edges_entered > 5
    assert (sent.edge, sent.mode) == (12, DriveMode.ARRIVED)


def test_a_sent_car_ends_its_ride_first_but_leaves_a_visitor_in_thought(scene: Scene) -> None:
    car = scene.car(2, 0.3)
    scene.go()
    ride_id = scene.book("international_town")
    send_car(scene.fleet, "car-0", edge=12)
    scene.drive(40.0)
    assert scene.state(ride_id) is RideState.ARRIVED
    scene.fleet.rides.apply(ride_id, partial(booking.end, now_s=scene.now_s))
    scene.drive(120.0)
    assert (car.edge, car.mode) == (12, DriveMode.ARRIVED)
    release_car(scene.fleet, "car-0")
    scene.go()
    thoughtful = scene.book()
    assert scene.state(thoughtful) is RideState.CHOOSING
    send_car(scene.fleet, "car-0", edge=9)
    scene.go()
    assert scene.state(thoughtful) is RideState.WAITING


def test_errands_that_make_no_sense_are_refused(scene: Scene) -> None:
    scene.car(2, 0.3)
    scene.car(6, 0.3)
    hold_car(scene.fleet, "car-0")
    with pytest.raises(ActRefusedError, match="car-0 is held: release it first"):
        send_car(scene.fleet, "car-0", edge=12)
    release_car(scene.fleet, "car-0")
    send_car(scene.fleet, "car-0", edge=12)
    with pytest.raises(ActRefusedError, match="car-0 is sent to edge 12 already") as taken:
        send_car(scene.fleet, "car-1", edge=12)
    assert taken.value.reason is ActRefusal.EDGE_TAKEN
    close_edge(scene.fleet, 5)
    with pytest.raises(ActRefusedError, match=r"no way leads to edge 4 and on while edges \[5\] are closed") as no_way:
        send_car(scene.fleet, "car-1", edge=4)
    assert no_way.value.reason is ActRefusal.NO_WAY


def test_a_car_is_not_sent_to_stand_in_the_only_way_of_others() -> None:
    fleet = FleetState(load_city("square"))
    edge = next(iter(fleet.city.edges))
    fleet.join(Hello(car_id="car-0", device_id="board"), 0.0)
    send_car(fleet, "car-0", edge=edge)
    release_car(fleet, "car-0")
    fleet.join(Hello(car_id="car-1", device_id="board"), 0.0)
    with pytest.raises(ActRefusedError, match=f"car-0 cannot be sent to stand on edge {edge}"):
        send_car(fleet, "car-0", edge=edge)


def test_a_sent_car_drives_about_while_its_way_is_closed(scene: Scene) -> None:
    car = scene.car(2, 0.3)
    scene.go()
    send_car(scene.fleet, "car-0", edge=4)
    close_edge(scene.fleet, 5)
    scene.drive(60.0)
    assert car.edges_entered > 5
    assert car.mode is not DriveMode.ARRIVED
    open_edge(scene.fleet, 5)
    scene.drive(60.0)
    assert (car.edge, car.mode) == (4, DriveMode.ARRIVED)
