"""Gives every car the order that its goal, its road and the edges to avoid ask for. Pure."""

from __future__ import annotations

import itertools
import random

from city.city import City
from city.errors import NoRouteError
from fleet.messages import DriveMode
from server.fleet_control.car_state import NO_ROUTE, CarState, Wait
from server.fleet_control.road_now import RoadNow
from server.traffic.planning import (
    MIN_STEPS_AHEAD,
    Goal,
    Stop,
    can_still_stop,
    has_passed,
    make_order,
    roam,
    route_to_stop,
    stop_station_m,
)
from server.traffic.right_of_way import RightOfWay

ROAMING = "roam"
MAX_REASON = 80


class OrderDesk:
    """Writes orders. What a car holds is always the beginning of its order: it may not be able to stop there."""

    def __init__(self, city: City, right_of_way: RightOfWay, *, seed: int, series: str) -> None:
        """Start numbering orders; `series` makes their ids differ from those of other server processes."""
        self._city = city
        self._right_of_way = right_of_way
        self._rng = random.Random(seed)
        self._numbers = itertools.count(1)
        self._series = series

    def plan(self, car: CarState, goal: Goal | None, road: RoadNow) -> None:
        """Renew the car's order where it no longer fits; without a goal the car roams."""
        held = self._right_of_way.holdings[car.car_id].way
        edges = car.step_edges
        avoided = road.closed_by_operators if car.is_in_hand else road.avoided
        wished = _wished_way(car, held, avoided)
        keeps = car.order is not None and car.goal == goal and edges[: len(wished)] == wished
        keeps = keeps and not self._has_passed_its_stop(car)
        if keeps and not avoided.intersection(edges[len(held) :]) and (goal or len(edges) > MIN_STEPS_AHEAD):
            return
        if goal is None:
            self._roam(car, wished, edges if keeps else wished, avoided)
            return
        try:
            route = self._route(car, held, goal.stop, road)
        except NoRouteError as error:
            car.wait = Wait(NO_ROUTE, str(error)[:MAX_REASON])
            if car.order is None:  # a car without any order would hear nothing, and take that for silence
                self._roam(car, held, held, road.avoided)
            return
        if not (keeps and route == edges):
            self._write(car, route, goal)

    def _route(self, car: CarState, held: tuple[int, ...], stop: Stop, road: RoadNow) -> tuple[int, ...]:
        speed_mps = car.report.speed_mps if car.report else 0.0
        stops_here = len(held) > 1 or can_still_stop(stop, self._right_of_way.station_m(car.car_id), speed_mps)
        return route_to_stop(
            self._city, held, stop, stops_here=stops_here, closed=road.closed_by_operators, avoided=road.avoided
        )

    def _has_passed_its_stop(self, car: CarState) -> bool:
        """Whether the car stands beyond the end of its order, as its place was told anew on the last centimetres."""
        if car.goal is None or car.report is None or car.report.mode is DriveMode.ARRIVED or len(car.step_edges) != 1:
            return False
        station_m = self._right_of_way.station_m(car.car_id)
        return has_passed(car.goal.stop, station_m, car.report.speed_mps)

    def _roam(self, car: CarState, held: tuple[int, ...], edges: tuple[int, ...], avoided: frozenset[int]) -> None:
        kept = tuple(itertools.takewhile(lambda edge: edge not in avoided, edges[len(held) :]))
        onward = {movement.to_edge for movement in self._city.successors((held + kept)[-1])}
        if len(edges) > MIN_STEPS_AHEAD and onward <= avoided:
            return  # no way on is good: wait
        occupancy = {edge: self._right_of_way.occupancy(edge) for edge in self._city.edges}
        route = roam(self._city, held + kept, self._rng, occupancy, avoided)
        if car.goal is not None or route != car.step_edges:
            self._write(car, route, None)

    def _write(self, car: CarState, edges: tuple[int, ...], goal: Goal | None) -> None:
        order_id = f"{ROAMING if goal is None else goal.purpose}.{self._series}.{next(self._numbers)}"
        stop = None
        if goal is not None:
            stands = len(edges) == 1 and car.reports_standing
            standing_at_m = self._right_of_way.station_m(car.car_id) if stands else None
            stop = goal.stop._replace(s_m=stop_station_m(goal.stop, standing_at_m))
        car.order = make_order(self._city, order_id, edges, stop)
        car.offset = 0
        car.goal = goal


def _wished_way(car: CarState, held: tuple[int, ...], closed: frozenset[int]) -> tuple[int, ...]:
    """The road that a car holds, and on along its order to the edge that the operator's hand wants, if that is open."""
    way = car.hand.way if car.is_in_hand and car.hand is not None else None
    edges = car.step_edges
    if way is None or way[1] in closed or edges[: len(held)] != held or way[0] not in edges[len(held) - 1 :]:
        return held
    return (*edges[: edges.index(way[0], len(held) - 1) + 1], way[1])


def is_order_of_ride(order_id: str | None, ride_id: str) -> bool:
    """Whether an order, of this server process or an earlier one, was written for a ride."""
    return order_id is not None and order_id.startswith(f"{ride_id}.")
