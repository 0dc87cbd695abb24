"""Nobody waits for ever: the way out of the car that has waited longest is kept free of others. Pure.

Ranks alone do not do that. A slot that comes free far ahead wanders back towards a waiting car, edge by edge, and at
each node on its way others may take it who have waited longer there. So from `KEPT_AFTER_S` on, nobody else enters the
edges that lead from the waiting car along the escapes to the first free slot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

KEPT_AFTER_S = 120.0


def kept_way(
    escape: Mapping[int, int], start: int, has_room: Callable[[int], bool], closed: Collection[int]
) -> tuple[int, ...]:
    """The edges from the escape of `start` on to the first with room; empty if one of them or `start` is closed.

    A car that stands before the waiting one keeps it, and slots beyond a closed road do not come back: nothing is
    gained by keeping others away.
    """
    way: list[int] = []
    edge = escape.get(start)
    while edge is not None and edge not in way:
        if start in closed or edge in closed:
            return ()
        way.append(edge)
        if has_room(edge):
            return tuple(way)
        edge = escape.get(edge)
    return ()
