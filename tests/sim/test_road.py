"""The road's surface, lane departures, and on which edge a car is."""

import math
import random

import pytest

from city.city import City
from city.files import load_city
from city.geometry import Pose
from sim.lane_watch import LaneWatch
from sim.road import BORDER_M, RoadMap, road_map
from sim.whereabouts import NOWHERE, Locator


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture(scope="module")
def road(city: City) -> RoadMap:
    return road_map(city)


def test_margins_agree_with_the_curves(city: City, road: RoadMap) -> None:
    curves = [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]
    rng = random.Random(1)
    x_min, y_min, x_max, y_max = city.bounds_m
    for _ in range(200):
        x_m, y_m = rng.uniform(x_min, x_max), rng.uniform(y_min, y_max)
        exact_m = city.lane_width_m / 2 - min(curve.project(x_m, y_m).distance_m for curve in curves)
        assert road.margin_m(x_m, y_m) == pytest.approx(max(exact_m, -BORDER_M), abs=0.003)


def test_outside_the_map_is_far_off_the_road(road: RoadMap) -> None:
    assert road.margin_m(50.0, 0.0) == -BORDER_M
    assert road.margin_m(0.0, -50.0) == -BORDER_M


def test_the_margin_is_that_of_the_outer_wheel(road: RoadMap) -> None:
    watch = LaneWatch(road)
    middle = Pose(2.4, 0.6, math.pi / 2)
    assert watch.margin_m(middle) == pytest.approx(0.18 - 0.0625, abs=0.002)
    assert watch.margin_m(Pose(2.45, 0.6, math.pi / 2)) == pytest.approx(0.18 - 0.0625 - 0.05, abs=0.002)


def test_an_excursion_is_counted_once_and_ends_one_centimetre_inside(road: RoadMap) -> None:
    watch = LaneWatch(road)

    def drive(lateral_m: float) -> int:
        watch.update(Pose(2.4 - lateral_m, 0.6, math.pi / 2))
        return watch.departures

    edge_m = 0.18 - 0.0625
    assert drive(0.0) == 0
    assert drive(edge_m - 0.005) == 0
    assert drive(edge_m + 0.005) == 1
    assert drive(edge_m - 0.005) == 1  # back, but not yet by a centimetre
    assert drive(edge_m + 0.005) == 1
    assert drive(edge_m - 0.015) == 1
    assert drive(-edge_m - 0.005) == 2


def test_following_a_route_names_every_edge_and_movement(city: City) -> None:
    locator = Locator(city)
    here = NOWHERE
    seen: list[object] = []
    curves = [city.edges[2].curve, city.movements[2, 3].curve, city.edges[3].curve, city.movements[3, 15].curve]
    for curve in curves:
        for s_m in (0.25, 0.5, 0.75):
            pose = curve.pose_at(s_m * curve.length_m)
            here = locator.locate(pose, here)
            assert here.s_m == pytest.approx(s_m * curve.length_m, abs=0.01)
            seen.append(here.lane)
    assert seen == [2] * 3 + [(2, 3)] * 3 + [3] * 3 + [(3, 15)] * 3


def test_at_a_crossing_the_lane_fits_where_the_car_was(city: City) -> None:
    locator = Locator(city)
    crossing = next(m for m in city.movements.values() if len(city.predecessors(m.to_edge)) > 1)
    pose = crossing.curve.pose_at(crossing.curve.length_m / 2)
    before = locator.locate(city.edges[crossing.from_edge].curve.pose_at(0.5))
    assert locator.locate(pose, before).lane == (crossing.from_edge, crossing.to_edge)


def test_against_the_traffic_or_off_the_road_is_nowhere(city: City) -> None:
    locator = Locator(city)
    assert locator.locate(Pose(2.4, 0.6, -math.pi / 2)) == NOWHERE
    assert locator.locate(Pose(1.8, 0.6, 0.0)).lane is None


def test_lateral_is_positive_on_the_left(city: City) -> None:
    here = Locator(city).locate(Pose(2.37, 0.6, math.pi / 2))
    assert here.edge == 2
    assert here.lateral_m == pytest.approx(0.03)
