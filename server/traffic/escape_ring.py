"""A closed way round the city on which there is always room: why the fleet can never lock up.

Let R be a cycle of edges, following one another through movements and each used once, with room for C cars in all.
While fewer than C cars are in the city, R always has a free slot. Give every edge one *escape*: on R the next edge of
R, elsewhere the next edge of a shortest way to R. Suppose that no car moves and each may take its escape. If any car
is on R, some car on R stands before an edge of R with a free slot and can take it. If none is, the car nearest to R
has nothing before it. Either way a car can move, so the fleet never stands still for want of room. A node adds no
waiting of its own: it is granted together with the next edge, so the car on it leaves it without asking.

While edges are closed the same holds on what is left: R then uses open edges only, and so do the ways to it. A car on
an edge from which no open way leads to R waits there; it takes nothing from the others, as none of their escapes
leads over such an edge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import networkx as nx

from city.city import City

MAX_IMPROVEMENTS = 1000


def escape_ring(city: City, slots: Mapping[int, int], closed: Collection[int] = frozenset()) -> tuple[int, ...]:
    """Edges of a roomy cycle without closed ones, in driving order; empty when there is none.

    Starts from the roomiest of the shortest cycles and swaps stretches of it for roomier ones until none is left.
    """
    lanes = _lane_graph(city).copy()
    lanes.remove_nodes_from(closed)
    ring = max((_shortest_cycle(lanes, edge) for edge in lanes), key=lambda r: _room(r, slots), default=())
    for _ in range(MAX_IMPROVEMENTS):
        better = _improved(lanes, ring, slots)
        if better is None:
            break
        ring = better
    return ring


def escapes(city: City, ring: tuple[int, ...], closed: Collection[int] = frozenset()) -> dict[int, int]:
    """The escape of every edge, closed ones included, from which an open way leads to the ring."""
    if not ring:
        return {}
    onward = {edge: ring[(k + 1) % len(ring)] for k, edge in enumerate(ring)}
    backwards = _lane_graph(city).reverse(copy=False)
    frontier = list(ring)
    for edge in frontier:
        for before in sorted(backwards[edge]):
            if before not in onward:
                onward[before] = edge
                if before not in closed:
                    frontier.append(before)
    return onward


@lru_cache(maxsize=8)
def _lane_graph(city: City) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(sorted(city.edges))
    graph.add_edges_from(sorted(city.movements))
    return graph


def _room(edges: Iterable[int], slots: Mapping[int, int]) -> int:
    return sum(slots[edge] for edge in edges)


def _shortest_cycle(lanes: nx.DiGraph[int], edge: int) -> tuple[int, ...]:
    ways = [_way(lanes, after, {edge}, set()) for after in sorted(lanes[edge])]
    lengths = [(len(way), way) for way in ways if way]
    return tuple(min(lengths)[1]) if lengths else ()


def _improved(lanes: nx.DiGraph[int], ring: tuple[int, ...], slots: Mapping[int, int]) -> tuple[int, ...] | None:
    on_ring = set(ring)
    backwards = lanes.reverse(copy=False)
    for edge in lanes:
        if edge in on_ring:
            continue
        back = _way(backwards, edge, on_ring, set())
        if not back:
            continue
        forth = _way(lanes, edge, on_ring, set(back[1:-1]))
        if not forth:
            continue
        leave, enter = ring.index(back[-1]), ring.index(forth[-1])
        kept = ring[enter : leave + 1] if enter <= leave else ring[enter:] + ring[: leave + 1]
        candidate = kept + tuple(back[-2:0:-1]) + tuple(forth[:-1])
        if _room(candidate, slots) > _room(ring, slots):
            return candidate
    return None


def _way(lanes: nx.DiGraph[int], start: int, goals: set[int], barred: set[int]) -> list[int]:
    """A shortest way from `start` to the first of `goals`, both included; empty when there is none."""
    came_from: dict[int, int] = {start: start}
    frontier = [start]
    for edge in frontier:
        if edge in goals:
            way = [edge]
            while way[-1] != start:
                way.append(came_from[way[-1]])
            return way[::-1]
        for after in sorted(lanes[edge]):
            if after not in came_from and after not in barred:
                came_from[after] = edge
                frontier.append(after)
    return []
