"""A route as one line: edges and the ways through the nodes between them, with one running distance."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from city.city import City, Command
from city.errors import NoRouteError
from city.geometry import Curve, Pose, Projection


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a route line: an edge, or the movement from it to the next edge."""

    kind: Literal["edge", "movement"]
    index: int  # which edge of the route; for a movement, the edge that it leaves
    edge: int
    to_edge: int | None
    node: int | None
    command: Command
    start_m: float
    end_m: float
    curve: Curve


class RouteLine:
    """The line that a car follows along consecutive edges."""

    def __init__(self, city: City, edges: Sequence[int]) -> None:
        """Join `edges`.

        Raises:
            NoRouteError: if there are none, or two of them do not follow each other in the city.
        """
        if not edges:
            raise NoRouteError("a route needs at least one edge")
        self.edges = tuple(edges)
        segments: list[Segment] = []
        end_m = 0.0
        for index, edge_id in enumerate(self.edges):
            if edge_id not in city.edges:
                raise NoRouteError(f"there is no edge {edge_id} in city {city.name}")
            curve = city.edges[edge_id].curve
            start_m, end_m = end_m, end_m + curve.length_m
            segments.append(Segment("edge", index, edge_id, None, None, Command.FOLLOW, start_m, end_m, curve))
            if index + 1 < len(self.edges):
                movement = city.movements.get((edge_id, self.edges[index + 1]))
                if movement is None:
                    raise NoRouteError(
                        f"edge {self.edges[index + 1]} does not follow edge {edge_id} in city {city.name}"
                    )
                start_m, end_m = end_m, end_m + movement.curve.length_m
                segments.append(
                    Segment(
                        "movement",
                        index,
                        edge_id,
                        movement.to_edge,
                        movement.node,
                        movement.command,
                        start_m,
                        end_m,
                        movement.curve,
                    )
                )
        self.segments = tuple(segments)
        self.length_m = end_m
        self._starts_m = [segment.start_m for segment in segments]

    def segment_at(self, s_m: float) -> Segment:
        """The segment that holds distance `s_m`, clamped to the line's ends."""
        return self.segments[max(0, bisect_right(self._starts_m, s_m) - 1)]

    def pose_at(self, s_m: float) -> Pose:
        """Pose of the line at distance `s_m`, clamped to its ends."""
        segment = self.segment_at(s_m)
        return segment.curve.pose_at(s_m - segment.start_m)

    def curvature_at(self, s_m: float) -> float:
        """Curvature in 1/m at distance `s_m`."""
        segment = self.segment_at(s_m)
        return segment.curve.curvature_at(s_m - segment.start_m)

    def edge_start_m(self, index: int) -> float:
        """Where the route's edge number `index` starts on the line."""
        return self.segments[2 * index].start_m

    def edge_end_m(self, index: int) -> float:
        """Where the route's edge number `index` ends on the line: its stop line."""
        return self.segments[2 * index].end_m

    def project(self, x_m: float, y_m: float, near_s_m: float | None = None, window_m: float = 1.0) -> Projection:
        """The nearest point of the line; with `near_s_m`, only segments within `window_m` of it are looked at."""
        best: Projection | None = None
        for segment in self.segments:
            if near_s_m is not None and not (segment.start_m - window_m <= near_s_m <= segment.end_m + window_m):
                continue
            found = segment.curve.project(x_m, y_m)
            if best is None or found.distance_m < best.distance_m:
                best = Projection(segment.start_m + found.s_m, found.lateral_m, found.distance_m, found.heading_rad)
        if best is None:
            raise ValueError(f"no part of the route is within {window_m} m of station {near_s_m}")
        return best
