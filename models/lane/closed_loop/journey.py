"""A closed loop: a car, a route, and who steers. Shared by evaluation and by collecting with a model at the wheel."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from city.city import City, Command
from city.geometry import Pose
from city.route_line import RouteLine, Segment
from fleet.vehicle import DEFAULT_VEHICLE
from models.lane.closed_loop.drive import DriveDouble, Mechanics
from models.lane.labels import CRUISE_SPEED_MPS, LaneLabel, lane_label
from sim.expert import beside

TURN_SPEED_MPS = 0.10
HALF_TRACK_M = DEFAULT_VEHICLE.track_m / 2
SLOW_BEFORE_TURN_M = 0.10
START_STATION_M = 0.12
END_MARGIN_M = 0.4

BgrFrame = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class PilotHabits:
    """Where the pilot gives a movement's command and where it takes it back, as distances along the route."""

    before_stop_line_m: float = 0.22
    past_movement_m: float = 0.05


@dataclass(frozen=True, slots=True)
class Moment:
    """One camera frame's time in a journey."""

    pose: Pose
    label: LaneLabel  # the truth, which only the expert and the score may use
    command: Command


@dataclass(frozen=True, slots=True)
class JourneyEnd:
    """How a journey ended: `why` is "time", "route", "departure" (a wheel off the road) or "wrong_turn"."""

    seconds: float
    why: str


Steer = Callable[[Moment], float]


class Journey:
    """A car on its way along a route, one camera frame at a time."""

    def __init__(
        self,
        city: City,
        line: RouteLine,
        mechanics: Mechanics,
        *,
        frame_period_s: float = 0.04,
        habits: PilotHabits | None = None,
        start_lateral_m: float = 0.0,
        start_heading_rad: float = 0.0,
    ) -> None:
        self.line = line
        self.time_s = 0.0
        self._city = city
        self._half_lane_m = city.lane_width_m / 2
        self._habits = habits or PilotHabits()
        self._movements = [segment for segment in line.segments if segment.kind == "movement"]
        self._period_s = frame_period_s
        self._car = DriveDouble(beside(line, START_STATION_M, start_lateral_m, start_heading_rad), mechanics)
        self._station_m = START_STATION_M

    def drive(self, seconds: float, steer: Steer) -> JourneyEnd:
        """Let `steer` drive until the time is over, the route is, or the car is not where it ought to be."""
        while self.time_s < seconds:
            moment = self._look()
            if (why := self._ended(moment)) is not None:
                return JourneyEnd(self.time_s, why)
            self._car.command(steer(moment), self._speed_mps())
            self._car.step(self._period_s)
            self.time_s += self._period_s
        return JourneyEnd(self.time_s, "time")

    def _look(self) -> Moment:
        label = lane_label(self.line, self._car.pose, self._station_m)
        self._station_m = label.station_m
        return Moment(self._car.pose, label, self._command())

    def _ended(self, moment: Moment) -> str | None:
        if self._a_wheel_is_off_the_road(moment):
            return "departure"
        if abs(moment.label.lateral_m) > self._half_lane_m:
            return "wrong_turn"  # on a road, but not on the one that was commanded
        return "route" if self._station_m > self.line.length_m - END_MARGIN_M else None

    def _a_wheel_is_off_the_road(self, moment: Moment) -> bool:
        """Whether the middle of a wheel is outside every lane: those of crossings overlap, so one is enough."""
        if abs(moment.label.lateral_m) + HALF_TRACK_M <= self._half_lane_m:
            return False
        curves = [edge.curve for edge in self._city.edges.values()]
        curves += [movement.curve for movement in self._city.movements.values()]
        pose = moment.pose
        for side_m in (-HALF_TRACK_M, HALF_TRACK_M):
            x_m = pose.x_m - side_m * math.sin(pose.heading_rad)
            y_m = pose.y_m + side_m * math.cos(pose.heading_rad)
            if all(curve.project(x_m, y_m).distance_m > self._half_lane_m for curve in curves):
                return True
        return False

    def _command(self) -> Command:
        before_m, past_m = self._habits.before_stop_line_m, self._habits.past_movement_m
        for segment in self._movements:
            if segment.start_m - before_m <= self._station_m <= segment.end_m + past_m:
                return segment.command
        return Command.FOLLOW

    def _speed_mps(self) -> float:
        turning = any(self._is_turn_at(segment) for segment in self._movements)
        return TURN_SPEED_MPS if turning else CRUISE_SPEED_MPS

    def _is_turn_at(self, segment: Segment) -> bool:
        if segment.command is Command.FORWARD:
            return False
        return segment.start_m - SLOW_BEFORE_TURN_M <= self._station_m <= segment.end_m
