"""On which edge, or way through a node, a car truly is: the nearest lane that fits where it was before."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from city.city import City
from city.geometry import Curve, Pose, wrap_angle

HEADING_WEIGHT_M = 0.1  # a lane that points one radian away counts as this much further off
STAY_BONUS_M = 0.002  # of two lanes that are equally near, the car is on the one on which it was
WRONG_WAY_RAD = math.radians(75.0)

Lane = int | tuple[int, int]  # an edge's id, or a movement's (from_edge, to_edge)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place on the city's graph. Both `edge` and `movement` are None off the road."""

    edge: int | None
    movement: tuple[int, int] | None
    s_m: float  # along the edge or the movement
    lateral_m: float  # left of its centre line positive

    @property
    def lane(self) -> Lane | None:
        """The edge or the movement."""
        return self.movement if self.edge is None else self.edge


NOWHERE = Whereabouts(None, None, 0.0, 0.0)


def _in_order(lanes: Iterable[Lane]) -> tuple[Lane, ...]:
    """Lanes in an order that is the same every time."""
    return tuple(sorted(lanes, key=repr))


class Locator:
    """Follows one car over the city's graph, given its true pose again and again."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._everything = _in_order((*city.edges, *city.movements))
        self._around = {lane: _in_order(self._lanes_around(lane)) for lane in self._everything}

    def locate(self, pose: Pose, before: Whereabouts = NOWHERE) -> Whereabouts:
        """Where the car is, looking around where it was `before` first, then everywhere."""
        if before.lane is not None:
            found = self._nearest(pose, self._around[before.lane], before.lane)
            if found is not NOWHERE:
                return found
        return self._nearest(pose, self._everything, None)

    def _lanes_around(self, lane: Lane) -> set[Lane]:
        if isinstance(lane, tuple):
            from_edge, to_edge = lane
            siblings = ((m.from_edge, m.to_edge) for m in self._city.successors(from_edge))
            return {*siblings, from_edge, to_edge}
        onward = ((m.from_edge, m.to_edge) for m in self._city.successors(lane))
        behind = ((m.from_edge, m.to_edge) for m in self._city.predecessors(lane))
        return {lane, *onward, *behind}

    def _nearest(self, pose: Pose, lanes: Iterable[Lane], current: Lane | None) -> Whereabouts:
        best, best_cost_m = NOWHERE, math.inf
        for lane in lanes:
            found = self._curve(lane).project(pose.x_m, pose.y_m)
            turn_rad = abs(wrap_angle(pose.heading_rad - found.heading_rad))
            if found.distance_m > self._city.lane_width_m or turn_rad > WRONG_WAY_RAD:
                continue
            cost_m = found.distance_m + HEADING_WEIGHT_M * turn_rad - STAY_BONUS_M * (lane == current)
            if cost_m < best_cost_m:
                edge, movement = (None, lane) if isinstance(lane, tuple) else (lane, None)
                best, best_cost_m = Whereabouts(edge, movement, found.s_m, found.lateral_m), cost_m
        return best

    def _curve(self, lane: Lane) -> Curve:
        return self._city.movements[lane].curve if isinstance(lane, tuple) else self._city.edges[lane].curve
