"""Places take cars in turn: who may come, and that a crowd is served rather than jammed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.city import City
from city.files import load_city
from fleet.views import RideState
from server.dispatch.views import TYPICAL_SPEED_MPS, ride_view, shared_ride_view
from server.fleet_control.place_turns import PLACE_TURN_S, rides_ahead, rides_in_turn
from server.rides.booking import Ride
from tests.server.crowded_world import CrowdedWorld
from tests.server.scene import Scene


def ride(created: int, state: RideState = RideState.RIDING, place_id: str | None = "museum") -> Ride:
    return Ride(f"ride-{created}", f"r-{created}", "station", "tablet", created, state, car_id="car", place_id=place_id)


def test_who_has_booked_first_comes_first() -> None:
    assert rides_in_turn([ride(3), ride(1), ride(2)], at_a_time=2) == {"ride-1", "ride-2"}


def test_each_place_has_turns_of_its_own() -> None:
    assert rides_in_turn([ride(1), ride(2, place_id="landmark")], at_a_time=1) == {"ride-1", "ride-2"}


@pytest.mark.parametrize("state", [RideState.WAITING, RideState.CHOOSING, RideState.INTERRUPTED, RideState.ENDED])
def test_a_ride_that_is_not_on_its_way_takes_nobodys_turn(state: RideState) -> None:
    assert rides_in_turn([ride(1, state), ride(2)], at_a_time=1) == {"ride-2"}


def test_a_car_that_stands_at_the_place_is_one_of_them() -> None:
    assert rides_in_turn([ride(1, RideState.ARRIVED), ride(2)], at_a_time=1) == {"ride-1"}


@given(places=st.lists(st.sampled_from(["museum", "landmark"])), at_a_time=st.integers(1, 4))
def test_never_more_than_that_and_never_an_idle_place(places: list[str], at_a_time: int) -> None:
    rides = [ride(number, place_id=place) for number, place in enumerate(places)]
    in_turn = rides_in_turn(rides, at_a_time)
    for place in set(places):
        ids = [each.ride_id for each in rides if each.place_id == place]
        assert [each for each in ids if each in in_turn] == ids[:at_a_time]


def test_ahead_are_those_of_the_same_place_who_booked_before() -> None:
    before = [ride(1), ride(2, RideState.ARRIVED), ride(3, RideState.CHOOSING), ride(4, place_id="landmark")]
    assert rides_ahead([*before, ride(5), ride(6)], ride(5)) == 2


@pytest.fixture
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.fleet_control.fleet_state.CARS_AT_A_TIME", 1)
    monkeypatch.setattr("server.dispatch.views.CARS_AT_A_TIME", 1)


def purposes(scene: Scene) -> set[str | None]:
    return {car.goal.purpose if car.goal else None for car in scene.fleet.cars.values()}


@pytest.mark.usefixtures("one_at_a_time")
def test_the_next_car_sets_out_when_one_has_left(scene: Scene) -> None:
    scene.car(3, 0.3)
    scene.car(11, 0.3)
    scene.go(0.3)
    first, second = scene.book("museum"), scene.book("museum")
    scene.go(0.3)
    assert purposes(scene) == {first, None}
    scene.drive(180.0)
    assert {scene.state(first), scene.state(second)} <= {RideState.ARRIVED, RideState.ENDED}


@pytest.mark.usefixtures("one_at_a_time")
def test_a_visitor_sees_the_line_before_the_place(scene: Scene) -> None:
    for edge in (3, 11, 15):
        scene.car(edge, 0.3)
    scene.go(0.3)
    rides = [scene.fleet.rides.get(scene.book("museum")) for _ in range(3)]
    scene.go(0.3)
    shown = [ride_view(scene.fleet, scene.fleet.rides.get(ride.ride_id), scene.now_s) for ride in rides]
    assert [view.place_queue_position for view in shown] == [None, 1, 2]
    assert shared_ride_view(shown[2]).place_queue_position == 2
    assert shown[0].eta_s == round((shown[0].distance_left_m or 0.0) / TYPICAL_SPEED_MPS, 1) > 0.0
    assert shown[1].eta_s == PLACE_TURN_S
    assert shown[2].eta_s == 2 * PLACE_TURN_S


@pytest.mark.usefixtures("one_at_a_time")
def test_a_car_that_is_there_stops_whoevers_turn_it_is(scene: Scene, city: City) -> None:
    museum = city.places["museum"]
    scene.car(3, 0.3)
    scene.car(museum.edge, museum.stop_s_m - 0.3)
    scene.go(0.3)
    rides = {scene.book("museum"), scene.book("museum")}
    scene.go(0.3)
    assert purposes(scene) == rides


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_hundred_visitors_of_five_places_are_all_served() -> None:
    """Without turns one of the places ends with eighty cars round it, and takes half as many as the others."""
    world = CrowdedWorld(load_city("random:7:10x20"), cars=100, seed=1)
    world.run(45 * 60.0)
    waits_s = [wait_s for waits in world.ride_s.values() for wait_s in waits]
    assert len(waits_s) > 600
    assert max(waits_s) < 1500.0
    assert min(map(len, world.ride_s.values())) > 80
