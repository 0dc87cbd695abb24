"""What the server has said, and an order laid out on the map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

from car.localisation.track import Track
from city.city import City, Command
from city.errors import NoRouteError
from city.route_line import RouteLine
from fleet.messages import Manual, Order, Refusal, Release, Search, ToCar, Welcome

STOP_LINE_GAP_M = 0.15  # axle to stop line of a standing car: its front overhang and 3 cm
COMMAND_BEFORE_M = 0.22  # how long before the stop line the lane model hears of the turn, as it was trained
COMMAND_AFTER_M = 0.05  # and how far onto the next edge


@dataclass(frozen=True, slots=True)
class ServerWords:
    """The newest of each message, with when it was heard on the car's clock."""

    connected: bool = False
    welcome: Welcome | None = None
    order: Order | None = None
    release: Release | None = None
    release_heard_s: float = float("-inf")
    search: Search | None = None
    search_heard_s: float = float("-inf")
    manual: Manual | None = None
    manual_heard_s: float = float("-inf")

    def hear(self, message: ToCar, now_s: float) -> ServerWords:
        """With one more message."""
        match message:
            case Welcome():
                return replace(self, connected=True, welcome=message)
            case Order():
                return replace(self, order=message)
            case Release():
                return replace(self, release=message, release_heard_s=now_s)
            case Search():
                return replace(self, search=message, search_heard_s=now_s)
            case Manual():
                former = self.manual
                if former is not None and (message.drive, message.sequence) <= (former.drive, former.sequence):
                    return self  # heard twice, or overtaken
                return replace(self, manual=message, manual_heard_s=now_s)
            case Refusal():
                return self

    def disconnected(self) -> ServerWords:
        """The same once the line is down: what was said stays known, and grows old; a hand on the car has let go."""
        return replace(self, connected=False, manual=None)


class OrderError(ValueError):
    """An order that this car cannot follow; the message says why."""


class Course:
    """An order as a line on the map. Immutable."""

    def __init__(self, city: City, order: Order) -> None:
        """Lay out `order`.

        Raises:
            OrderError: if its steps do not follow each other in the city.
        """
        self.order = order
        try:
            self.line = RouteLine(city, [step.edge for step in order.steps])
        except NoRouteError as error:
            raise OrderError(f"order {order.order_id}: {error}") from error

    def index_of(self, city: City, track: Track, near: int = 0) -> int | None:
        """Which step the track is on, the first from `near` on that fits, else the first at all; None if none."""
        next_edge = track.next_edge if track.on_movement(city) else None
        steps = self.order.steps
        for index in chain(range(near, len(steps)), range(min(near, len(steps)))):
            onward = steps[index + 1].edge if index + 1 < len(steps) else None
            if steps[index].edge == track.edge and (next_edge is None or next_edge == onward):
                return index
        return None

    def way_on(self, index: int) -> int | None:
        """The edge after step `index`."""
        return self.order.steps[index + 1].edge if index + 1 < len(self.order.steps) else None

    def command_at(self, index: int, s_m: float) -> Command:
        """What the lane model is told at station `s_m` of step `index`."""
        length_m = self.line.edge_end_m(index) - self.line.edge_start_m(index)
        if self.way_on(index) is not None and s_m >= length_m - COMMAND_BEFORE_M:
            return self.order.steps[index].command
        if index > 0 and s_m < COMMAND_AFTER_M:
            return self.order.steps[index - 1].command
        return Command.FOLLOW

    def road_left_m(self, index: int, s_m: float, release: Release) -> float:
        """How far the axle may go on from station `s_m` of step `index`; negative if it is too far already."""
        last = min(release.index, len(self.order.steps) - 1)
        start_m = self.line.edge_start_m(last)
        # The step after the release's is never free, so the end of its edge is a stop line.
        limit_m = max(0.0, self.line.edge_end_m(last) - start_m - STOP_LINE_GAP_M)
        limit_m = min(limit_m, release.s_m)
        if last == len(self.order.steps) - 1 and self.order.stop_s_m is not None:
            limit_m = min(limit_m, self.order.stop_s_m)
        return start_m + limit_m - (self.line.edge_start_m(index) + s_m)

    def at_destination(self, index: int, s_m: float, *, before_m: float, beyond_m: float) -> bool:
        """Whether the axle is at the order's stop point, or not farther from where it can stop than that."""
        stop_s_m = self.order.stop_s_m
        if stop_s_m is None or index != len(self.order.steps) - 1:
            return False
        return self._reachable_m(stop_s_m) - before_m <= s_m <= stop_s_m + beyond_m

    def _reachable_m(self, stop_s_m: float) -> float:
        last = len(self.order.steps) - 1
        length_m = self.line.edge_end_m(last) - self.line.edge_start_m(last)
        return min(stop_s_m, max(0.0, length_m - STOP_LINE_GAP_M))
