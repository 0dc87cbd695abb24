"""The road of a car as operators see it: what it holds, and how far it may drive."""

from __future__ import annotations

import pytest

from city.city import City
from fleet.messages import SILENT_CAR_S, DriveMode
from fleet.views import CarStatus, RoadView
from server import views
from server.operations import hold_car
from server.right_of_way import Refusal
from tests.server.scene import Scene


@pytest.fixture
def scene(city: City) -> Scene:
    return Scene(city)


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


def test_why_a_car_waits_has_a_code(scene: Scene) -> None:
    scene.car(2, 0.2)
    scene.go()
    car = scene.fleet.cars["car-0"]
    for reason, code in (
        (Refusal.NOT_FIRST.value, "not_first"),
        ("there is no way from 3 to 8", "no_route"),
        (None, None),
    ):
        car.wait_reason = reason
        shown = views.car_view(scene.fleet, car, scene.now_s)
        assert (shown.wait_reason, shown.wait_code) == (reason, code)
