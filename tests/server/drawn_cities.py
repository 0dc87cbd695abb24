"""Cities that are only streets: which nodes they join, and for how many cars each has room."""

from __future__ import annotations

from city.city import City, Edge, Node
from city.geometry import line
from server.traffic.road import SLOT_M

NODE_M = 0.16  # of an edge that no slot takes, so that the shortest one is as long as in the default city

Streets = tuple[tuple[int, int, int], ...]  # from node, to node, room for so many cars

EIGHT: Streets = ((1, 2, 2), (2, 1, 1), (1, 3, 1), (3, 1, 2))
THETA: Streets = ((1, 2, 1), (2, 3, 1), (3, 1, 1), (1, 4, 1), (4, 3, 1))
BIG_EIGHT: Streets = ((1, 2, 1), (2, 3, 1), (3, 1, 1), (1, 4, 1), (4, 5, 1), (5, 1, 1))
THREE_LOOPS: Streets = ((1, 2, 1), (2, 3, 1), (3, 1, 1), (2, 4, 1), (4, 2, 1), (3, 5, 1), (5, 3, 1))
LADDER: Streets = ((1, 2, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1), (5, 6, 1), (6, 1, 1), (2, 5, 1), (3, 6, 1))


def drawn_city(streets: Streets) -> City:
    """A city of these streets, numbered from 1 on. Where they lie is of no interest."""
    nodes = {node: Node(node, 0.0, 0.0) for start, end, _ in streets for node in (start, end)}
    edges = {
        k: Edge(k, start, end, 0, 1.0, line((0.0, float(k)), (NODE_M + slots * SLOT_M, float(k))))
        for k, (start, end, slots) in enumerate(streets, 1)
    }
    return City("drawn", 0.36, nodes, edges, (), {})
