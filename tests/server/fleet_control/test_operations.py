"""What operators do to a fleet: stop it, hold a car, and take it back."""

from __future__ import annotations

from functools import partial

import pytest

from city.files import load_city
from fleet.messages import DriveMode, Search
from fleet.views import RideState
from server.fleet_control.guidance import NO_ORDER
from server.fleet_control.operations import (
    close_edge,
    hold_car,
    open_edge,
    release_car,
    resume_all,
    send_car,
    stop_all,
)
from server.fleet_control.ride_watch import HELD_LONG_S
from server.rides.under_way import UnknownError
from server.traffic.operator_acts import OperatorActs
from tests.server.scene import Scene


def test_acts_may_be_repeated_and_taken_back(scene: Scene) -> None:
    scene.car(2, 0.3)
    fleet = scene.fleet
    for _ in range(2):
        stop_all(fleet)
        hold_car(fleet, "car-0")
        close_edge(fleet, 15)
    assert fleet.acts == OperatorActs(True, (15,), ("car-0",))
    for _ in range(2):
        resume_all(fleet)
        release_car(fleet, "car-0")
        open_edge(fleet, 15)
        send_car(fleet, "car-0", edge=12)
    assert fleet.acts.errand_of("car-0") is not None
    release_car(fleet, "car-0")
    assert fleet.acts == OperatorActs()


def test_what_is_not_there_is_named(scene: Scene) -> None:
    scene.car(2, 0.3)
    for act in (partial(hold_car, car_id="car-9"), partial(release_car, car_id="car-9")):
        with pytest.raises(UnknownError, match="there is no car car-9"):
            act(scene.fleet)
    for of_edge in (close_edge, open_edge, partial(send_car, car_id="car-0")):
        with pytest.raises(UnknownError, match="there is no edge 99 in city pixelopolis"):
            of_edge(scene.fleet, edge=99)
    with pytest.raises(UnknownError, match="no place moon in city pixelopolis; there are international_town"):
        send_car(scene.fleet, "car-0", place_id="moon")
    assert scene.fleet.acts == OperatorActs()


# Stop all


def test_a_stop_holds_every_car_and_grants_nothing_until_all_go_on(scene: Scene) -> None:
    first, second = scene.car(2, 0.44), scene.car(6, 0.2)
    searching = scene.car(4, 0.3, DriveMode.LOCALISING)
    scene.hear(searching)
    stop_all(scene.fleet)
    scene.drive(30.0)
    assert (first.edge, first.s_m, second.edge, second.s_m) == (2, 0.44, 6, 0.2)
    assert first.release is not None
    assert (first.release.hold, first.release.reason) == (True, "all cars are stopped")
    assert searching.search == Search(distance_m=0.0)
    assert scene.fleet.right_of_way.node_holders(3) == []
    resume_all(scene.fleet)
    searching.mode = DriveMode.IDLE
    scene.drive(5.0)
    assert first.release.hold is False
    assert first.edge != 2


def test_a_car_without_an_order_is_held_too(scene: Scene) -> None:
    scene.hear(scene.car(2, 0.3))
    stop_all(scene.fleet)
    release = scene.fleet.guidance(scene.fleet.cars["car-0"]).release
    assert release is not None
    assert (release.order_id, release.hold) == (NO_ORDER, True)


def test_waiting_begins_anew_when_all_go_on(scene: Scene) -> None:
    scene.car(2, 0.44)
    scene.go()
    stop_all(scene.fleet)
    scene.go(60.0)
    resume_all(scene.fleet)
    scene.go()
    waiting_since_s = scene.fleet.cars["car-0"].waiting_since_s
    assert waiting_since_s is None or waiting_since_s == scene.now_s


def test_a_restart_forgets_nothing(scene: Scene) -> None:
    car = scene.car(2, 0.44)
    scene.go()
    stop_all(scene.fleet)
    hold_car(scene.fleet, "car-0")
    close_edge(scene.fleet, 15)
    acts = scene.fleet.acts
    scene.restarted()
    assert scene.fleet.acts == acts
    scene.drive(2.0)
    assert (car.edge, car.s_m) == (2, 0.44)


def test_acts_of_another_city_are_dropped() -> None:
    acts = OperatorActs(True, (1, 15), ("car-0",)).in_city(load_city("square"))
    assert acts.stopped
    assert acts.held_cars == ("car-0",)
    assert 15 not in acts.closed_edges


def test_brakes_outlive_what_could_not_be_stored() -> None:
    stored = OperatorActs(closed_edges=(5,), held_cars=("a",))
    assert stored.braking_as(OperatorActs(True, (7,), ("b",))) == OperatorActs(True, (5,), ("a", "b"))


# Hold


def test_a_held_car_keeps_its_road_and_others_go_round_it(scene: Scene) -> None:
    held = scene.car(15, 0.3)
    scene.go()
    hold_car(scene.fleet, "car-0")
    scene.go()
    holding = scene.fleet.right_of_way.holdings["car-0"]
    other = scene.car(2, 0.3)
    scene.go()
    scene.book("museum")
    edges = set()
    for _ in range(600):
        scene.drive(0.1)
        edges.add(other.edge)
    assert (held.edge, held.s_m) == (15, 0.3)
    assert scene.fleet.right_of_way.holdings["car-0"] == holding
    assert 15 not in edges
    assert {3, 4, 5, 6, 7} <= edges
    release_car(scene.fleet, "car-0")
    scene.drive(10.0)
    assert held.edge != 15


def test_a_held_car_takes_no_visitor(scene: Scene) -> None:
    scene.car(2, 0.3)
    scene.go()
    hold_car(scene.fleet, "car-0")
    ride_id = scene.book()
    assert scene.state(ride_id) is RideState.WAITING
    scene.go(1.0)
    assert scene.state(ride_id) is RideState.WAITING
    release_car(scene.fleet, "car-0")
    scene.go(0.2)
    assert scene.state(ride_id) is RideState.CHOOSING


def test_a_visitor_whose_car_is_held_for_long_is_told_as_if_it_were_lost(scene: Scene) -> None:
    scene.car(2, 0.3)
    scene.go()
    ride_id = scene.book("museum")
    hold_car(scene.fleet, "car-0")
    scene.go(HELD_LONG_S - 1.0)
    assert scene.state(ride_id) is RideState.RIDING
    scene.go(1.5)
    assert scene.state(ride_id) is RideState.INTERRUPTED
    release_car(scene.fleet, "car-0")
    scene.go(0.2)
    assert scene.state(ride_id) is RideState.RIDING


def test_a_visitor_in_thought_gets_another_car_when_the_first_is_held_for_long(scene: Scene) -> None:
    scene.car(2, 0.3)
    scene.go()
    ride_id = scene.book()
    hold_car(scene.fleet, "car-0")
    scene.car(6, 0.2)
    scene.go(HELD_LONG_S + 0.5)
    ride = scene.fleet.rides.get(ride_id)
    assert (ride.state, ride.car_id) == (RideState.CHOOSING, "car-1")
