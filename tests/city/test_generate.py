"""Random cities: always valid, always drivable, the same for the same seed."""

from __future__ import annotations

import math

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.errors import CityError
from city.files import city_text, load_city
from city.generate import random_city_document

seeds = st.integers(0, 10**9 - 1)


@settings(max_examples=50)
@given(seeds)
def test_random_cities_are_valid_and_drivable(seed: int) -> None:
    city = load_city(f"random:{seed}")  # all checks of a file, reachability included
    assert len(city.places) == 5
    assert {sign.edge for sign in city.signs} == set(city.edges)
    for edge in city.edges.values():
        assert edge.curve.length_m > 0.4
        assert max(abs(edge.curve.curvatures_per_m)) < 4.0
        assert city.successors(edge.id), "every edge leads on"
    for movement in city.movements.values():
        assert max(abs(movement.curve.curvatures_per_m)) < 4.0
    onward: nx.DiGraph[int] = nx.DiGraph(list(city.movements))
    assert nx.is_strongly_connected(onward)


@settings(max_examples=25)
@given(seeds)
def test_signs_stand_beside_the_road_not_on_it(seed: int) -> None:
    city = load_city(f"random:{seed}")
    curves = [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]
    for sign in city.signs:
        nearest_m = min(curve.project(sign.pose.x_m, sign.pose.y_m).distance_m for curve in curves)
        assert nearest_m > city.lane_width_m / 2 + 0.04
        lane = city.edges[sign.edge].curve
        end = lane.pose_at(lane.length_m)
        assert math.cos(sign.pose.heading_rad - end.heading_rad) < -0.99, "its face looks at the oncoming car"


def test_the_same_seed_gives_the_same_text_and_other_seeds_do_not() -> None:
    assert city_text("random:5") == city_text("random:5")
    assert city_text("random:5") != city_text("random:6")


def test_the_size_can_be_asked_for() -> None:
    document = random_city_document(1, columns=10, rows=8)
    assert len(document["nodes"]) > 60


def test_a_random_city_can_be_told_how_large_to_be() -> None:
    city = load_city("random:7:5x6")
    assert city.name == "random:7:5x6"
    assert len(city.nodes) == 30
    assert city_text("random:7:5x6") == city_text("random:7:5x6") != city_text("random:7")
    with pytest.raises(CityError, match="2 columns"):
        load_city("random:7:1x6")
