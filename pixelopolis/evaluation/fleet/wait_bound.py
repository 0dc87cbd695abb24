"""The longest that a car can wait at a node while nothing is broken; docs/architecture.md, Right of way, derives it."""

from __future__ import annotations

from car.piloting.speed import TURN_MPS
from city.city import City
from server.rides.booking import ARRIVED_TIMEOUT_S
from server.traffic.longest_wait import KEPT_AFTER_S
from server.traffic.right_of_way import AGED_WAIT_S
from server.traffic.road import APPROACH_M, HEADWAY_M, Road

START_S = 2.0  # for a car to hear that it may drive on, to see that the one ahead has left, and to get going
ASKING = 1 + int(APPROACH_M / HEADWAY_M)  # cars of one entrance that can be near enough to ask for the node


def wait_bound_s(city: City, road: Road, cars: int) -> float:
    """The bound for a number of cars; infinite in a city without a closed way round."""
    if not road.escape:
        return float("inf")
    return KEPT_AFTER_S + cars * max(_served_s(city, road, edge) for edge in road.escape)


def _served_s(city: City, road: Road, start: int) -> float:
    """How long it takes at most until the car that has waited longest leaves an edge."""
    way = [start]
    while (edge := road.escape[way[-1]]) not in way:
        way.append(edge)
    places = sum(place.edge in way for place in city.places.values())
    return places * ARRIVED_TIMEOUT_S + sum(_left_s(city, road, edge) for edge in way)


def _left_s(city: City, road: Road, edge: int) -> float:
    """How long the first car on an edge takes at most to leave it, with a free slot before it."""
    others = sum(other.end == city.edges[edge].end for other in city.edges.values()) - 1
    longest_m = max(movement.curve.length_m for movement in city.movements.values())
    passage_s = START_S + (road.vehicle.front_overhang_m + longest_m + road.clear_m) / TURN_MPS
    come_up_s = START_S * road.slots[edge] + road.length_m(edge) / TURN_MPS
    return AGED_WAIT_S + (1 + ASKING * others) * passage_s + come_up_s
