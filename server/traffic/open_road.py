"""What is left of a city's roads while some of its edges are closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from city.city import City
from server.traffic.escape_ring import escape_ring, escapes
from server.traffic.road import Road

REMEMBERED = 256  # sets of closed edges, in one city or a few


@dataclass(frozen=True, slots=True)
class OpenRoad:
    """The open edges, and the way out of any jam on them.

    Attributes:
        closed: edges that nobody may enter.
        escape: by edge, the next edge of its way to the escape ring; edges without such a way are left out.
        served: edges from which and to which an open way leads, from and to the ring. All, where there is no ring.
        cut_off: open edges from which no open way leads to the ring any more; who is there waits.
        fleet_limit: how many cars can always be kept moving; None where the whole city has no closed way round.
    """

    closed: frozenset[int]
    escape: Mapping[int, int]
    served: frozenset[int]
    cut_off: frozenset[int]
    fleet_limit: int | None

    def serves(self, edge: int) -> bool:
        """Whether cars get to an edge and on from there; while nothing is closed that is the city's own matter."""
        return not self.closed or edge in self.served

    def has_room_for(self, cars: int) -> bool:
        """Whether so many cars can always be kept moving."""
        return self.fleet_limit is None or cars <= self.fleet_limit


@lru_cache(maxsize=REMEMBERED)
def open_road(road: Road, closed: frozenset[int]) -> OpenRoad:
    """What is left of `road` without `closed` edges; its escape ring stays the same where that is still open."""
    city = road.city
    ring = road.ring if closed.isdisjoint(road.ring) else escape_ring(city, road.slots, closed)
    if not ring:
        open_edges = frozenset(city.edges) - closed
        return OpenRoad(closed, {}, open_edges, frozenset(), None if road.fleet_limit is None else 0)
    escape = escapes(city, ring, closed)
    served = _reached(city, ring, closed) & escape.keys()
    return OpenRoad(
        closed=closed,
        escape=escape,
        served=served,
        cut_off=frozenset(city.edges) - escape.keys() - closed,
        fleet_limit=road.limit_of(ring),
    )


def _reached(city: City, ring: tuple[int, ...], closed: Collection[int]) -> frozenset[int]:
    reached = set(ring)
    frontier = list(ring)
    for edge in frontier:
        for movement in city.successors(edge):
            if movement.to_edge not in reached and movement.to_edge not in closed:
                reached.add(movement.to_edge)
                frontier.append(movement.to_edge)
    return frozenset(reached)
