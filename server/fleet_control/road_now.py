"""Where cars may drive at this moment: what operators have closed, where cars stand, and the way out of any jam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fleet.messages import DriveMode
from fleet.views import CarStatus
from server.fleet_control.car_state import CarState
from server.traffic.open_road import open_road
from server.traffic.operator_acts import OperatorActs
from server.traffic.planning import traps
from server.traffic.right_of_way import Holding, RightOfWay

STANDS_AFTER_S = 3.0  # with a fault
BLOCKED_AFTER_S = 10.0  # before something in its lane


@dataclass(frozen=True, slots=True)
class RoadNow:
    """The roads of one moment.

    Attributes:
        closed: edges that nobody may enter: `closed_by_operators`, and those of cars that cannot be told to move.
        closed_by_operators: those edges that will not open by themselves.
        avoided: edges to which no route should lead: besides `closed` those from which no way leads round them, and
            those on which a car has been blocked for long.
        escape: by edge, the next edge of its way out of a jam.
    """

    closed: frozenset[int]
    closed_by_operators: frozenset[int]
    avoided: frozenset[int]
    escape: Mapping[int, int]


def road_now(right_of_way: RightOfWay, cars: Mapping[str, CarState], acts: OperatorActs, now_s: float) -> RoadNow:
    """Look at all cars and acts."""
    road, holdings = right_of_way.road, right_of_way.holdings
    shut = frozenset(acts.closed_edges)
    standing = [car for car in cars.values() if car.car_id in holdings and stands(car, now_s)]
    closed = shut | _edges(holdings[car.car_id] for car in standing) | _service_edges(acts, holdings)
    barred = closed | _edges_into(right_of_way, standing)
    left = open_road(road, barred)
    dead_ends = left.cut_off if left.escape else traps(road.city, barred)
    blocked = [
        holdings[car.car_id]
        for car in cars.values()
        if car.car_id in holdings and car.has_been(DriveMode.BLOCKED, BLOCKED_AFTER_S, now_s)
    ]
    return RoadNow(
        closed=closed,
        closed_by_operators=shut,
        avoided=barred | dead_ends | _edges(blocked),
        escape=left.escape or road.escape,
    )


def stands(car: CarState, now_s: float) -> bool:
    """Whether a car stands, or may stand, and cannot be told to move."""
    if car.status is not CarStatus.ONLINE or car.held_since_s is not None:
        return True
    return car.has_been(DriveMode.STOPPED, STANDS_AFTER_S, now_s)


def _edges(holdings: Iterable[Holding]) -> frozenset[int]:
    return frozenset(edge for holding in holdings for edge in holding.edges)


def _service_edges(acts: OperatorActs, holdings: Mapping[str, Holding]) -> frozenset[int]:
    """Edges on which a car that was sent there stands, or will as soon as it has come."""
    return frozenset(
        errand.stop.edge
        for errand in acts.errands
        if errand.car_id in holdings and errand.stop.edge in holdings[errand.car_id].edges
    )


def _edges_into(right_of_way: RightOfWay, standing: Iterable[CarState]) -> frozenset[int]:
    """Edges that end at a node which a standing car holds: nobody gets on from there."""
    city = right_of_way.road.city
    holdings = [right_of_way.holdings[car.car_id] for car in standing]
    return frozenset(
        edge.id for edge in city.edges.values() if any(holding.holds_node(edge.end) for holding in holdings)
    )
