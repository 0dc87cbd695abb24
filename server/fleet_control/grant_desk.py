"""Which cars ask for the node ahead of them, and in which order cars without a place may look for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from city.city import Command
from fleet.views import CarStatus
from server.fleet_control.car_state import LONG_SEARCH_M, CarState, Wait, search_distance_m
from server.fleet_control.road_now import RoadNow
from server.traffic.right_of_way import Refusal, Request, RightOfWay
from server.traffic.road import APPROACH_M

ESCAPE_AFTER_S = 6.0
CROSS_AFTER_S = 5.0  # a car that has looked for its place in vain for so long may creep on through a node
UNPLACED_HOLD_S = 60.0  # how long all wait at nodes for a car of which nobody knows where it stands
LONG_SEARCH_AFTER_S = 5.0
LONG_SEARCH_TURN_S = 15.0  # how long one car searches far before another one may


class GrantDesk:
    """Collects requests, has them answered, and notes the answers with the cars."""

    def __init__(self, right_of_way: RightOfWay) -> None:
        self._right_of_way = right_of_way
        self._city = right_of_way.road.city

    def grant(self, cars: Mapping[str, CarState], road: RoadNow, now_s: float) -> list[CarState]:
        """Grant what can be granted now; the cars that got another way than their order says are returned."""
        unplaced = [car for car in cars.values() if self._is_unplaced(car, now_s)]
        if unplaced:
            self._let_search_far(cars.values(), unplaced, now_s)
            return []
        requests = [request for car in cars.values() if (request := self._request(car, road, now_s)) is not None]
        diverted = []
        for car_id, answer in self._right_of_way.grant(requests, road.closed, road.escape).items():
            car = cars[car_id]
            if isinstance(answer, Refusal):
                car.wait = Wait(answer.name.lower(), answer.value)
                continue
            car.waiting_since_s = car.wait = None
            if car.status is CarStatus.LOCALISING:
                car.may_cross = True
                car.search_m = max(car.search_m or 0.0, search_distance_m(car, self._right_of_way))
            elif car.step_edges[1:2] != (answer,):
                diverted.append(car)
        return diverted

    def _is_unplaced(self, car: CarState, now_s: float) -> bool:
        """Whether a car has only just begun to look for its place and may stand anywhere."""
        is_somewhere = car.car_id in self._right_of_way.holdings and not car.is_out_of_lane
        if car.localising_since_s is None or is_somewhere:
            return False
        return now_s - car.localising_since_s < UNPLACED_HOLD_S

    def _let_search_far(self, cars: Iterable[CarState], unplaced: Sequence[CarState], now_s: float) -> None:
        """Let one car at a time creep on to the next sign, once no other car is on its way through a node."""
        for car in cars:
            since_s = car.long_search_since_s
            if since_s is not None and car in unplaced and now_s - since_s < LONG_SEARCH_TURN_S:
                return
            holding = self._right_of_way.holdings.get(car.car_id)
            if car.is_fit and holding is not None and (holding.passage is not None or holding.behind is not None):
                return
        for car in unplaced:
            looked_s = now_s - (now_s if car.localising_since_s is None else car.localising_since_s)
            if car.long_search_since_s is None and looked_s >= LONG_SEARCH_AFTER_S:
                car.long_search_since_s = now_s
                car.search_m = LONG_SEARCH_M
                return

    def _request(self, car: CarState, road: RoadNow, now_s: float) -> Request | None:
        """What a car asks for: nothing, while the node is far, it stands at its goal, or it must not move."""
        holding = self._right_of_way.holdings.get(car.car_id)
        if holding is None or holding.passage is not None or car.has_to_stand:
            return None
        if car.status is CarStatus.LOCALISING:
            return self._search_request(car, holding.edge, now_s)
        edges = car.step_edges
        if not car.is_able or len(edges) < 2:
            return None
        measures = self._right_of_way.road
        distance_m = measures.stop_line_m(holding.edge) - self._right_of_way.station_m(car.car_id)
        if distance_m > APPROACH_M:
            return None
        if car.waiting_since_s is None:
            car.waiting_since_s = now_s
        waiting_s = now_s - car.waiting_since_s
        if car.is_in_hand:  # the operator chooses the way, and moves nobody aside by waiting
            return Request(car.car_id, (edges[1],), min(waiting_s, ESCAPE_AFTER_S))
        options = [edges[1]]
        if car.goal is None:
            others = [movement.to_edge for movement in self._city.successors(holding.edge)]
            options += [edge for edge in others if edge != edges[1]]
        escape = road.escape.get(holding.edge)
        escaping = waiting_s >= ESCAPE_AFTER_S and escape is not None
        if escaping and escape is not None and escape not in options:
            options.append(escape)
        return Request(car.car_id, tuple(options), waiting_s, escaping)

    def _search_request(self, car: CarState, edge: int, now_s: float) -> Request | None:
        since_s = now_s if car.localising_since_s is None else car.localising_since_s
        if now_s - since_s < CROSS_AFTER_S or car.may_cross or car.is_out_of_lane:
            return None
        onward = self._city.successors(edge)
        straight = [movement.to_edge for movement in onward if movement.command is Command.FORWARD]
        options = straight or [movement.to_edge for movement in onward]
        return Request(car.car_id, tuple(options[:1]), now_s - since_s) if options else None
