"""Decisions of the fleet in situations that matter: lost cars, restarts, arrivals, visitors who come and go."""

from __future__ import annotations

from functools import partial

import pytest

from city.city import City
from city.files import load_city
from fleet.messages import DriveMode, Hello, Position
from fleet.views import CarStatus, RideState
from pixelopolis.bench.served.car_double import CarDouble
from server.fleet_control.car_state import FREE_SEARCH_M, LONG_SEARCH_M, STALE_MARGIN_M
from server.fleet_control.fleet_state import RESTART_GRACE_S, FleetState, NotWelcomeError
from server.fleet_control.grant_desk import CROSS_AFTER_S, UNPLACED_HOLD_S
from server.rides import booking
from server.rides.under_way import UnknownError
from server.store.base import Snapshot, Versioned
from server.traffic.planning import STANDING_TOLERANCE_M
from tests.server.scene import Scene


def test_an_idle_car_roams_and_its_order_never_ends(scene: Scene) -> None:
    car = scene.car(2, 0.2)
    scene.go()
    assert car.order is not None
    assert car.order.stop_s_m is None
    for _ in range(1500):
        scene.go()
        car.drive(0.03)
        assert len(scene.fleet.cars["car-0"].step_edges) > 3
    assert car.edges_entered > 20


def test_an_order_is_repeated_until_the_car_names_it(scene: Scene) -> None:
    car = scene.car(2, 0.2)
    scene.go()
    state = scene.fleet.cars["car-0"]
    assert scene.fleet.guidance(state).order is not None
    scene.go()
    assert car.report().order_id == state.report.order_id if state.report else False
    assert scene.fleet.guidance(state).order is None
    assert scene.fleet.guidance(state).release is not None


def test_a_new_goal_keeps_the_granted_way(scene: Scene) -> None:
    car = scene.car(3, 0.3)
    scene.go()
    scene.go()
    held = scene.fleet.right_of_way.holdings["car-0"].passage
    assert held is not None
    scene.book("museum")
    scene.go()
    assert car.order is not None
    assert [step.edge for step in car.order.steps][:2] == [3, held.edge]


def near_the_museum(scene: Scene) -> CarDouble:
    """A car with an order to stop there, on the edge on which it is."""
    museum = scene.city.places["museum"]
    car = scene.car(museum.edge, museum.stop_s_m - 0.2)
    scene.hear(car)
    scene.book("museum")
    scene.go()
    assert steps(scene) == (museum.edge,)
    return car


def steps(scene: Scene) -> tuple[int, ...]:
    return scene.fleet.cars["car-0"].step_edges


def test_a_car_that_stands_too_far_beyond_its_stop_drives_round_to_it(scene: Scene, city: City) -> None:
    museum = city.places["museum"]
    car = near_the_museum(scene)
    car.mode, car.s_m = DriveMode.WAITING, museum.stop_s_m + STANDING_TOLERANCE_M + 0.02
    scene.go()
    assert len(steps(scene)) > 1
    assert steps(scene)[-1] == museum.edge
    scene.drive(60.0)
    assert scene.state("ride-0") in (RideState.ARRIVED, RideState.ENDED)


@pytest.mark.parametrize(("mode", "beyond_m"), [(DriveMode.WAITING, 0.05), (DriveMode.ARRIVED, 0.12)])
def test_a_car_that_is_there_is_not_sent_round(scene: Scene, city: City, mode: DriveMode, beyond_m: float) -> None:
    museum = city.places["museum"]
    car = near_the_museum(scene)
    car.mode, car.s_m = mode, museum.stop_s_m + beyond_m
    scene.go()
    assert steps(scene) == (museum.edge,)


def test_a_visitor_in_thought_keeps_the_car_roaming(scene: Scene) -> None:
    car = scene.car(2, 0.2)
    scene.go()
    ride_id = scene.book()
    assert scene.state(ride_id) is RideState.CHOOSING
    scene.go()
    assert car.order is not None
    assert car.order.stop_s_m is None
    scene.go(120.0)
    assert ride_id not in [r.ride_id for r in scene.fleet.rides.all.values() if not r.is_final]


def test_only_the_rides_own_order_and_place_count_as_arrival(scene: Scene, city: City) -> None:
    car = scene.car(3, 0.1)
    scene.go()
    ride_id = scene.book("museum")
    car.mode = DriveMode.ARRIVED  # of an earlier order
    scene.go(0.3)
    assert scene.state(ride_id) is RideState.RIDING
    car.mode = DriveMode.ARRIVED  # of this order, but elsewhere
    scene.go()
    assert scene.state(ride_id) is RideState.RIDING
    car.edge, car.s_m = 7, city.places["museum"].stop_s_m
    car.mode = DriveMode.ARRIVED
    scene.go()
    assert scene.state(ride_id) is RideState.ARRIVED


def test_a_car_that_stands_at_the_stop_line_of_the_place_is_there(scene: Scene) -> None:
    car = scene.car(7, 0.44)
    scene.hear(car)
    ride_id = scene.book("museum")
    for _ in range(5):
        scene.go()
        car.drive(0.03)
    assert car.s_m == 0.44
    assert scene.state(ride_id) is RideState.ARRIVED


def test_after_the_end_the_car_roams_again(scene: Scene) -> None:
    car = scene.car(7, 0.38)
    scene.hear(car)
    ride_id = scene.book("museum")
    for _ in range(5):
        scene.go()
        car.drive(0.03)
    assert scene.state(ride_id) is RideState.ARRIVED
    scene.go(booking.ARRIVED_TIMEOUT_S + 0.5)
    assert scene.state(ride_id) is RideState.ENDED
    for _ in range(60):
        scene.go()
        car.drive(0.03)
    assert car.edges_entered >= 1


def test_a_silent_car_is_lost_and_its_ride_interrupted(scene: Scene) -> None:
    car = scene.car(2, 0.2)
    scene.go()
    ride_id = scene.book("museum")
    scene.go()
    holding = scene.fleet.right_of_way.holdings["car-0"]
    scene.go(2.1, silent=(car,))
    assert scene.fleet.cars["car-0"].status is CarStatus.LOST
    assert scene.state(ride_id) is RideState.INTERRUPTED
    assert scene.fleet.right_of_way.holdings["car-0"] == holding
    assert scene.fleet.closed_edges(scene.now_s) == holding.edges
    scene.go()
    assert scene.state(ride_id) is RideState.RIDING
    assert scene.fleet.closed_edges(scene.now_s) == frozenset()


def test_a_choosing_visitor_gets_another_car(scene: Scene) -> None:
    lost = scene.car(2, 0.2)
    scene.go()
    ride_id = scene.book()
    scene.car(6, 0.2)
    scene.go(2.2, silent=(lost,))
    ride = scene.fleet.rides.get(ride_id)
    assert (ride.state, ride.car_id) == (RideState.CHOOSING, "car-1")


def test_a_restarted_car_creeps_on_its_own_road_only(scene: Scene) -> None:
    car = scene.car(4, 0.4)
    scene.go()
    car.mode = DriveMode.LOCALISING
    scene.go()
    stop_line_m = scene.fleet.road.stop_line_m(4)
    assert car.search is not None
    assert car.search.distance_m == pytest.approx(stop_line_m - 0.4 - STALE_MARGIN_M)


def test_a_restarted_car_keeps_away_from_the_car_ahead(scene: Scene) -> None:
    scene.car(4, 1.1)
    car = scene.car(4, 0.3)
    scene.go()
    car.mode = DriveMode.LOCALISING
    scene.go()
    assert car.search is not None
    assert car.search.distance_m == pytest.approx(1.1 - 0.3 - 0.3 - STALE_MARGIN_M)


def test_a_car_that_found_nothing_may_cross_a_node_that_it_holds(scene: Scene) -> None:
    car = scene.car(2, 0.1)  # too far from the node to have asked for it
    scene.car(1, 0.9)
    scene.hear(car)
    car.mode = DriveMode.LOCALISING
    scene.go()
    assert car.search is not None
    first_m = car.search.distance_m
    scene.go(CROSS_AFTER_S + 0.2)
    assert scene.fleet.right_of_way.node_holders(3) == ["car-0"]
    assert car.search.distance_m > first_m + scene.city.movements[2, 3].curve.length_m


def test_an_unknown_car_creeps_little_and_the_others_wait_for_it(scene: Scene) -> None:
    other = scene.car(2, 0.44)
    lost = scene.car(9, 0.0, DriveMode.LOCALISING)
    scene.go(1.0)
    assert lost.search is not None
    assert lost.search.distance_m == FREE_SEARCH_M
    assert scene.fleet.right_of_way.node_holders(3) == []
    scene.go(UNPLACED_HOLD_S)
    assert scene.fleet.right_of_way.node_holders(3) == [other.car_id]


def test_unknown_cars_that_found_nothing_search_far_one_after_the_other(scene: Scene) -> None:
    cars = [scene.car(9, 0.0, DriveMode.LOCALISING) for _ in range(2)]
    crossing = scene.car(2, 0.44)
    scene.go(UNPLACED_HOLD_S / 4)
    assert [car.search.distance_m for car in cars if car.search] == [LONG_SEARCH_M, FREE_SEARCH_M]
    assert scene.fleet.right_of_way.node_holders(3) == []
    cars[0].mode, cars[0].edge, cars[0].s_m = DriveMode.IDLE, 6, 0.3
    scene.go(0.2)
    assert cars[1].search is not None
    assert cars[1].search.distance_m == LONG_SEARCH_M
    cars[1].mode, cars[1].edge, cars[1].s_m = DriveMode.IDLE, 8, 1.1
    scene.go(0.2)
    assert scene.fleet.right_of_way.node_holders(3) == [crossing.car_id]


def test_a_faulty_car_gets_neither_visitors_nor_nodes(scene: Scene) -> None:
    scene.car(2, 0.44, DriveMode.STOPPED)
    scene.go(1.0)
    assert scene.state(scene.book()) is RideState.WAITING
    assert scene.fleet.right_of_way.node_holders(3) == []


def test_restart_of_the_server_in_mid_ride(scene: Scene) -> None:
    car = scene.car(3, 0.4)
    scene.go(0.5)
    ride_id = scene.book("museum")
    held = scene.fleet.right_of_way.holdings["car-0"]
    assert held.passage is not None
    fleet = scene.restarted()
    assert fleet.right_of_way.holdings["car-0"] == held
    assert fleet.closed_edges(scene.now_s) == held.edges
    scene.now_s += RESTART_GRACE_S / 2
    fleet.step(scene.now_s)
    assert scene.state(ride_id) is RideState.RIDING
    car.edge, car.s_m = held.passage.edge, 0.3  # it drove on as far as it was allowed to
    scene.go()
    assert fleet.right_of_way.node_holders(4) == []
    assert car.order is not None
    assert car.order.place == "museum"


def test_a_car_that_never_comes_back_after_a_restart_is_told_of(scene: Scene) -> None:
    car = scene.car(3, 0.4)
    scene.go()
    ride_id = scene.book("museum")
    scene.restarted()
    scene.go(RESTART_GRACE_S + 2.2, silent=(car,))
    assert scene.state(ride_id) is RideState.INTERRUPTED


def test_a_stored_car_of_another_city_starts_afresh(scene: Scene) -> None:
    car = scene.car(15, 0.3)
    scene.go()
    records = tuple(Versioned(record, 1) for record in scene.fleet.records().values())
    fleet = FleetState(load_city("square"))
    fleet.restore(Snapshot((), records, (), 0), 0.0)
    assert not fleet.right_of_way.holdings
    assert car.car_id in fleet.cars


def test_a_stored_ride_knows_how_long_its_visitor_has(scene: Scene) -> None:
    car = scene.car(3, 0.4)
    scene.go()
    ride_id = scene.book()
    scene.now_s = 5.0  # the clock of another start of the machine
    fleet = scene.restarted()
    assert fleet.rides.get(ride_id).changed_s == 5.0
    scene.go(booking.CHOOSING_TIMEOUT_S - 1.0)
    assert scene.state(ride_id) is RideState.CHOOSING
    scene.go(2.0)
    assert scene.state(ride_id) is RideState.CANCELLED
    assert car.order is not None


def test_positions_are_stored_when_the_road_changes_or_the_car_stands(scene: Scene) -> None:
    car = scene.car(4, 0.2)
    scene.go()
    first = scene.fleet.records()["car-0"].position
    car.mode, car.s_m = DriveMode.DRIVING, 0.5
    scene.go()
    assert scene.fleet.records()["car-0"].position == first
    car.mode = DriveMode.WAITING
    scene.go()
    stored = scene.fleet.records()["car-0"].position
    assert stored == Position(edge=4, s_m=0.5)
    car.s_m = 0.51
    scene.go()
    assert scene.fleet.records()["car-0"].position == stored


def test_a_release_does_not_take_back_road_on_which_a_car_cannot_stop(scene: Scene) -> None:
    back = scene.car(4, 0.3)
    front = scene.car(4, 1.0)
    scene.go()
    assert back.release is not None
    assert back.release.s_m == pytest.approx(0.7)
    back.s_m, back.mode = 0.65, DriveMode.DRIVING
    front.s_m = 0.8  # it knows better now where it is
    scene.go()
    assert back.release.s_m == pytest.approx(0.7)


def test_a_car_that_stands_gets_no_road_to_creep_on_when_the_one_ahead_is_nearer_than_it_told(scene: Scene) -> None:
    back, front = scene.car(4, 0.3), scene.car(4, 1.0)
    scene.go()
    back.s_m, back.mode = 0.65, DriveMode.WAITING
    front.s_m = 0.8
    scene.go()
    assert back.release is not None
    assert back.release.s_m == pytest.approx(0.65)
    for told_m in (0.62, 0.67, 0.63):  # it stands, and its own place is told anew
        back.s_m = told_m
        scene.go()
        assert back.release.s_m == pytest.approx(0.62)
    front.s_m = 1.1
    scene.go()
    assert back.release.s_m == pytest.approx(0.8)


def test_who_may_join(city: City) -> None:
    fleet = FleetState(city)
    for number in range(15):
        fleet.join(Hello(car_id=f"car-{number}", device_id="board"), 0.0)
    with pytest.raises(NotWelcomeError, match="room for 15 cars"):
        fleet.join(Hello(car_id="car-15", device_id="board"), 0.0)
    fleet.join(Hello(car_id="car-3", device_id="new-board"), 5.0)
    assert fleet.cars["car-3"].device_id == "new-board"


@pytest.mark.parametrize(
    "position", [Position(edge=99, s_m=0), Position(edge=1, s_m=0, next_edge=99), Position(edge=1, s_m=0, next_edge=7)]
)
def test_reports_from_outside_the_city(scene: Scene, position: Position) -> None:
    car = scene.car(1, 0.2)
    report = car.report().model_copy(update={"position": position})
    with pytest.raises(UnknownError, match="car-0 reports"):
        scene.fleet.report("car-0", report, 0.0)


def test_a_car_whose_battery_is_low_ends_its_ride_and_takes_no_other_until_the_pack_is_swapped(scene: Scene) -> None:
    car = scene.car(2, 0.3)
    scene.go()
    ride_id = scene.book("museum")
    car.battery_low = True
    scene.go(0.5)
    assert scene.state(ride_id) is RideState.RIDING
    assert car.order is not None
    assert car.order.place == "museum"
    scene.fleet.rides.apply(ride_id, partial(booking.cancel, now_s=scene.now_s))
    next_id = scene.book()
    scene.go(1.0)
    assert scene.state(next_id) is RideState.WAITING
    assert scene.restarted().cars[car.car_id].battery_low
    scene.go(1.0)
    assert scene.state(next_id) is RideState.WAITING
    car.battery_low = False
    scene.go(0.5)
    assert scene.fleet.rides.get(next_id).car_id == car.car_id


def test_visitors_get_the_car_with_a_good_battery(scene: Scene) -> None:
    tired, fresh = scene.car(2, 0.3), scene.car(6, 0.3)
    tired.battery_low = True
    scene.go()
    assert scene.fleet.rides.get(scene.book()).car_id == fresh.car_id
