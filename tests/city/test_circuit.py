"""Random circuits: closed, winding, drivable, without a choice, the same for the same seed."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from city.city import City, Command
from city.files import city_text, load_city
from city.route_line import RouteLine

seeds = st.integers(0, 10**9 - 1)


def round_trip(city: City) -> RouteLine:
    edges = [1]
    while len(edges) < len(city.edges) + 1:
        (onward,) = city.successors(edges[-1])
        edges.append(onward.to_edge)
    assert edges[0] == edges[-1], "the way leads back to where it began"
    return RouteLine(city, edges[:-1])


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_circuits_close_and_are_no_sharper_than_a_car_can_turn(seed: int) -> None:
    city = load_city(f"circuit:{seed}")
    assert round_trip(city).length_m > 4.0
    curves = [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]
    assert max(np.abs(curve.curvatures_per_m).max() for curve in curves) < 3.6
    assert {movement.command for movement in city.movements.values()} == {Command.FORWARD}


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_the_road_never_runs_into_itself(seed: int) -> None:
    city = load_city(f"circuit:{seed}")
    line = round_trip(city)
    stations_m = np.arange(0.0, line.length_m, 0.05)
    points = np.array([(p.x_m, p.y_m) for p in map(line.pose_at, stations_m)])
    apart_m = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    along_m = np.abs(stations_m[:, None] - stations_m[None])
    along_m = np.minimum(along_m, line.length_m - along_m)
    assert apart_m[along_m > 1.2].min() > city.lane_width_m


def test_seeds_differ_in_shape_and_direction() -> None:
    assert city_text("circuit:5") == city_text("circuit:5")
    turned = [
        sum(float(e.curve.headings_rad[-1] - e.curve.headings_rad[0]) for e in load_city(f"circuit:{k}").edges.values())
        for k in range(12)
    ]
    assert {math.copysign(1, angle) for angle in turned} == {1.0, -1.0}, "some are driven clockwise, some not"
    lengths = {round(round_trip(load_city(f"circuit:{k}")).length_m, 2) for k in range(6)}
    assert len(lengths) == 6
