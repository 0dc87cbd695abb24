"""Routes: the cheapest way from the edge on which a car is to another edge."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from city.city import City
from city.errors import NoRouteError

REMEMBERED = 64  # street graphs: of a few cities, each with some sets of closed edges


@dataclass(frozen=True, slots=True)
class Route:
    """Edges to drive, the first being the one on which the car is. The cost leaves out that first edge."""

    edges: tuple[int, ...]
    cost: float


def shortest_route(city: City, start_edge: int, goal_edge: int, closed: Set[int] = frozenset()) -> Route:
    """The cheapest route from `start_edge` to `goal_edge` that enters no closed edge.

    Raises:
        NoRouteError: if there is none, or an edge is unknown.
    """
    for edge in (start_edge, goal_edge):
        if edge not in city.edges:
            raise NoRouteError(f"there is no edge {edge} in city {city.name}")
    if start_edge == goal_edge:
        return Route((start_edge,), 0.0)
    way = None
    if goal_edge not in closed:
        way = _streets(city, frozenset(closed)).way(city.edges[start_edge].end, city.edges[goal_edge].start)
    if way is None:
        barred = f" while {sorted(closed)} are closed" if closed else ""
        raise NoRouteError(f"there is no way from edge {start_edge} to edge {goal_edge}{barred}")
    edges = (start_edge, *way, goal_edge)
    return Route(edges, float(sum(city.edges[edge].cost for edge in edges[1:])))


class _Streets:
    """The open edges as a graph of nodes: every way through a node may be driven, so there is no need for one of edges.

    SciPy's Dijkstra runs in C and finds the ways to all nodes, which in a city of 10,000 nodes is far faster than to
    stop at the goal in Python.
    """

    def __init__(self, city: City, closed: Set[int]) -> None:
        self._number = {node: k for k, node in enumerate(city.nodes)}
        self._nodes = tuple(city.nodes)
        cheapest: dict[tuple[int, int], tuple[float, int]] = {}  # of parallel edges only this one is ever driven
        for edge in city.edges.values():
            if edge.id not in closed:
                ends = edge.start, edge.end
                cheapest[ends] = min(cheapest.get(ends, (np.inf, -1)), (edge.cost, edge.id))
        self._edges = {ends: edge for ends, (_, edge) in cheapest.items()}
        costs = [cost for cost, _ in cheapest.values()]
        starts = [self._number[start] for start, _ in cheapest]
        ends_at = [self._number[end] for _, end in cheapest]
        self._costs = csr_array((costs, (starts, ends_at)), shape=(len(self._number),) * 2, dtype=np.float64)

    def way(self, start: int, goal: int) -> tuple[int, ...] | None:
        """The edges of a cheapest way between two nodes; None if there is none."""
        before: NDArray[np.int32]
        _, before = dijkstra(self._costs, indices=self._number[start], return_predecessors=True)
        edges: list[int] = []
        node = goal
        while node != start:
            number = int(before[self._number[node]])
            if number < 0:
                return None
            edges.append(self._edges[self._nodes[number], node])
            node = self._nodes[number]
        return tuple(reversed(edges))


_streets = lru_cache(maxsize=REMEMBERED)(_Streets)
