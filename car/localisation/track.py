"""A known place on the city's graph and how it moves along."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Pose
from fleet.messages import Position

# Variance gained per metre driven: 2.5 cm after half a metre, about what 2 cm beside the line cost in a turn.
VARIANCE_PER_METRE_M = 1.2e-3


@dataclass(frozen=True, slots=True)
class Track:
    """The drive axle's station on an edge; beyond the edge's end it goes on along the way to `next_edge`."""

    edge: int
    s_m: float
    variance_m2: float
    next_edge: int | None = None  # where the car will go or is going at the edge's end, as far as known

    def on_movement(self, city: City) -> bool:
        """Whether the axle is past the end of the edge."""
        return self.s_m > city.edges[self.edge].curve.length_m

    def position(self, city: City) -> Position:
        """As told to the server: `next_edge` only while crossing the node."""
        return Position(edge=self.edge, s_m=self.s_m, next_edge=self.next_edge if self.on_movement(city) else None)

    def pose(self, city: City, ahead_m: float = 0.0) -> Pose:
        """Pose of the lane's centre line here, or `ahead_m` farther on as far as the way is known."""
        s_m = self.s_m + ahead_m
        curve = city.edges[self.edge].curve
        if s_m <= curve.length_m or self.next_edge is None:
            return curve.pose_at(s_m)
        movement = city.movements[self.edge, self.next_edge].curve
        beyond_m = s_m - curve.length_m
        if beyond_m <= movement.length_m:
            return movement.pose_at(beyond_m)
        return city.edges[self.next_edge].curve.pose_at(beyond_m - movement.length_m)

    def points_m(self, city: City, ahead_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2) of the lane's centre line at increasing distances (n,) ahead, as `pose` has them."""
        stations_m = self.s_m + ahead_m
        edge = city.edges[self.edge].curve
        if self.next_edge is None:
            return edge.points_at(stations_m)
        movement, onward = city.movements[self.edge, self.next_edge].curve, city.edges[self.next_edge].curve
        beyond_m = stations_m - edge.length_m
        on_edge, on_movement = np.searchsorted(beyond_m, (0.0, movement.length_m), side="right").tolist()
        return np.concatenate(
            (
                edge.points_at(stations_m[:on_edge]),
                movement.points_at(beyond_m[on_edge:on_movement]),
                onward.points_at(beyond_m[on_movement:] - movement.length_m),
            )
        )

    def curvature_per_m(self, city: City, ahead_m: float = 0.0) -> float:
        """Curvature of the lane's centre line here, or `ahead_m` farther on as far as the way is known."""
        s_m = self.s_m + ahead_m
        curve = city.edges[self.edge].curve
        if s_m <= curve.length_m or self.next_edge is None:
            return curve.curvature_at(s_m)
        return city.movements[self.edge, self.next_edge].curve.curvature_at(s_m - curve.length_m)

    def advance(self, city: City, distance_m: float, way_on: int | None) -> Track:
        """The track after `distance_m` more; `way_on` is the edge that the order takes next, if any."""
        s_m = self.s_m + distance_m
        variance_m2 = self.variance_m2 + VARIANCE_PER_METRE_M * abs(distance_m)
        length_m = city.edges[self.edge].curve.length_m
        if s_m <= length_m:
            return Track(self.edge, s_m, variance_m2, way_on)
        next_edge = self.next_edge if self.on_movement(city) else way_on
        if next_edge is None:
            next_edge = _only_way(city, self.edge)
        moved = replace(self, s_m=s_m, variance_m2=variance_m2, next_edge=next_edge)
        if next_edge is None:
            return moved
        whole_m = length_m + city.movements[self.edge, next_edge].curve.length_m
        return moved if s_m < whole_m else Track(next_edge, s_m - whole_m, variance_m2)


def _only_way(city: City, edge: int) -> int | None:
    ways = city.successors(edge)
    return ways[0].to_edge if len(ways) == 1 else None


def track_at(city: City, position: Position, variance_m2: float) -> Track | None:
    """The track for a position told by another; None if the city has no such place."""
    edge = city.edges.get(position.edge)
    if edge is None or position.s_m < 0:
        return None
    onward_m = 0.0
    if position.next_edge is not None:
        movement = city.movements.get((position.edge, position.next_edge))
        if movement is None:
            return None
        onward_m = movement.curve.length_m
    s_m = min(position.s_m, edge.curve.length_m + onward_m)
    return Track(position.edge, s_m, variance_m2, position.next_edge)
