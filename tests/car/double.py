"""A car without computers: drives along a route line just as the wheels say, and sees signs from where it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from car.localisation.landmarks import FACING_LIMIT_RAD, expect
from car.perception.perception import Perception
from car.perception.seen import LaneView
from car.perception.sighting import CarSighting, SignSighting
from car.piloting.orders import ServerWords
from car.piloting.pilot import Pilot
from car.piloting.pilot_state import PilotInputs, PilotOutputs, PilotState
from car.wheels import Odometer
from city.city import City, Command
from city.geometry import Pose
from city.route_line import RouteLine
from fleet.messages import Order, OrderStep, Position, Release, Welcome
from fleet.steering import steering_from_curvature
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE

MOTOR_LAG_S = 0.05


def order_along(city: City, edges: Sequence[int], stop_s_m: float | None = None, name: str = "order-1") -> Order:
    """The order that a server would send for these edges."""
    steps = []
    for k, edge in enumerate(edges):
        sign = city.sign_at(edge)
        command = city.movements[edge, edges[k + 1]].command if k + 1 < len(edges) else Command.FOLLOW
        steps.append(OrderStep(edge=edge, node=city.edges[edge].end, sign=sign.kind if sign else None, command=command))
    return Order(order_id=name, steps=tuple(steps), stop_s_m=stop_s_m)


def signs_seen_from(city: City, pose: Pose, far_m: float = 1.5) -> tuple[SignSighting, ...]:
    """What a perfect detector would see at `pose`."""
    found = []
    for sign in city.signs:
        seen = expect(sign, pose, DEFAULT_CAMERA)
        if seen.range_m > far_m or abs(seen.facing_rad) > FACING_LIMIT_RAD:
            continue
        ahead_m, left_m = seen.range_m * math.cos(seen.bearing_rad), seen.range_m * math.sin(seen.bearing_rad)
        if ahead_m < abs(left_m) + 0.06 or ahead_m < 0.25:
            continue
        found.append(
            SignSighting(
                sign.kind, 0.9, ahead_m + 0.08, left_m, seen.range_m, seen.bearing_rad, 0.012 + 0.06 * seen.range_m**2
            )
        )
    return tuple(found)


@dataclass
class Double:
    """Wheels and eyes of a car on a route line; `s_m` is the truth, measured along the whole line."""

    city: City
    edges: tuple[int, ...]
    s_m: float
    wheel_error: float = 0.0  # how much farther the wheels say that it went
    see: bool = True
    cars: tuple[CarSighting, ...] = ()
    faults: tuple[str, ...] = ()
    speed_mps: float = 0.0
    now_s: float = 100.0
    lateral_m: float | None = None
    heading_rad: float | None = None
    state: PilotState = field(default_factory=PilotState)
    history: list[PilotOutputs] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = RouteLine(self.city, self.edges)
        self.pilot = Pilot(self.city)
        self._odometer = Odometer()
        self._left_rad = self._right_rad = 0.0

    def words(
        self, order: Order | None = None, release: Release | None = None, heard_s: float | None = None
    ) -> ServerWords:
        """A server that remembers where the car was when it started."""
        return ServerWords(
            connected=True,
            welcome=Welcome(city=self.city.name),
            order=order,
            release=release,
            release_heard_s=self.now_s if heard_s is None else heard_s,
        )

    def position(self) -> Position:
        """The truth, as a report would say it."""
        segment = self.line.segment_at(self.s_m)
        start_m = self.line.edge_start_m(segment.index)
        return Position(edge=segment.edge, s_m=self.s_m - start_m, next_edge=segment.to_edge)

    def tick(self, server: ServerWords, period_s: float = 0.04, frame: bool = True, board: bool = True) -> PilotOutputs:
        """One period: look, step the pilot, turn the wheels."""
        self.now_s += period_s
        pose = self.line.pose_at(self.s_m)
        perception = None
        if frame:
            perception = Perception(
                self.now_s - 0.02,
                LaneView(steering_from_curvature(self.line.curvature_at(self.s_m)), self.lateral_m, self.heading_rad),
                signs_seen_from(self.city, pose) if self.see else (),
                self.cars,
            )
        odometry = self._odometer.update(
            self._left_rad, self._right_rad, self.speed_mps / 0.0315, self.speed_mps / 0.0315
        )
        inputs = PilotInputs(perception, odometry if board else None, server, self.faults, battery_v=11.5)
        self.state, outputs = self.pilot.step(self.state, inputs, self.now_s)
        self._drive(outputs, period_s)
        self.history.append(outputs)
        return outputs

    def run(self, server: ServerWords, seconds: float, fresh: bool = True) -> PilotOutputs:
        """Many periods; with `fresh`, the release is heard again in each."""
        for _ in range(round(seconds / 0.04)):
            heard_s = self.now_s if fresh else server.release_heard_s
            outputs = self.tick(replace(server, release_heard_s=heard_s, search_heard_s=heard_s))
        return outputs

    def find_itself(self) -> None:
        """Stand and look until it knows where it is."""
        for _ in range(60):
            self.tick(self.words())
            if self.state.localisation.track is not None:
                return
        raise AssertionError("the car has not found its place")

    def _drive(self, outputs: PilotOutputs, period_s: float) -> None:
        radius_m, track_m = DEFAULT_VEHICLE.wheel_radius_m, DEFAULT_VEHICLE.track_m
        wanted_mps = (outputs.left_rad_s + outputs.right_rad_s) / 2 * radius_m
        before_mps = self.speed_mps
        self.speed_mps += (wanted_mps - self.speed_mps) * (1 - math.exp(-period_s / MOTOR_LAG_S))
        distance_m = (before_mps + self.speed_mps) / 2 * period_s
        turned_rad = distance_m * self.line.curvature_at(self.s_m)
        self.s_m += distance_m
        measured_m = distance_m * (1 + self.wheel_error)
        self._left_rad += (measured_m - turned_rad * track_m / 2) / radius_m
        self._right_rad += (measured_m + turned_rad * track_m / 2) / radius_m
