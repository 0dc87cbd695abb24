"""What operators do to a fleet. Every act may be repeated: the second one changes nothing.

What only makes cars stand (`stop_all`, `hold_car`) is never refused. Whatever takes road from the fleet is refused
where the cars that are there could no longer be kept moving (`server.traffic.escape_ring`).
"""

from __future__ import annotations

from enum import StrEnum

from city.city import City
from fleet.driving import Denial
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.room import too_small
from server.rides.under_way import UnknownError
from server.traffic.open_road import open_road
from server.traffic.operator_acts import OperatorActs
from server.traffic.planning import Stop, stop_at

BEFORE_END_M = 0.18  # of the edge to which a car is sent, as for places


class ActRefusal(StrEnum):
    """Why an act is refused, for pages that say it in their own language."""

    CAR_HELD = "car_held"
    EDGE_TAKEN = "edge_taken"  # another car is sent there
    NO_WAY = "no_way"
    MAY_DRIVE = "may_drive"  # it is not silent for long enough
    NO_ROOM = "no_room"  # the cars could no longer be kept moving


class ActRefusedError(Exception):
    """An act that the fleet cannot take now; the message says why, and what would help."""

    def __init__(self, reason: ActRefusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def stop_all(fleet: FleetState) -> None:
    """Every car stands as soon as it can."""
    fleet.acts = fleet.acts.stop()


def resume_all(fleet: FleetState) -> None:
    """The cars go on, save those that are held by themselves."""
    fleet.acts = fleet.acts.resume()


def hold_car(fleet: FleetState, car_id: str) -> None:
    """A car stands as soon as it can, and keeps its road; the others are routed round it. A hand on it has to let go.

    Raises:
        UnknownError: if there is no such car.
    """
    _check_car(fleet, car_id)
    hand = fleet.cars[car_id].hand
    if hand is not None and hand.is_gripped:
        hand.end(Denial.HELD_AGAIN)
    fleet.acts = fleet.acts.hold(car_id)


def release_car(fleet: FleetState, car_id: str) -> None:
    """A car that was held or sent takes visitors again.

    Raises:
        UnknownError: if there is no such car.
    """
    _check_car(fleet, car_id)
    fleet.acts = fleet.acts.release(car_id)


def lift_car(fleet: FleetState, car_id: str, now_s: float) -> None:
    """A car that is silent was taken off the road by hand: the road that it held is free.

    Raises:
        UnknownError: if there is no such car.
        ActRefusedError: if the car is not silent, or a server that was just started cannot know yet.
    """
    _check_car(fleet, car_id)
    if not fleet.cars[car_id].is_silent(now_s):
        connected = f"{car_id} may be connected: switch it off, take it off the road, and say so after that"
        raise ActRefusedError(ActRefusal.MAY_DRIVE, connected)
    fleet.lift(car_id)


def close_edge(fleet: FleetState, edge: int) -> None:
    """Nobody enters an edge any more; the cars on it leave.

    Raises:
        UnknownError: if there is no such edge.
        ActRefusedError: if what is left has not enough room for the cars.
    """
    _check_edge(fleet.city, edge)
    acts = fleet.acts.close(edge)
    _check_room(fleet, acts, f"edge {edge} cannot be closed")
    fleet.acts = acts


def open_edge(fleet: FleetState, edge: int) -> None:
    """An edge may be entered again.

    Raises:
        UnknownError: if there is no such edge.
    """
    _check_edge(fleet.city, edge)
    fleet.acts = fleet.acts.open(edge)


def send_car(fleet: FleetState, car_id: str, *, place_id: str | None = None, edge: int | None = None) -> None:
    """A car ends the ride that it is on, drives to a place or to the end of an edge, and stands there until released.

    Raises:
        UnknownError: if there is no such car, place or edge.
        ActRefusedError: if the car is held, another one is sent there, no open way leads there, or a car that stands
            there leaves the others not enough room.
    """
    _check_car(fleet, car_id)
    stop = _stop(fleet, place_id, edge)
    if car_id in fleet.acts.held_cars:
        raise ActRefusedError(ActRefusal.CAR_HELD, f"{car_id} is held: release it first")
    for errand in fleet.acts.errands:
        if errand.stop.edge == stop.edge and errand.car_id != car_id:
            taken = f"{errand.car_id} is sent to edge {stop.edge} already: choose another edge"
            raise ActRefusedError(ActRefusal.EDGE_TAKEN, taken)
    closed = frozenset(fleet.acts.closed_edges)
    if not open_road(fleet.road, closed).serves(stop.edge):
        no_way = f"no way leads to edge {stop.edge} and on while edges {sorted(closed)} are closed"
        raise ActRefusedError(ActRefusal.NO_WAY, no_way)
    acts = fleet.acts.send(car_id, stop)
    _check_room(fleet, acts, f"{car_id} cannot be sent to stand on edge {stop.edge}")
    fleet.acts = acts


def _stop(fleet: FleetState, place_id: str | None, edge: int | None) -> Stop:
    if edge is not None:
        _check_edge(fleet.city, edge)
        return Stop(edge, max(0.0, fleet.road.length_m(edge) - BEFORE_END_M))
    place = fleet.city.places.get(place_id or "")
    if place is None:
        known = ", ".join(sorted(fleet.city.places))
        raise UnknownError(f"there is no place {place_id} in city {fleet.city.name}; there are {known}")
    return stop_at(place)


def _check_car(fleet: FleetState, car_id: str) -> None:
    if car_id not in fleet.cars:
        raise UnknownError(f"there is no car {car_id}")


def _check_edge(city: City, edge: int) -> None:
    if edge not in city.edges:
        raise UnknownError(f"there is no edge {edge} in city {city.name}")


def _check_room(fleet: FleetState, acts: OperatorActs, what: str) -> None:
    left = too_small(fleet.road, acts, len(fleet.cars))
    if left is not None:
        room = (
            f"the roomiest closed way round keeps {left.fleet_limit} cars moving, but there are {len(fleet.cars)}"
            if left.fleet_limit
            else "there is no closed way round on which cars could keep moving"
        )
        raise ActRefusedError(ActRefusal.NO_ROOM, f"{what}: without edges {sorted(left.closed)} {room}")
