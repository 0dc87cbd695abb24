"""What operators do to a fleet: stop, hold, close, send, and take it back."""

from __future__ import annotations

from functools import partial

import pytest

from city.city import City
from city.files import load_city
from fleet.messages import DriveMode, Hello, Search
from fleet.views import RideState
from server.dispatch import views
from server.fleet_control.fleet_state import FleetState, NotWelcomeError
from server.fleet_control.guidance import NO_ORDER
from server.fleet_control.operations import (
    ActRefusal,
    ActRefusedError,
    close_edge,
    hold_car,
    lift_car,
    open_edge,
    release_car,
    resume_all,
    send_car,
    stop_all,
)
from server.fleet_control.ride_watch import HELD_LONG_S
from server.fleet_control.road_now import BLOCKED_AFTER_S, STANDS_AFTER_S, road_now
from server.rides import booking
from server.rides.under_way import UnknownError
from server.traffic.operator_acts import OperatorActs
from tests.server.scene import Scene


@pytest.fixture
def scene(city: City) -> Scene:
    return Scene(city)


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


# Close an edge


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


# Send


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


# Cars that stand by themselves


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
