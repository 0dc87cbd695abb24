"""The closed way round: it is one, it is roomy, and every edge leads to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.city import City
from city.files import load_city
from server.traffic.escape_ring import escape_ring, escapes
from server.traffic.road import Road


def check(city: City) -> None:
    slots = Road(city).slots
    ring = escape_ring(city, slots)
    assert len(set(ring)) == len(ring) > 0
    assert all((ring[k - 1], edge) in city.movements for k, edge in enumerate(ring))
    onward = escapes(city, ring)
    assert set(onward) == set(city.edges)
    for start in city.edges:
        edge, steps = start, 0
        while edge not in ring:
            assert (edge, onward[edge]) in city.movements
            edge, steps = onward[edge], steps + 1
            assert steps <= len(city.edges)


@pytest.mark.parametrize("name", ["pixelopolis", "straight", "square", "curvy"])
def test_shipped_cities(name: str) -> None:
    check(load_city(name))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_random_cities(seed: int) -> None:
    check(load_city(f"random:{seed}"))


def test_default_city_goes_round_the_outside() -> None:
    road = Road(load_city("pixelopolis"))
    assert set(escape_ring(road.city, road.slots)) == {1, 2, 3, 4, 5, 6, 7, 8}
    assert road.fleet_limit == 15
