"""Whether operators leave the fleet enough road. Pure."""

from __future__ import annotations

from server.traffic.open_road import OpenRoad, open_road
from server.traffic.operator_acts import OperatorActs
from server.traffic.road import Road


def too_small(road: Road, acts: OperatorActs, cars: int) -> OpenRoad | None:
    """What is left of the roads, if not all of so many cars can be kept moving on it; None if they can.

    Cars that were sent somewhere stand on edges that others do not need, and move again when they are released.
    """
    for closed, moving in ((acts.taken_edges, cars - len(acts.errands)), (frozenset(acts.closed_edges), cars)):
        left = open_road(road, closed)
        if moving > 0 and not left.has_room_for(moving):
            return left
    return None
