"""Edges that operators close: who leaves, who may not enter, what is refused."""

from __future__ import annotations

from functools import partial

import pytest

from city.files import load_city
from fleet.messages import Hello
from fleet.views import RideState
from server.dispatch import views
from server.fleet_control.fleet_state import FleetState, NotWelcomeError
from server.fleet_control.operations import (
    ActRefusedError,
    close_edge,
    open_edge,
    send_car,
)
from server.rides import booking
from server.traffic.operator_acts import OperatorActs
from tests.server.scene import Scene


def test_nobody_enters_a_closed_edge_and_cars_on_it_leave(scene: Scene) -> None:
    on_it, before = scene.car(15, 0.3), scene.car(3, 0.3)
    scene.go()
    close_edge(scene.fleet, 15)
    entered = before.edges_entered
    edges = set()
    for _ in range(500):
        scene.drive(0.1)
        edges.add(before.edge)
        assert on_it.edges_entered == 0 or on_it.edge != 15
    assert on_it.edges_entered > 3
    assert before.edges_entered > entered + 3
    assert 15 not in edges
    open_edge(scene.fleet, 15)
    assert 15 not in scene.fleet.closed_edges(scene.now_s)


def test_a_closed_ring_edge_gives_the_fleet_another_ring(scene: Scene) -> None:
    close_edge(scene.fleet, 5)
    left = scene.fleet.open_road
    assert 4 in left.cut_off
    assert left.escape[3] == 15
    assert left.fleet_limit is not None
    assert scene.fleet.road.fleet_limit is not None
    assert left.fleet_limit < scene.fleet.road.fleet_limit


def test_a_closure_that_leaves_too_little_room_is_refused(scene: Scene) -> None:
    for number in range(15):
        scene.fleet.join(Hello(car_id=f"car-{number}", device_id="board"), 0.0)
    with pytest.raises(ActRefusedError, match=r"edge 5 .*: without edges \[5\] .* keeps \d+ cars .* there are 15"):
        close_edge(scene.fleet, 5)
    assert scene.fleet.acts == OperatorActs()
    close_edge(scene.fleet, 15)  # the ring does not need it


def test_a_city_that_is_one_round_cannot_lose_an_edge_while_cars_drive() -> None:
    fleet = FleetState(load_city("square"))
    edge = next(iter(fleet.city.edges))
    close_edge(fleet, edge)
    open_edge(fleet, edge)
    fleet.join(Hello(car_id="car-0", device_id="board"), 0.0)
    with pytest.raises(ActRefusedError, match=f"without edges .{edge}. there is no closed way round"):
        close_edge(fleet, edge)


def test_fewer_cars_may_join_while_an_edge_is_closed(scene: Scene) -> None:
    close_edge(scene.fleet, 5)
    limit = scene.fleet.open_road.fleet_limit
    assert limit is not None
    for number in range(limit):
        scene.fleet.join(Hello(car_id=f"car-{number}", device_id="board"), 0.0)
    with pytest.raises(NotWelcomeError, match=rf"room for {limit} cars while edges \[5\] are closed"):
        scene.fleet.join(Hello(car_id="one-more", device_id="board"), 0.0)
    open_edge(scene.fleet, 5)
    scene.fleet.join(Hello(car_id="one-more", device_id="board"), 0.0)


def test_a_car_that_stands_for_service_keeps_its_place_in_the_fleet(scene: Scene) -> None:
    for number in range(15):
        scene.fleet.join(Hello(car_id=f"car-{number}", device_id="board"), 0.0)
    send_car(scene.fleet, "car-3", edge=12)
    with pytest.raises(NotWelcomeError, match="room for 15 cars"):
        scene.fleet.join(Hello(car_id="one-more", device_id="board"), 0.0)


def test_a_visitor_whose_place_is_closed_chooses_again(scene: Scene) -> None:
    car = scene.car(2, 0.3)
    scene.go()
    ride_id = scene.book("wedding_hall")
    scene.go()
    close_edge(scene.fleet, 8)
    scene.go()
    ride = scene.fleet.rides.get(ride_id)
    assert (ride.state, ride.place_id, ride.refused_place_id) == (RideState.CHOOSING, None, "wedding_hall")
    assert ride.car_id == car.car_id
    view = views.ride_view(scene.fleet, ride, scene.now_s)
    assert (view.refused_place_id, view.closed_places) == ("wedding_hall", ("wedding_hall",))
    choose = partial(booking.choose, place_id="planetarium", now_s=scene.now_s)
    chosen = scene.fleet.rides.apply(ride_id, choose)
    assert (chosen.state, chosen.refused_place_id) == (RideState.RIDING, None)
    scene.drive(30.0)
    assert scene.state(ride_id) is RideState.ARRIVED


def test_a_car_that_holds_all_its_way_still_arrives(scene: Scene) -> None:
    scene.car(8, 0.2)
    scene.go()
    ride_id = scene.book("wedding_hall")
    scene.go()
    close_edge(scene.fleet, 8)
    scene.drive(5.0)
    assert scene.state(ride_id) is RideState.ARRIVED


def test_places_with_no_way_to_them_or_on_from_them_are_closed(scene: Scene) -> None:
    assert scene.fleet.is_open("planetarium")
    close_edge(scene.fleet, 5)
    assert not scene.fleet.is_open("planetarium"), "from edge 4 the only way on is edge 5"
    assert scene.fleet.is_open("museum")
    view = views.fleet_view(scene.fleet, scene.now_s)
    assert (view.closed_edges, view.cut_off_edges, view.closed_places) == ((5,), (4,), ("planetarium",))
    assert view.room_for_cars == scene.fleet.open_road.fleet_limit
