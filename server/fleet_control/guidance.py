"""What a car is to be told now. Pure."""

from __future__ import annotations

from typing import NamedTuple

from fleet.messages import Order, Release, Search
from fleet.views import CarStatus
from server.fleet_control.car_state import CarState
from server.traffic.planning import STOPPING_M
from server.traffic.right_of_way import Limit, RightOfWay

NO_ORDER = "none"  # in the release of a car that has to stand and has no order


class Guidance(NamedTuple):
    """What a car is to be told now; repeated until it has done it."""

    order: Order | None
    release: Release | None
    search: Search | None


def guidance(car: CarState, right_of_way: RightOfWay) -> Guidance:
    """What a car is to be told that nobody holds."""
    if car.status is CarStatus.LOCALISING and car.search_m is not None:
        return Guidance(None, None, Search(distance_m=car.search_m))
    if car.status is not CarStatus.ONLINE or car.order is None:
        return Guidance(None, None, None)
    knows_order = car.report is not None and car.report.order_id == car.order.order_id
    return Guidance(None if knows_order else car.order, _release(car, car.order, right_of_way), None)


def braked(told: Guidance, reason: str) -> Guidance:
    """The same for a car that has to stand wherever it is; what it is told besides counts when it may go on."""
    release = told.release or Release(order_id=NO_ORDER, index=0, s_m=0.0)
    held = release.model_copy(update={"hold": True, "reason": reason})
    return Guidance(told.order, held, None if told.search is None else Search(distance_m=0.0))


def _release(car: CarState, order: Order, right_of_way: RightOfWay) -> Release:
    limit = right_of_way.limit(car.car_id)
    holding = right_of_way.holdings[car.car_id]
    before = car.released
    if before is not None and before.edge == limit.edge == holding.edge and before.s_m > limit.s_m:
        # The car ahead is nearer than it told before. Road on which mine cannot stop any more is not taken back. A car
        # that stands needs none: it would creep on over it whenever its own place is told a little farther back.
        kept_m = min(before.s_m, right_of_way.station_m(car.car_id) + (0.0 if car.reports_standing else STOPPING_M))
        limit = Limit(limit.edge, max(limit.s_m, kept_m))
    car.released = limit
    index = car.offset if limit.edge == holding.edge else car.offset + 1
    return Release(order_id=order.order_id, index=index, s_m=limit.s_m, reason=car.wait_reason)
