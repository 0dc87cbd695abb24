"""Routes and route lines."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.city import City, Command
from city.errors import NoRouteError
from city.files import load_city
from city.geometry import wrap_angle
from city.route_line import RouteLine
from city.routing import shortest_route

# From the installation's spawn place (path 1): place -> edges and cost.
KNOWN = {
    "museum": ((1, 2, 3, 15, 14, 6, 7), 10),
    "landmark": ((1, 2, 3, 15, 14, 6), 8),
    "planetarium": ((1, 2, 3, 4), 6),
    "international_town": ((1, 2), 2),
    "wedding_hall": ((1, 2, 3, 15, 14, 6, 7, 8), 12),
}


@pytest.mark.parametrize("place", KNOWN)
def test_the_installations_five_routes(place: str) -> None:
    city = load_city("pixelopolis")
    route = shortest_route(city, 1, city.places[place].edge)
    assert (route.edges, route.cost) == KNOWN[place]


def test_the_pair_that_the_installation_got_wrong() -> None:
    assert shortest_route(load_city("pixelopolis"), 11, 15).cost == 10


def cheapest(city: City, start: int, goal: int) -> float:
    """An independent solver: plain Dijkstra over edges."""
    done: dict[int, float] = {}
    queue = [(0.0, start)]
    while queue:
        cost, edge = heapq.heappop(queue)
        if edge in done:
            continue
        done[edge] = cost
        for movement in city.successors(edge):
            heapq.heappush(queue, (cost + city.edges[movement.to_edge].cost, movement.to_edge))
    return done.get(goal, math.inf)


@pytest.mark.parametrize("name", ["pixelopolis", "straight", "random:3", "random:11"])
def test_every_pair_ends_and_is_optimal(name: str) -> None:
    city = load_city(name)
    for start in city.edges:
        for goal in city.edges:
            route = shortest_route(city, start, goal)
            assert route.cost == pytest.approx(cheapest(city, start, goal))
            assert route.edges[0] == start
            assert route.edges[-1] == goal
            RouteLine(city, route.edges)  # raises if the edges do not follow each other


def test_closed_edges_are_driven_round_or_said() -> None:
    city = load_city("pixelopolis")
    assert shortest_route(city, 1, 6, closed=frozenset({15})).edges == (1, 2, 3, 4, 5, 6)
    assert shortest_route(city, 15, 6, closed=frozenset({15})).edges == (15, 14, 6), "a car may leave a closed edge"
    with pytest.raises(NoRouteError, match=r"edge 1 to edge 6 while \[4, 15\] are closed"):
        shortest_route(city, 1, 6, closed=frozenset({4, 15}))
    with pytest.raises(NoRouteError, match="no edge 99"):
        shortest_route(city, 99, 6)


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_route_lines_are_continuous_and_projections_come_back(seed: int) -> None:
    city = load_city(f"random:{seed}")
    edges = sorted(city.edges)
    route = shortest_route(city, edges[seed % len(edges)], edges[(seed // 7) % len(edges)])
    line = RouteLine(city, route.edges)
    assert line.length_m == pytest.approx(sum(s.curve.length_m for s in line.segments))
    steps = [line.pose_at(k * line.length_m / 400) for k in range(401)]
    for before, after in pairwise(steps):
        gap_m = math.hypot(after.x_m - before.x_m, after.y_m - before.y_m)
        assert gap_m <= line.length_m / 400 + 1e-3
        assert abs(wrap_angle(after.heading_rad - before.heading_rad)) < 5.0 * line.length_m / 400 + 0.02
    s_m = 0.37 * line.length_m
    pose = line.pose_at(s_m)
    assert line.project(pose.x_m, pose.y_m, near_s_m=s_m, window_m=0.2).s_m == pytest.approx(s_m, abs=5e-3)


def test_segments_alternate_and_know_their_commands() -> None:
    city = load_city("pixelopolis")
    line = RouteLine(city, (3, 15, 14))
    assert [s.kind for s in line.segments] == ["edge", "movement", "edge", "movement", "edge"]
    assert [s.command for s in line.segments] == [
        Command.FOLLOW, Command.LEFT, Command.FOLLOW, Command.FORWARD, Command.FOLLOW,
    ]  # fmt: skip
    assert [s.index for s in line.segments] == [0, 0, 1, 1, 2]
    assert line.edge_start_m(1) == line.segments[2].start_m
    assert line.edge_end_m(1) == pytest.approx(line.edge_start_m(1) + city.edges[15].curve.length_m)
    assert line.curvature_at(line.segments[1].start_m + 0.2) == pytest.approx(1 / 0.32, rel=0.01)
    assert line.segment_at(-1.0) is line.segments[0]
    assert line.segment_at(99.0) is line.segments[-1]


def test_edges_that_do_not_follow_are_refused() -> None:
    city = load_city("pixelopolis")
    with pytest.raises(NoRouteError, match="edge 9 does not follow edge 2"):
        RouteLine(city, (2, 9))
    with pytest.raises(NoRouteError, match="at least one"):
        RouteLine(city, ())
    with pytest.raises(NoRouteError, match="no edge 77"):
        RouteLine(city, (77,))
    with pytest.raises(ValueError, match="no part"):
        RouteLine(city, (2,)).project(0, 0, near_s_m=50.0)
