"""One car as the server sees it, and how far it may creep while it looks for its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urljoin

from fleet.messages import SILENT_CAR_S, DriveMode, Order, Position, Report
from fleet.views import CarStatus
from server.fleet_control.hand import Hand
from server.traffic.planning import STANDING_MPS, Goal
from server.traffic.right_of_way import Limit, RightOfWay

FREE_SEARCH_M = 0.25  # for a car of which nothing is known
LONG_SEARCH_M = 1.2  # for such a car that found nothing, while all others keep off the nodes: past the next sign
STALE_MARGIN_M = 0.05  # that a car may have driven after its last report
NO_ROUTE = "no_route"


class Wait(NamedTuple):
    """Why a car waits: a code for programs (a `Refusal`'s name, or `NO_ROUTE`), and the server's words."""

    code: str
    reason: str


@dataclass(slots=True)
class CarState:
    """What is known of a car now; only `CarRecord` of it is stored.

    Attributes:
        position: the last one that it reported, or the stored one.
        position_is_stored: `position` comes from the store, and the car may be farther along its road.
        order: the order that the car should be following.
        offset: the order's step on which the car is.
        released: how far it was last told that it may drive.
        goal: what `order` is for; None when it roams.
        search_m: how far it may creep in all, while it does not know where it is.
        may_cross: it found nothing on its edge, and may creep on through the node that it holds.
        battery_low: it said so last, and takes no new visitor.
        mode_since_s: how long it has been in the mode of its report.
        held_since_s: how long an operator has held it, alone or with all others.
        long_search_since_s: it has no place at all, found nothing, and may creep far while the others wait.
        wait: why it was not granted the node ahead, or given a route.
        hand: of the operator who has its wheel.
        is_out_of_lane: it was driven out of its lane by hand, and is, or has not found its place since.
    """

    car_id: str
    device_id: str
    stream_url: str | None = None
    position: Position | None = None
    position_is_stored: bool = False
    last_seen_s: float = 0.0
    status: CarStatus = CarStatus.LOST
    report: Report | None = None
    order: Order | None = None
    offset: int = 0
    released: Limit | None = None
    goal: Goal | None = None
    search_m: float | None = None
    may_cross: bool = False
    long_search_since_s: float | None = None
    localising_since_s: float | None = None
    waiting_since_s: float | None = None
    wait: Wait | None = None
    battery_low: bool = False
    mode_since_s: float = 0.0
    held_since_s: float | None = None
    hand: Hand | None = None
    is_out_of_lane: bool = False

    @property
    def wait_reason(self) -> str | None:
        """Why it waits, in words."""
        return None if self.wait is None else self.wait.reason

    @property
    def stream_address(self) -> str | None:
        """Where its pictures come from, without the path, which is a secret and so never stored."""
        return None if self.stream_url is None else urljoin(self.stream_url, "/")

    def is_silent(self, now_s: float) -> bool:
        """Whether its last report is too long ago."""
        return now_s - self.last_seen_s >= SILENT_CAR_S

    @property
    def is_fit(self) -> bool:
        """Whether it can take a visitor, and enter a node by itself."""
        return self.is_able and self.held_since_s is None

    @property
    def is_able(self) -> bool:
        """Whether it knows its place and nothing stops it."""
        stopped = self.report is None or self.report.mode is DriveMode.STOPPED
        return self.status is CarStatus.ONLINE and not stopped

    @property
    def is_in_hand(self) -> bool:
        """Whether it is held, and an operator has begun to drive it by hand."""
        return self.held_since_s is not None and self.hand is not None and self.hand.was_gripped

    @property
    def has_to_stand(self) -> bool:
        """Whether it is held, and no hand drives it now."""
        is_driven = self.hand is not None and self.hand.is_gripped
        return self.held_since_s is not None and not is_driven

    @property
    def reports_standing(self) -> bool:
        """Whether its wheels stood when it last reported."""
        return self.report is not None and abs(self.report.speed_mps) <= STANDING_MPS

    def has_been(self, mode: DriveMode, for_s: float, now_s: float) -> bool:
        """Whether it has reported this mode, and no other, for so long."""
        return self.report is not None and self.report.mode is mode and now_s - self.mode_since_s >= for_s

    @property
    def step_edges(self) -> tuple[int, ...]:
        """Edges of its order from where it is."""
        return () if self.order is None else tuple(step.edge for step in self.order.steps[self.offset :])


def search_distance_m(car: CarState, right_of_way: RightOfWay) -> float:
    """How far a lost-in-place car may creep so that it stays on road that is held for it.

    It may be beyond its last known place by what it drove since; where only a stored place is known, it creeps little
    until it holds the node ahead as well.
    """
    holding = right_of_way.holdings.get(car.car_id)
    if holding is None or car.is_out_of_lane:
        return FREE_SEARCH_M
    road = right_of_way.road
    farthest_m = right_of_way.station_m(car.car_id) + STALE_MARGIN_M
    end_m = road.stop_line_m(holding.edge)
    limit = right_of_way.limit(car.car_id)
    if limit.edge == holding.edge:
        end_m = min(end_m, limit.s_m)
    elif farthest_m > end_m or car.may_cross:
        movement = road.city.movements[holding.edge, limit.edge]
        beyond_m = min(road.stop_line_m(limit.edge), limit.s_m)
        end_m = road.length_m(holding.edge) + movement.curve.length_m + beyond_m
    remaining_m = max(0.0, end_m - farthest_m)
    return min(FREE_SEARCH_M, remaining_m) if car.position_is_stored and not car.may_cross else remaining_m
