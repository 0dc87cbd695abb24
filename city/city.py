"""The city as the rest of the project sees it: immutable, complete and already checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np

from city.geometry import Curve, Pose, blend

# A movement that turns by less than this goes straight on.
FORWARD_LIMIT_RAD = math.radians(35.0)
DEFAULT_LANE_WIDTH_M = 0.36


class Command(StrEnum):
    """What to do at the next node; FOLLOW between nodes."""

    FOLLOW = "follow"
    FORWARD = "forward"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Node:
    """A place where edges meet. Only one car is on a node at any time."""

    id: int
    x_m: float
    y_m: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A one-way lane from node `start` to the stop line at node `end`; `curve` is its centre line."""

    id: int
    start: int
    end: int
    priority: int  # 0 goes first at the end node
    cost: float
    curve: Curve


@dataclass(frozen=True, slots=True)
class Movement:
    """A way through a node, from the end of one edge to the start of another."""

    node: int
    from_edge: int
    to_edge: int
    command: Command
    curve: Curve


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign board beside the end of an edge. `pose.heading_rad` is the direction in which its face looks."""

    kind: str
    edge: int
    pose: Pose
    width_m: float
    height_m: float
    bottom_m: float


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: the drive axle stops at station `stop_s_m` of `edge`."""

    id: str
    edge: int
    stop_s_m: float
    names: Mapping[str, str]  # by language tag
    sign: str  # kind of the sign that stands at the stop


@dataclass(frozen=True, eq=False)
class City:
    """A whole city."""

    name: str
    lane_width_m: float
    nodes: Mapping[int, Node]
    edges: Mapping[int, Edge]
    signs: tuple[Sign, ...]
    places: Mapping[str, Place]
    movements: Mapping[tuple[int, int], Movement] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "movements", _movements(self.edges))

    @cached_property
    def _successors(self) -> Mapping[int, tuple[Movement, ...]]:
        return self._grouped(lambda movement: movement.from_edge)

    @cached_property
    def _predecessors(self) -> Mapping[int, tuple[Movement, ...]]:
        return self._grouped(lambda movement: movement.to_edge)

    def _grouped(self, edge_of: Callable[[Movement], int]) -> Mapping[int, tuple[Movement, ...]]:
        groups: dict[int, list[Movement]] = {edge: [] for edge in self.edges}
        for movement in self.movements.values():
            groups[edge_of(movement)].append(movement)
        return {edge: tuple(group) for edge, group in groups.items()}

    @cached_property
    def _signs_by_edge(self) -> Mapping[int, Sign]:
        return {sign.edge: sign for sign in self.signs}

    def successors(self, edge_id: int) -> tuple[Movement, ...]:
        """The ways on from the end of an edge."""
        return self._successors[edge_id]

    def predecessors(self, edge_id: int) -> tuple[Movement, ...]:
        """The ways onto an edge."""
        return self._predecessors[edge_id]

    def sign_at(self, edge_id: int) -> Sign | None:
        """The sign at the end of an edge, if there is one."""
        return self._signs_by_edge.get(edge_id)

    @cached_property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """(x_min, y_min, x_max, y_max) of the road surface."""
        curves = [e.curve for e in self.edges.values()] + [m.curve for m in self.movements.values()]
        points = np.concatenate([curve.points_m for curve in curves])
        low, high = points.min(axis=0) - self.lane_width_m / 2, points.max(axis=0) + self.lane_width_m / 2
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _movements(edges: Mapping[int, Edge]) -> dict[tuple[int, int], Movement]:
    leaving: dict[int, list[Edge]] = {}
    for edge in edges.values():
        leaving.setdefault(edge.start, []).append(edge)
    found = {}
    for arriving in edges.values():
        for onward in leaving.get(arriving.end, ()):
            before, after = arriving.curve, onward.curve
            curve = blend(before.pose_at(before.length_m), after.pose_at(0.0))
            found[arriving.id, onward.id] = Movement(arriving.end, arriving.id, onward.id, turn_command(curve), curve)
    return found


def turn_command(curve: Curve) -> Command:
    """The command that a way through a node amounts to, by the angle that it turns."""
    turned_rad = float(curve.headings_rad[-1] - curve.headings_rad[0])
    if abs(turned_rad) < FORWARD_LIMIT_RAD:
        return Command.FORWARD
    return Command.LEFT if turned_rad > 0 else Command.RIGHT
