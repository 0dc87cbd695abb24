"""Which edges a car is to drive: to a place, or roaming. Pure; chance comes from the generator that is handed in."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from city.city import City, Command, Place
from city.errors import NoRouteError
from city.routing import Route, shortest_route
from fleet.messages import Order, OrderStep

ROAM_STEPS = 8
MIN_STEPS_AHEAD = 3  # a roaming order with fewer steps left is made longer
STOPPING_M = 0.12  # a moving car cannot stop within less
STANDING_TOLERANCE_M = 0.10  # a car that stands so far beyond a stop point has reached it
STANDING_MPS = 0.02
SERVICE = "service"  # the purpose of a car that an operator sends somewhere


class Stop(NamedTuple):
    """Where a car is to stop: the drive axle at station `s_m` of an edge, which may be a place."""

    edge: int
    s_m: float
    place_id: str | None = None


class Goal(NamedTuple):
    """What a car drives for: a ride's id, or `SERVICE`, and where that is."""

    purpose: str
    stop: Stop


def stop_at(place: Place) -> Stop:
    """The stop of a place."""
    return Stop(place.edge, place.stop_s_m, place.id)


def can_still_stop(stop: Stop, s_m: float, speed_mps: float) -> bool:
    """Whether a car at station `s_m` of the stop's edge can stop there on this round."""
    if abs(speed_mps) <= STANDING_MPS:
        return s_m <= stop.s_m + STANDING_TOLERANCE_M
    return s_m <= stop.s_m - STOPPING_M


def has_passed(stop: Stop, s_m: float, speed_mps: float) -> bool:
    """Whether a car stands too far beyond a stop on its edge to have reached it."""
    return abs(speed_mps) <= STANDING_MPS and s_m > stop.s_m + STANDING_TOLERANCE_M


def traps(city: City, closed: Collection[int]) -> frozenset[int]:
    """The closed edges and those from which every way on leads to one of them."""
    trapped = set(closed)
    frontier = list(closed)
    while frontier:
        for movement in city.predecessors(frontier.pop()):
            before = movement.from_edge
            if before not in trapped and all(onward.to_edge in trapped for onward in city.successors(before)):
                trapped.add(before)
                frontier.append(before)
    return frozenset(trapped)


def route_to_stop(
    city: City,
    held: Sequence[int],
    stop: Stop,
    *,
    stops_here: bool,
    closed: Collection[int] = frozenset(),
    avoided: Collection[int] = frozenset(),
) -> tuple[int, ...]:
    """Edges to a stop, beginning with the held ones; avoided ones, then closed ones only where there is no other way.

    Args:
        city: where to drive.
        held: the edge on which the car is and, where granted, the next one.
        stop: where to go.
        stops_here: whether the car can still stop there if that is on the last held edge.
        closed: edges that will not open soon.
        avoided: edges to keep away from, closed ones included.

    Raises:
        NoRouteError: if there is no way at all.
    """
    for barred in (avoided, closed):
        with suppress(NoRouteError):
            return _joined(held, _onward(city, held[-1], stop.edge, stops_here=stops_here, closed=barred))
    return _joined(held, _onward(city, held[-1], stop.edge, stops_here=stops_here, closed=frozenset()))


def _joined(held: Sequence[int], onward: Route) -> tuple[int, ...]:
    return (*held[:-1], *onward.edges)


def _onward(city: City, start: int, goal: int, *, stops_here: bool, closed: Collection[int]) -> Route:
    barred = frozenset(closed)
    if start != goal or stops_here:
        return shortest_route(city, start, goal, barred)
    rounds = []
    for movement in city.successors(start):
        if movement.to_edge in barred:
            continue
        try:
            way = shortest_route(city, movement.to_edge, goal, barred)
        except NoRouteError:
            continue
        rounds.append(Route((start, *way.edges), city.edges[movement.to_edge].cost + way.cost))
    if not rounds:
        raise NoRouteError(f"there is no way round from edge {start} back to it")
    return min(rounds, key=lambda route: (route.cost, route.edges))


def roam(
    city: City,
    held: Sequence[int],
    rng: random.Random,
    occupancy: Mapping[int, int],
    closed: Collection[int] = frozenset(),
    steps: int = ROAM_STEPS,
) -> tuple[int, ...]:
    """Edges to wander along, beginning with the held ones; open edges with few cars are likelier."""
    edges = list(held)
    while len(edges) < len(held) + steps:
        onward = [movement.to_edge for movement in city.successors(edges[-1])]
        if not onward:
            break
        candidates = [edge for edge in onward if edge not in closed] or onward
        weights = [1.0 / (1 + 3 * occupancy.get(edge, 0) + 2 * edges.count(edge)) for edge in candidates]
        edges.append(rng.choices(candidates, weights)[0])
    return tuple(edges)


def stop_station_m(stop: Stop, standing_at_m: float | None) -> float:
    """Where to stop: at the stop, or where the car stands already if that is near enough beyond it."""
    if standing_at_m is None:
        return stop.s_m
    return min(max(stop.s_m, standing_at_m), stop.s_m + STANDING_TOLERANCE_M)


def make_order(city: City, order_id: str, edges: Sequence[int], stop: Stop | None = None) -> Order:
    """The order to drive along `edges`, and to stop at `stop` on the last, if given."""
    steps = []
    for k, edge in enumerate(edges):
        sign = city.sign_at(edge)
        command = Command.FOLLOW
        if k + 1 < len(edges):
            command = city.movements[edge, edges[k + 1]].command
        steps.append(OrderStep(edge=edge, node=city.edges[edge].end, sign=sign.kind if sign else None, command=command))
    return Order(
        order_id=order_id,
        steps=tuple(steps),
        stop_s_m=None if stop is None else stop.s_m,
        place=None if stop is None else stop.place_id,
    )


def cost_to_serve(city: City, edge: int) -> float:
    """Mean route cost from an edge to all places: how near a car is to wherever a visitor may want to go."""
    costs = []
    for place in city.places.values():
        try:
            costs.append(shortest_route(city, edge, place.edge).cost)
        except NoRouteError:
            continue
    return sum(costs) / len(costs) if costs else float("inf")
