"""The lane network's surrogate: steering as the expert's, for the way that the command names, with measured errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache

from car.camera.frame import Picture
from car.perception.seen import LaneView
from city.city import City, Command
from city.geometry import wrap_angle
from city.route_line import RouteLine
from fleet.steering import steering_from_curvature
from models.lane.labels import ACTUATION_DELAY_S, CRUISE_SPEED_MPS, roll
from pixelopolis.evaluation.fleet.surrogate.measured import (
    HEADING_SIGMA_RAD,
    LANE_ERROR_LASTS_S,
    LATERAL_SIGMA_M,
    STEERING_SIGMA,
)
from pixelopolis.evaluation.fleet.surrogate.scene import Scene
from pixelopolis.evaluation.fleet.surrogate.wandering import Wandering
from sim.expert import curvature_from
from sim.whereabouts import Whereabouts

ROLLED_M = ACTUATION_DELAY_S * CRUISE_SPEED_MPS  # the labels are for where the car is when the wheels answer
WINDOW_M = 0.15  # around where the car was, in which it is looked for
BLIND = LaneView(0.0)


class SurrogateLane:
    """Looks at the scene of the newest picture."""

    def __init__(self, city: City, scene: Callable[[], Scene | None], rng: random.Random) -> None:
        self._city = city
        self._scene = scene
        self._steering, self._lateral, self._heading = (Wandering(rng, LANE_ERROR_LASTS_S) for _ in range(3))

    def reset(self) -> None:
        """It remembers nothing."""

    def look(self, picture_bgr: Picture, command: Command) -> LaneView:  # noqa: ARG002  # the scene is known
        """Steering, and how the car stands in its lane."""
        scene = self._scene()
        if scene is None or scene.whereabouts.lane is None:
            return BLIND
        way = way_ahead(self._city, scene.whereabouts, command)
        line = route_line(self._city, way)
        here = line.project(scene.pose.x_m, scene.pose.y_m, _station_m(line, scene.whereabouts), WINDOW_M)
        later = roll(scene.pose, ROLLED_M, line.curvature_at(here.s_m))
        steering = steering_from_curvature(curvature_from(line, later, here.s_m + ROLLED_M))
        now_s = scene.captured_s
        return LaneView(
            max(-1.0, min(1.0, steering + STEERING_SIGMA * self._steering.at(now_s))),
            here.lateral_m + LATERAL_SIGMA_M * self._lateral.at(now_s),
            wrap_angle(scene.pose.heading_rad - here.heading_rad) + HEADING_SIGMA_RAD * self._heading.at(now_s),
        )


def way_ahead(city: City, whereabouts: Whereabouts, command: Command) -> tuple[int, ...]:
    """The edge that a car is on or leaves, and the one that the command leads to, if any does.

    Without a command for this node the network goes on as it has begun, or straightest.
    """
    edge = whereabouts.edge
    begun: int | None = None
    if whereabouts.movement is not None:
        edge, begun = whereabouts.movement
    assert edge is not None  # noqa: S101  # a place on the graph has one of the two
    onward = city.successors(edge)
    for movement in onward:
        if movement.command is command:
            return edge, movement.to_edge
    if begun is not None:
        return edge, begun
    straightest = min(onward, key=lambda way: abs(way.curve.headings_rad[-1] - way.curve.headings_rad[0]), default=None)
    return (edge,) if straightest is None else (edge, straightest.to_edge)


@lru_cache(maxsize=4096)
def route_line(city: City, way: tuple[int, ...]) -> RouteLine:
    """The line along a way, made once."""
    return RouteLine(city, way)


def _station_m(line: RouteLine, whereabouts: Whereabouts) -> float:
    return whereabouts.s_m if whereabouts.movement is None else line.edge_end_m(0) + whereabouts.s_m
