"""Routes: the cheapest way from the edge on which a car is to another edge."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

import networkx as nx

from city.city import City
from city.errors import NoRouteError


@dataclass(frozen=True, slots=True)
class Route:
    """Edges to drive, the first being the one on which the car is. The cost leaves out that first edge."""

    edges: tuple[int, ...]
    cost: float


@lru_cache(maxsize=8)
def _graph(city: City) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(sorted(city.edges))
    for from_edge, to_edge in sorted(city.movements):
        graph.add_edge(from_edge, to_edge, cost=city.edges[to_edge].cost)
    return graph


def shortest_route(city: City, start_edge: int, goal_edge: int, closed: Set[int] = frozenset()) -> Route:
    """The cheapest route from `start_edge` to `goal_edge` that enters no closed edge.

    Raises:
        NoRouteError: if there is none, or an edge is unknown.
    """
    for edge in (start_edge, goal_edge):
        if edge not in city.edges:
            raise NoRouteError(f"there is no edge {edge} in city {city.name}")
    graph: nx.Graph[int] = _graph(city)
    if closed:
        graph = nx.restricted_view(graph, [edge for edge in closed if edge in graph and edge != start_edge], [])
    try:
        cost, edges = nx.bidirectional_dijkstra(graph, start_edge, goal_edge, weight="cost")
    except (nx.NetworkXNoPath, nx.NodeNotFound) as error:
        barred = f" while {sorted(closed)} are closed" if closed else ""
        raise NoRouteError(f"there is no way from edge {start_edge} to edge {goal_edge}{barred}") from error
    return Route(tuple(edges), float(cost))
