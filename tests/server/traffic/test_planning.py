"""Routes to places, wandering, and orders."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from car.piloting.intent import ARRIVES_BEYOND_M
from city.city import City, Command
from city.errors import NoRouteError
from city.routing import shortest_route
from server.traffic.planning import (
    Stop,
    can_still_stop,
    cost_to_serve,
    has_passed,
    make_order,
    roam,
    route_to_stop,
    stop_at,
    stop_station_m,
    traps,
)


def test_the_way_to_a_place_keeps_what_is_held(city: City) -> None:
    route = route_to_stop(city, (3, 4), stop_at(city.places["museum"]), stops_here=True)
    assert route == (3, 4, 5, 6, 7)
    assert route_to_stop(city, (3,), stop_at(city.places["museum"]), stops_here=True) == (3, 15, 14, 6, 7)


def test_a_place_that_was_just_missed_is_reached_on_the_next_round(city: City) -> None:
    museum = stop_at(city.places["museum"])
    assert route_to_stop(city, (7,), museum, stops_here=True) == (7,)
    assert route_to_stop(city, (7,), museum, stops_here=False) == (7, 9, 11, 13, 7)


def test_round_a_closed_road_or_through_it_if_there_is_no_other(city: City) -> None:
    museum = stop_at(city.places["museum"])
    assert route_to_stop(city, (3,), museum, stops_here=True, avoided={15}) == (3, 4, 5, 6, 7)
    assert 6 in route_to_stop(city, (5,), museum, stops_here=True, closed={6}, avoided={6})


def test_rather_past_a_car_that_stands_than_over_a_road_that_operators_have_closed(city: City) -> None:
    museum = stop_at(city.places["museum"])
    assert route_to_stop(city, (3,), museum, stops_here=True, closed={15}, avoided={4, 15}) == (3, 4, 5, 6, 7)


def test_no_way_at_all(city: City) -> None:
    with pytest.raises(NoRouteError):
        route_to_stop(city, (99,), stop_at(city.places["museum"]), stops_here=True)


def test_whether_a_car_can_still_stop(city: City) -> None:
    museum = stop_at(city.places["museum"])
    assert can_still_stop(museum, museum.s_m - 0.15, speed_mps=0.3)
    assert not can_still_stop(museum, museum.s_m - 0.05, speed_mps=0.3)
    assert can_still_stop(museum, museum.s_m + 0.05, speed_mps=0.0)
    assert not can_still_stop(museum, museum.s_m + 0.15, speed_mps=0.0)
    assert stop_station_m(museum, None) == stop_station_m(museum, 0.1) == museum.s_m
    assert stop_station_m(museum, museum.s_m + 0.05) == museum.s_m + 0.05


def test_a_car_that_stands_too_far_beyond_a_stop_has_passed_it(city: City) -> None:
    museum = stop_at(city.places["museum"])
    assert has_passed(museum, museum.s_m + 0.11, speed_mps=0.0)
    assert not has_passed(museum, museum.s_m + 0.11, speed_mps=0.1)
    assert not has_passed(museum, museum.s_m + 0.09, speed_mps=0.0)
    for beyond_m in (0.0, 0.05, 0.10, 0.15):  # who can still stop has not passed
        s_m = museum.s_m + beyond_m
        assert has_passed(museum, s_m, speed_mps=0.0) is not can_still_stop(museum, s_m, speed_mps=0.0)


def test_beyond_a_stop_a_car_has_arrived_or_is_sent_round(city: City) -> None:
    """Where neither held, it would wait there for ever."""
    museum = stop_at(city.places["museum"])
    assert has_passed(museum, museum.s_m + ARRIVES_BEYOND_M, speed_mps=0.0)


def test_wandering_follows_the_streets_and_keeps_away_from_closed_ones(city: City) -> None:
    for seed in range(20):
        route = roam(city, (3,), random.Random(seed), {}, closed={15})
        assert route[0] == 3
        assert len(route) == 9
        assert 15 not in route
        assert all(pair in city.movements for pair in pairwise(route))


def test_wandering_prefers_empty_streets(city: City) -> None:
    onto_the_ring = sum(roam(city, (3,), random.Random(seed), {4: 3}, steps=1)[1] == 4 for seed in range(200))
    assert onto_the_ring < 40


def test_edges_that_only_lead_to_closed_ones_are_traps(city: City) -> None:
    assert traps(city, {14}) == {14, 15, 12}
    assert traps(city, {13}) == {13}
    assert traps(city, set()) == frozenset()


def test_an_order_says_what_to_expect(city: City) -> None:
    order = make_order(city, "o1", (3, 15, 14), Stop(7, 0.4, "museum"))
    assert [step.edge for step in order.steps] == [3, 15, 14]
    assert [step.node for step in order.steps] == [4, 11, 6]
    assert [step.command for step in order.steps] == [Command.LEFT, Command.FORWARD, Command.FOLLOW]
    assert order.steps[0].sign == "Planetarium"
    assert (order.place, order.stop_s_m) == ("museum", 0.4)


def test_cost_to_serve_is_the_mean_over_places(city: City) -> None:
    costs = [shortest_route(city, 3, place.edge).cost for place in city.places.values()]
    assert cost_to_serve(city, 3) == pytest.approx(sum(costs) / 5)
