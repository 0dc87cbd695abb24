"""Watches a fleet by the truth: does anybody still move, how long do cars wait at nodes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from city.geometry import Pose
from fleet.messages import DriveMode
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.grant_desk import ESCAPE_AFTER_S
from server.rides.booking import ARRIVED_TIMEOUT_S

MOVED_M = 0.01
# docs/architecture.md, Right of way: nobody moves for as long as a visitor may stand at the place in the way, then a
# car that has waited for ESCAPE_AFTER_S takes its escape; the rest is for reports, steps and releases on their way.
STANDSTILL_S = ARRIVED_TIMEOUT_S + ESCAPE_AFTER_S + 4.0


class MovementWatch:
    """Counts deadlocks: nobody of those that want to move has moved for longer than can be without one."""

    def __init__(self) -> None:
        self._places: dict[str, Pose] = {}
        self._moved_s = 0.0
        self._is_locked = False
        self.deadlocks = 0

    def look(self, now_s: float, poses: Mapping[str, Pose], wanting: Collection[str], *, excused: bool) -> None:
        """Take in where the cars are now.

        Args:
            now_s: when.
            poses: of all cars.
            wanting: the cars that want to move.
            excused: a fault may keep them.
        """
        moved = False
        for car_id, pose in poses.items():
            place = self._places.get(car_id)
            if place is None or math.hypot(pose.x_m - place.x_m, pose.y_m - place.y_m) > MOVED_M:
                self._places[car_id] = pose
                moved = True
        if moved or excused or not wanting:
            self._moved_s, self._is_locked = now_s, False
        elif now_s - self._moved_s > STANDSTILL_S and not self._is_locked:
            self._is_locked = True
            self.deadlocks += 1


@dataclass(frozen=True, slots=True)
class Wait:
    """A car waited for a node."""

    seconds: float
    car_id: str
    edge: int
    until_s: float


class WaitWatch:
    """The longest wait at a node: from asking for it to being let in, without the times in which a fault was about."""

    def __init__(self) -> None:
        self.longest = Wait(0.0, "", 0, 0.0)
        self._from_s: dict[str, float] = {}

    def look(self, now_s: float, fleet: FleetState, *, excused: bool) -> None:
        """Take in who waits now."""
        if excused:
            self._from_s = dict.fromkeys(fleet.cars, now_s)
            return
        for car_id, car in fleet.cars.items():
            if car.waiting_since_s is None:
                continue
            waited_s = now_s - max(car.waiting_since_s, self._from_s.get(car_id, 0.0))
            if waited_s > self.longest.seconds:
                self.longest = Wait(waited_s, car_id, fleet.right_of_way.holdings[car_id].edge, now_s)


def wants_to_move(fleet: FleetState, car_id: str) -> bool:
    """Whether a car is on its way: it works, and does not stand where its visitor wanted to go."""
    car = fleet.cars.get(car_id)
    return car is not None and car.is_fit and car.report is not None and car.report.mode is not DriveMode.ARRIVED
