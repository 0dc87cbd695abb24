"""The road of a car as operators see it: what it holds, and how far it may drive."""

from __future__ import annotations

import pytest

from city.city import City
from fleet.messages import SILENT_CAR_S, DriveMode
from fleet.views import CarStatus, RoadView
from server.dispatch import views
from server.fleet_control.car_state import NO_ROUTE
from server.fleet_control.operations import hold_car
from server.fleet_control.order_desk import OrderDesk
from server.fleet_control.road_now import road_now
from server.traffic.planning import SERVICE, Goal, Stop
from server.traffic.right_of_way import Refusal
from tests.server.scene import Scene


def road_of(scene: Scene, car_id: str = "car-0") -> RoadView | None:
    return views.car_view(scene.fleet, scene.fleet.cars[car_id], scene.now_s).road


def test_a_car_that_never_told_a_place_has_none(scene: Scene) -> None:
    car = scene.car(2, 0.2)
    car.mode = DriveMode.LOCALISING
    scene.go()
    assert road_of(scene) is None


@pytest.fixture
def longest(city: City) -> int:
    """An edge on which a car can be far from the next node."""
    return max(city.edges, key=lambda edge: city.edges[edge].curve.length_m)


def test_far_from_the_node_it_holds_its_edge_alone(scene: Scene, city: City, longest: int) -> None:
    scene.car(longest, 0.1)
    scene.go()
    shown = road_of(scene)
    assert shown is not None
    assert (shown.edges, shown.released_edge) == ((longest,), longest)
    assert shown.released_s_m == pytest.approx(city.edges[longest].curve.length_m, abs=0.001)


def test_a_granted_passage_is_shown_with_the_end_of_the_release(scene: Scene) -> None:
    car = scene.car(3, 0.3)
    scene.go()
    scene.go()
    shown = road_of(scene)
    assert shown is not None
    holding = scene.fleet.right_of_way.holdings["car-0"]
    assert shown.edges == holding.way
    assert len(shown.edges) == 2
    assert car.release is not None
    assert (shown.released_edge, car.release.index) == (shown.edges[1], 1)
    assert shown.released_s_m == pytest.approx(car.release.s_m, abs=0.001)


def test_a_held_car_keeps_its_road_and_may_use_none_of_it(scene: Scene, longest: int) -> None:
    scene.car(longest, 0.1)
    scene.go()
    hold_car(scene.fleet, "car-0")
    assert road_of(scene) == RoadView(edges=(longest,))


def test_a_silent_car_keeps_its_road_and_may_use_none_of_it(scene: Scene, longest: int) -> None:
    scene.car(longest, 0.1)
    scene.go()
    scene.now_s += SILENT_CAR_S + 1
    scene.fleet.step(scene.now_s)
    assert scene.fleet.cars["car-0"].status is CarStatus.LOST
    assert road_of(scene) == RoadView(edges=(longest,))


def waits_for(scene: Scene, car_id: str) -> tuple[str | None, str | None]:
    shown = views.car_view(scene.fleet, scene.fleet.cars[car_id], scene.now_s)
    return shown.wait_code, shown.wait_reason


def test_a_car_behind_another_is_said_to_wait_for_it(scene: Scene, city: City) -> None:
    scene.car(3, 0.3)
    scene.car(3, 0.1)
    hold_car(scene.fleet, "car-0")
    scene.go()
    assert waits_for(scene, "car-0") == (None, None)
    assert waits_for(scene, "car-1") == ("not_first", Refusal.NOT_FIRST.value)


def test_a_car_without_a_way_to_its_goal_is_said_to_have_none(scene: Scene) -> None:
    scene.car(2, 0.2)
    scene.go()
    car, fleet = scene.fleet.cars["car-0"], scene.fleet
    nowhere = Goal(SERVICE, Stop(edge=99, s_m=0.2))
    road = road_now(fleet.right_of_way, fleet.cars, fleet.acts, scene.now_s)
    OrderDesk(fleet.city, fleet.right_of_way, seed=1, series="1").plan(car, nowhere, road)
    code, reason = waits_for(scene, "car-0")
    assert code == NO_ROUTE
    assert reason is not None
    assert "99" in reason
