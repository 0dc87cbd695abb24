"""Which edges a car is to drive: to a place, or roaming. Pure; chance comes from the generator that is handed in."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

from city.city import City, Command, Place
from city.errors import NoRouteError
from city.routing import Route, shortest_route
from fleet.messages import Order, OrderStep

ROAM_STEPS = 8
MIN_STEPS_AHEAD = 3  # a roaming order with fewer steps left is made longer
STOPPING_M = 0.12  # a moving car cannot stop within less
STANDING_TOLERANCE_M = 0.10  # a car that stands so far beyond a stop point has reached it
STANDING_MPS = 0.02


def can_still_stop(place: Place, s_m: float, speed_mps: float) -> bool:
    """Whether a car at station `s_m` of the place's edge can stop there on this round."""
    if abs(speed_mps) <= STANDING_MPS:
        return s_m <= place.stop_s_m + STANDING_TOLERANCE_M
    return s_m <= place.stop_s_m - STOPPING_M


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


def route_to_place(
    city: City, held: Sequence[int], place: Place, *, stops_here: bool, closed: Collection[int] = frozenset()
) -> tuple[int, ...]:
    """Edges to a place, beginning with the held ones; closed edges are used only where there is no other way.

    Args:
        city: where to drive.
        held: the edge on which the car is and, where granted, the next one.
        place: where to go.
        stops_here: whether the car can still stop at the place if that is on the last held edge.
        closed: edges to keep away from.

    Raises:
        NoRouteError: if there is no way at all.
    """
    try:
        onward = _onward(city, held[-1], place.edge, stops_here=stops_here, closed=closed)
    except NoRouteError:
        onward = _onward(city, held[-1], place.edge, stops_here=stops_here, closed=frozenset())
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


def stop_station_m(place: Place, standing_at_m: float | None) -> float:
    """Where to stop: at the place, or where the car stands already if that is the place as well."""
    if standing_at_m is None:
        return place.stop_s_m
    return min(max(place.stop_s_m, standing_at_m), place.stop_s_m + STANDING_TOLERANCE_M)


def make_order(
    city: City, order_id: str, edges: Sequence[int], place: Place | None = None, stop_s_m: float | None = None
) -> Order:
    """The order to drive along `edges`, and to stop at station `stop_s_m` of the last for `place`, if given."""
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
        stop_s_m=stop_s_m,
        place=None if place is None else place.id,
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
