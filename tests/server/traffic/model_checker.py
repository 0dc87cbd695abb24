"""Visits every state that a small fleet can reach, with the server's own right of way as its rule.

A state says of each car on which edge it is and in which order, its station there, and the passage that it was granted.
Cars are alike. They may begin anywhere, as a fleet that is put on the road; then each may, at any moment:

* be granted any way on, if the rule grants it, or its escape (what it wants, and how long it waits, is left open);
* drive onto the node of its passage, until its rear has left the edge; from there onto the next edge, until its rear
  has left the node; and then as far as it may. Wherever else it may stop, it takes as much road as at the stop before.

Operators may close one edge, where `server.fleet_control.operations` would let them, and open it again.

In every state no two cars hold one node and no edge holds more cars than it has room for, a car on a node can leave it,
and if no car can drive, some car can be granted its escape, unless all stand where no open way leads on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from typing import NamedTuple

from fleet.messages import Position
from server.traffic.open_road import OpenRoad, open_road
from server.traffic.right_of_way import Holding, Limit, Passage, Request, RightOfWay
from server.traffic.road import APPROACH_M, HEADWAY_M, Road

DIGITS = 6  # of a station in metres; equal states must be equal
STANDING_M = 1e-4  # a car that may drive less far than this stands


class CarPlace(NamedTuple):
    """One car of a state; cars on an edge are numbered from its end."""

    edge: int
    number: int
    station_m: float
    behind: bool
    onward: int  # edge of the passage, -1 for none
    onward_number: int
    left_edge: bool


class State(NamedTuple):
    """All cars, in a fixed order, and the closed edge, -1 for none."""

    cars: tuple[CarPlace, ...]
    closed: int = -1


class WrongStateError(AssertionError):
    """A reachable state that must not be."""


@dataclass
class ModelChecker:
    """Explores one city with a number of cars.

    Attributes:
        rule: the right of way; a test may put a wrong one here.
        closings: whether operators close edges.
        seen: all states that were reached.
    """

    road: Road
    cars: int
    rule: type[RightOfWay] = RightOfWay
    closings: bool = False
    seen: set[State] = field(default_factory=set)

    def run(self) -> int:
        """Visit all states.

        Returns:
            how many there are.

        Raises:
            WrongStateError: naming a state in which the properties do not hold.
        """
        self.seen = set(self._beginnings())
        waiting = deque(self.seen)
        while waiting:
            for after in self._visit(waiting.popleft()):
                if after not in self.seen:
                    self.seen.add(after)
                    waiting.append(after)
        return len(self.seen)

    def _beginnings(self) -> Iterator[State]:
        """All ways to put the cars on edges, as near to their ends as they may stand."""
        edges = sorted(self.road.city.edges)
        for chosen in combinations_with_replacement(edges, self.cars):
            if any(chosen.count(edge) > self.road.slots[edge] for edge in set(chosen)):
                continue
            way = self.rule(self.road)
            for number, edge in enumerate(chosen):
                ahead = chosen[:number].count(edge)
                station_m = self.road.stop_line_m(edge) - ahead * HEADWAY_M
                way.move(f"car-{number}", Position(edge=edge, s_m=station_m))
            yield self._state(way, -1)

    def _visit(self, state: State) -> Iterator[State]:
        left = self.open_road(state.closed)
        moved = [self._state(way, state.closed) for way in self._moves(state)]
        escaped = list(self._grants(state, left, escaping=True))
        # What a car wants may be refused for ever, so the escapes alone must be enough.
        self._check(state, left, moved or escaped)
        yield from (*moved, *escaped, *self._grants(state, left, escaping=False))
        if self.closings:
            yield from self._closings(state)

    def open_road(self, closed: int) -> OpenRoad:
        """The roads without the closed edge, if there is one."""
        return open_road(self.road, frozenset() if closed < 0 else frozenset({closed}))

    def _closings(self, state: State) -> Iterator[State]:
        if state.closed >= 0:
            yield state._replace(closed=-1)
            return
        for edge in self.road.city.edges:
            if self.open_road(edge).has_room_for(self.cars):
                yield state._replace(closed=edge)

    def _grants(self, state: State, left: OpenRoad, *, escaping: bool) -> Iterator[State]:
        """What becomes of each car that asks alone; several that ask at once are answered one after the other."""
        for number, car in enumerate(state.cars):
            to_line_m = self.road.stop_line_m(car.edge) - car.station_m
            if car.onward >= 0 or car.number > 0 or to_line_m > APPROACH_M:
                continue
            onward = [movement.to_edge for movement in self.road.city.successors(car.edge)]
            for edge in onward:
                if escaping and left.escape.get(car.edge) != edge:
                    continue
                way, car_id = self._way(state), f"car-{number}"
                answer = way.grant([Request(car_id, (edge,), 0.0, escaping)], left.closed, left.escape)[car_id]
                if answer == edge:
                    yield self._state(way, state.closed)

    def _moves(self, state: State) -> Iterator[RightOfWay]:
        for number, car in enumerate(state.cars):
            way, car_id = self._way(state), f"car-{number}"
            target = self._target(car, way.limit(car_id))
            if target is not None:
                way.move(car_id, target)
                yield way

    def _target(self, car: CarPlace, limit: Limit) -> Position | None:
        """Where a car stops next; None if it cannot drive on."""
        if car.onward >= 0 and not car.left_edge:
            onto_node_m = self.road.length_m(car.edge) + self.road.clear_m
            return Position(edge=car.edge, s_m=onto_node_m, next_edge=car.onward)
        if car.onward >= 0:
            if limit.edge != car.onward or limit.s_m < self.road.clear_m:
                raise WrongStateError(f"a car on the node before edge {car.onward} cannot leave it")
            alone = self.road.slots[car.onward] == 1  # then it is the same for all others where on the edge it stops
            return Position(edge=car.onward, s_m=self.road.stop_line_m(car.onward) if alone else self.road.clear_m)
        farthest_m = min(limit.s_m, self.road.stop_line_m(car.edge))
        return Position(edge=car.edge, s_m=farthest_m) if farthest_m > car.station_m + STANDING_M else None

    def _check(self, state: State, left: OpenRoad, ways_on: Iterable[State]) -> None:
        way = self._way(state)
        for node in self.road.city.nodes:
            if len(way.node_holders(node)) > 1:
                raise WrongStateError(f"node {node} is held by {way.node_holders(node)} in {state}")
        for edge in self.road.city.edges:
            if len(way.occupants(edge)) > self.road.slots[edge]:
                raise WrongStateError(f"edge {edge} is held by {way.occupants(edge)} in {state}")
        if not ways_on and any(car.edge in left.escape for car in state.cars):
            raise WrongStateError(f"nobody can move in {state}")

    def _way(self, state: State) -> RightOfWay:
        """The right of way in a state."""
        way = self.rule(self.road)
        for number, car in enumerate(state.cars):
            edge = self.road.city.edges[car.edge]
            passage = Passage(edge.end, car.onward, car.onward_number) if car.onward >= 0 else None
            behind = edge.start if car.behind else None
            way.restore(f"car-{number}", Holding(car.edge, car.number, behind, passage, car.left_edge), car.station_m)
        return way

    def _state(self, way: RightOfWay, closed: int) -> State:
        """The state that a right of way is in."""
        numbers = {
            (car_id, edge): number for edge in self.road.city.edges for number, car_id in enumerate(way.occupants(edge))
        }
        cars = []
        for car_id, holding in way.holdings.items():
            onward = -1 if holding.passage is None else holding.passage.edge
            cars.append(
                CarPlace(
                    edge=holding.edge,
                    number=numbers.get((car_id, holding.edge), -1),
                    station_m=round(way.station_m(car_id), DIGITS),
                    behind=holding.behind is not None,
                    onward=onward,
                    onward_number=numbers.get((car_id, onward), -1),
                    left_edge=holding.left_edge,
                )
            )
        return State(tuple(sorted(cars)), closed)
