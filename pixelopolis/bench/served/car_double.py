"""A car without wheels: follows orders and releases along the map exactly, and reports as a car does."""

from __future__ import annotations

import itertools

from city.city import City
from fleet.messages import (
    DriveMode,
    HandLimit,
    Hello,
    Manual,
    Order,
    Position,
    Release,
    Report,
    Search,
    ToCar,
    Welcome,
)
from fleet.vehicle import DEFAULT_VEHICLE

AT_STOP_M = 0.02


class BadOrderError(Exception):
    """An order that no car could follow."""


class CarDouble:
    """The driving of one car. It stops where its release, its order or a stop line ends."""

    def __init__(self, city: City, car_id: str, edge: int, s_m: float) -> None:
        self.city = city
        self.car_id = car_id
        self.edge = edge
        self.s_m = s_m
        self.next_edge: int | None = None
        self.mode = DriveMode.IDLE
        self.order: Order | None = None
        self.index = 0
        self.release: Release | None = None
        self.search: Search | None = None
        self.welcome: Welcome | None = None
        self.edges_entered = 0
        self.battery_low = False
        self.manual: Manual | None = None
        self.strayed_m = 0.0
        self.is_out_of_lane = False  # driven there by hand; then it does not know its place
        self._sequence = itertools.count()

    @property
    def hello(self) -> Hello:
        """What it says first."""
        return Hello(car_id=self.car_id, device_id=f"board-{self.car_id}")

    @property
    def position(self) -> Position:
        """Where it is."""
        return Position(edge=self.edge, s_m=self.s_m, next_edge=self.next_edge if self.is_on_node else None)

    @property
    def is_on_node(self) -> bool:
        """Whether it crosses the node at the end of its edge."""
        return self.s_m > self.length_m

    @property
    def length_m(self) -> float:
        """Of its edge."""
        return self.city.edges[self.edge].curve.length_m

    def report(self) -> Report:
        """What it says now."""
        lost = self.mode is DriveMode.LOCALISING or self.is_out_of_lane
        return Report(
            sequence=next(self._sequence),
            mode=self.mode,
            position=None if lost else self.position,
            speed_mps=0.25 if self.mode in (DriveMode.DRIVING, DriveMode.MANUAL) else 0.0,
            order_id=self.order.order_id if self.order else None,
            order_index=self.index,
            battery_percent=10 if self.battery_low else 80,
            battery_v=10.6 if self.battery_low else 11.8,
            battery_low=self.battery_low,
            limited_by=HandLimit.OFF_LANE if self.is_out_of_lane and self.mode is DriveMode.MANUAL else None,
        )

    def hear(self, message: ToCar) -> None:
        """Take in what the server says.

        Raises:
            BadOrderError: if it is an order that no car could follow.
        """
        if isinstance(message, Order):
            self._take(message)
        elif isinstance(message, Release):
            self.release = message
        elif isinstance(message, Search):
            self.search = message
        elif isinstance(message, Welcome):
            self.welcome = message
        elif isinstance(message, Manual):
            self.manual = message

    def _take(self, order: Order) -> None:
        edges = [step.edge for step in order.steps]
        if self.edge not in edges[:2]:
            raise BadOrderError(f"{self.car_id} is on {self.edge}, not on {edges}")
        if self.order is None or self.order.order_id != order.order_id:
            self.mode = DriveMode.IDLE
        self.order, self.index = order, edges.index(self.edge)
        if self.is_on_node and edges[self.index + 1] != self.next_edge:
            raise BadOrderError(f"{self.car_id} crosses a node to {self.next_edge}: its order must not say {edges}")

    def drive(self, distance_m: float) -> None:
        """Drive on so far, or as far as allowed."""
        order, release = self.order, self.release
        if release is not None and release.hold:
            self._drive_by_hand(distance_m, order, release)
        elif order is not None and release is not None and release.order_id == order.order_id:
            self._drive(distance_m, order, release)

    def _drive_by_hand(self, distance_m: float, order: Order | None, release: Release) -> None:
        manual, stands = self.manual, DriveMode.LOCALISING if self.is_out_of_lane else DriveMode.WAITING
        if manual is None or manual.released:
            self.mode = stands
        elif self.is_out_of_lane:
            self.mode = DriveMode.MANUAL
            self.strayed_m += distance_m if manual.may_leave_lane and manual.speed_mps else 0.0
        elif order is not None and release.order_id == order.order_id:
            self._drive(distance_m if manual.speed_mps else 0.0, order, release)
            self.mode = DriveMode.MANUAL

    def _drive(self, distance_m: float, order: Order, release: Release) -> None:
        if release.index > self.index or self.is_on_node:
            self._cross(distance_m, order)
            return
        limit_m = min(release.s_m, self.length_m - DEFAULT_VEHICLE.front_overhang_m)
        goal_m = order.stop_s_m if self.index == len(order.steps) - 1 else None
        if goal_m is not None:
            limit_m = min(limit_m, goal_m)
        if self.s_m < limit_m - 1e-9:
            self.s_m = min(limit_m, self.s_m + distance_m)
            self.mode = DriveMode.DRIVING
        elif goal_m is not None and abs(self.s_m - goal_m) <= AT_STOP_M:
            self.mode = DriveMode.ARRIVED
        else:
            self.mode = DriveMode.WAITING

    def _cross(self, distance_m: float, order: Order) -> None:
        self.mode = DriveMode.DRIVING
        self.s_m += distance_m
        self.next_edge = order.steps[self.index + 1].edge
        way_m = self.city.movements[self.edge, self.next_edge].curve.length_m
        if self.s_m > self.length_m + way_m:
            self.s_m -= self.length_m + way_m
            self.edge, self.next_edge = self.next_edge, None
            self.index += 1
            self.edges_entered += 1
