"""Who may be where: room on edges and nodes, granted by priority then age. Pure; knows nothing of time or networks.

A car holds the edge on which it is, the node behind it until its rear has left it, and, once granted, the passage
ahead: the node at the edge's end together with room on the next edge, so that it never has to stop on a node.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fleet.messages import Position
from server.traffic.longest_wait import KEPT_AFTER_S, kept_way
from server.traffic.road import HEADWAY_M, Road

AGED_WAIT_S = 12.0  # who has waited for so long comes before all priorities, the longest waiting first


@dataclass(frozen=True, slots=True)
class Passage:
    """The way through a node onto the next edge. Cars on an edge follow each other by `turn`."""

    node: int
    edge: int
    turn: int


@dataclass(frozen=True, slots=True)
class Holding:
    """The road that is kept for one car.

    Attributes:
        edge: on which its axle is, or whose end node it crosses.
        turn: place in the order of cars on that edge; lower is ahead.
        behind: the node at the edge's start, while the car's rear may still be on it.
        passage: granted way through the node at the edge's end.
        left_edge: the whole car is on that node, and the edge's room is free again.
    """

    edge: int
    turn: int
    behind: int | None = None
    passage: Passage | None = None
    left_edge: bool = False

    def holds_node(self, node: int) -> bool:
        """Whether nobody else may enter the node."""
        return self.behind == node or (self.passage is not None and self.passage.node == node)

    @property
    def edges(self) -> frozenset[int]:
        """The edges on which room is held."""
        here = () if self.left_edge else (self.edge,)
        return frozenset(here if self.passage is None else (*here, self.passage.edge))

    @property
    def way(self) -> tuple[int, ...]:
        """The edge on which the car is and, where granted, the next one."""
        return (self.edge,) if self.passage is None else (self.edge, self.passage.edge)

    @property
    def last_edge(self) -> int:
        """The edge on which the car will be when it has used all that it holds."""
        return self.way[-1]


class Refusal(StrEnum):
    """Why a passage is not granted now; shown to operators."""

    NO_WAY = "no way"
    NODE_TAKEN = "node taken"
    CLOSED = "road closed"
    NO_ROOM = "no room ahead"
    WOULD_JAM = "would jam"
    NOT_FIRST = "car ahead"
    KEPT = "kept for a car that has waited long"


@dataclass(frozen=True, slots=True)
class Request:
    """A car asks for the node ahead. `escaping` allows its escape edge even where a jam looks near."""

    car_id: str
    options: tuple[int, ...]  # next edges, the wanted one first
    waiting_s: float
    escaping: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How far a car may drive: up to station `s_m` of `edge`; the edge's length means its stop line."""

    edge: int
    s_m: float


class RightOfWay:
    """All holdings of a city and the rules by which they change."""

    def __init__(self, road: Road, holdings: Mapping[str, Holding] | None = None) -> None:
        self.road = road
        self._holdings: dict[str, Holding] = {}
        self._on: dict[int, set[str]] = {edge: set() for edge in road.city.edges}  # who holds room there
        for car_id, holding in (holdings or {}).items():
            self._hold(car_id, holding)
        self._stations_m: dict[str, float] = {}
        self._turn = 1 + max((_last_turn(h) for h in self._holdings.values()), default=0)

    @property
    def holdings(self) -> Mapping[str, Holding]:
        """The holdings of all cars that were ever placed."""
        return self._holdings

    def restore(self, car_id: str, holding: Holding, station_m: float) -> None:
        """Take over a stored holding; `station_m` is where the car was at least, along `holding.edge`."""
        self._hold(car_id, holding)
        self._stations_m[car_id] = station_m
        self._turn = max(self._turn, _last_turn(holding) + 1)

    def lift(self, car_id: str) -> None:
        """A car is off the road, and holds none of it, if it did."""
        holding = self._holdings.pop(car_id, None)
        self._stations_m.pop(car_id, None)
        for edge in holding.edges if holding is not None else ():
            self._on[edge].discard(car_id)

    def station_m(self, car_id: str) -> float:
        """Where a car is along its holding's edge, the movement beyond included."""
        return self._stations_m[car_id]

    def occupants(self, edge: int) -> list[str]:
        """Cars that hold room on an edge, first the one in front."""
        return [car_id for _, car_id in sorted((_turn_on(self._holdings[each], edge), each) for each in self._on[edge])]

    def occupancy(self, edge: int) -> int:
        """How many cars hold room on an edge."""
        return len(self._on[edge])

    def node_holders(self, node: int) -> list[str]:
        """Cars that hold a node: never more than one by grant."""
        return [car_id for car_id, holding in self._holdings.items() if holding.holds_node(node)]

    def move(self, car_id: str, position: Position) -> None:
        """Take a car's position: road behind it becomes free; a car off its own road gets the road it stands on."""
        holding = self._holdings.get(car_id)
        if holding is None:
            self._place(car_id, position)
        elif position.edge == holding.edge and self._is_on_course(holding, position):
            self._advance(car_id, holding, position.s_m)
        elif holding.passage is not None and position.edge == holding.passage.edge:
            behind = holding.passage.node
            entered = Holding(holding.passage.edge, holding.passage.turn, behind)
            if position.next_edge is not None and self._is_beyond(position):
                self._place(car_id, position)
            else:
                self._advance(car_id, entered, position.s_m)
        else:
            self._place(car_id, position)

    def _is_beyond(self, position: Position) -> bool:
        return position.s_m > self.road.length_m(position.edge)

    def _is_on_course(self, holding: Holding, position: Position) -> bool:
        if position.next_edge is None or not self._is_beyond(position):
            return True
        return holding.passage is not None and holding.passage.edge == position.next_edge

    def _hold(self, car_id: str, holding: Holding) -> None:
        """The only place at which a holding changes."""
        before = self._holdings.get(car_id)
        if before is holding:
            return
        for edge in before.edges if before is not None else ():
            self._on[edge].discard(car_id)
        for edge in holding.edges:
            self._on[edge].add(car_id)
        self._holdings[car_id] = holding

    def _advance(self, car_id: str, holding: Holding, s_m: float) -> None:
        if holding.behind is not None and s_m >= self.road.clear_m:
            holding = replace(holding, behind=None)
        if holding.passage is not None and s_m >= self.road.length_m(holding.edge) + self.road.clear_m:
            holding = replace(holding, left_edge=True)
        self._hold(car_id, holding)
        self._stations_m[car_id] = s_m

    def _place(self, car_id: str, position: Position) -> None:
        """Hold the road on which a car stands, whoever else holds it: it is there."""
        edge = self.road.city.edges[position.edge]
        others = [other for other in self.occupants(edge.id) if other != car_id]
        turn = self._next_turn()
        for other in others:
            if self._station_on(other, edge.id) <= position.s_m:
                self._hold(other, _with_turn(self._holdings[other], edge.id, self._next_turn()))
        behind = edge.start if position.s_m < self.road.clear_m else None
        self._hold(car_id, Holding(edge.id, turn, behind))
        self._stations_m[car_id] = position.s_m
        if position.next_edge is not None and self._is_beyond(position):
            passage = Passage(edge.end, position.next_edge, self._next_turn())
            self._advance(car_id, replace(self._holdings[car_id], passage=passage), position.s_m)

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn

    def _station_on(self, car_id: str, edge: int) -> float:
        """Where a car is along `edge`; negative while it is still on its way there."""
        holding = self._holdings[car_id]
        return self._stations_m[car_id] if holding.edge == edge else -1.0

    def grant(
        self,
        requests: Sequence[Request],
        closed: Collection[int] = frozenset(),
        escape: Mapping[int, int] | None = None,
    ) -> dict[str, int | Refusal]:
        """Grant what can be granted; the answer is, by car, the next edge or why not.

        Order: cars that have waited long, then the priority of the edge they come from, then age. A request is refused
        where its edge has no room or is closed, or where it would fill the last gap in a closed way round; also where
        the edge is on the way out of the car that has waited longest, unless the car that asks is on that way itself.

        Args:
            requests: at most one of each car.
            closed: edges that nobody may enter.
            escape: by edge, the next edge of its way out of a jam; that of the whole city when left out.
        """
        escape = self.road.escape if escape is None else escape
        answers: dict[str, int | Refusal] = {}
        kept = self._kept_way(requests, closed, escape)
        for request in sorted(requests, key=self._rank):
            others = kept[1:] if self._holdings[request.car_id].edge not in kept else ()
            answers[request.car_id] = self._answer(request, closed, others, escape)
        return answers

    def _kept_way(
        self, requests: Sequence[Request], closed: Collection[int], escape: Mapping[int, int]
    ) -> tuple[int, ...]:
        """The edge of the car that has waited longest, and those on its way out; empty if nobody has waited so long."""
        long = [request for request in requests if request.waiting_s >= KEPT_AFTER_S]
        for request in sorted(long, key=lambda request: (-request.waiting_s, request.car_id)):
            start = self._holdings[request.car_id].edge
            if way := kept_way(escape, start, self._has_room, closed):
                return (start, *way)
        return ()

    def _has_room(self, edge: int) -> bool:
        return self.occupancy(edge) < self.road.slots[edge]

    def _rank(self, request: Request) -> tuple[int, float, str]:
        priority = self.road.city.edges[self._holdings[request.car_id].edge].priority
        return (-1 if request.waiting_s >= AGED_WAIT_S else priority, -request.waiting_s, request.car_id)

    def _answer(
        self, request: Request, closed: Collection[int], kept: Collection[int], escape: Mapping[int, int]
    ) -> int | Refusal:
        holding = self._holdings[request.car_id]
        if holding.passage is not None:
            return holding.passage.edge
        if self.occupants(holding.edge)[0] != request.car_id:
            return Refusal.NOT_FIRST
        first_refusal: Refusal | None = None
        for edge in request.options:
            way_out = request.escaping and escape.get(holding.edge) == edge
            refusal = self._refusal(request.car_id, holding, edge, closed, way_out=way_out)
            if refusal is None and edge in kept:
                refusal = Refusal.KEPT
            if refusal is None:
                node = self.road.city.edges[holding.edge].end
                self._hold(request.car_id, replace(holding, passage=Passage(node, edge, self._next_turn())))
                return edge
            first_refusal = first_refusal or refusal
        return first_refusal or Refusal.NO_WAY

    def _refusal(
        self, car_id: str, holding: Holding, edge: int, closed: Collection[int], *, way_out: bool
    ) -> Refusal | None:
        if (holding.edge, edge) not in self.road.city.movements:
            return Refusal.NO_WAY
        if any(holder != car_id for holder in self.node_holders(self.road.city.edges[holding.edge].end)):
            return Refusal.NODE_TAKEN
        if edge in closed:
            return Refusal.CLOSED
        if not self._has_room(edge):
            return Refusal.NO_ROOM
        occupants = self.occupants(edge)
        if occupants and self._station_on(occupants[-1], edge) - HEADWAY_M < self.road.clear_m:
            return Refusal.NO_ROOM
        if not way_out and self._would_jam(holding.edge, edge):
            return Refusal.WOULD_JAM
        return None

    def _would_jam(self, from_edge: int, to_edge: int) -> bool:
        """Whether a car moving from one edge to another would complete a closed way round of full edges."""
        settled: dict[int, int] = {}
        for holding in self._holdings.values():
            settled[holding.last_edge] = settled.get(holding.last_edge, 0) + 1
        settled[from_edge] -= 1
        settled[to_edge] = settled.get(to_edge, 0) + 1
        full = {edge for edge, count in settled.items() if count >= self.road.slots[edge]}
        if to_edge not in full:
            return False
        seen: set[int] = set()
        frontier = [to_edge]
        while frontier:
            for movement in self.road.city.successors(frontier.pop()):
                if movement.to_edge == to_edge:
                    return True
                if movement.to_edge in full and movement.to_edge not in seen:
                    seen.add(movement.to_edge)
                    frontier.append(movement.to_edge)
        return False

    def limit(self, car_id: str) -> Limit:
        """How far a car may drive on the road that it holds, staying behind the car ahead."""
        holding = self._holdings[car_id]
        edge, turn = (
            (holding.edge, holding.turn) if holding.passage is None else (holding.passage.edge, holding.passage.turn)
        )
        limit_m = self.road.length_m(edge)
        for ahead_m in self._stations_ahead(edge, turn):
            limit_m = min(limit_m, ahead_m - HEADWAY_M)
        if holding.passage is not None and limit_m < 0:
            return Limit(holding.edge, self.road.length_m(holding.edge))
        return Limit(edge, max(0.0, limit_m))

    def _stations_ahead(self, edge: int, turn: int) -> Iterator[float]:
        for car_id in self.occupants(edge):
            holding = self._holdings[car_id]
            if holding.edge == edge and holding.turn < turn:
                yield self._stations_m[car_id]


def _turn_on(holding: Holding, edge: int) -> int:
    if holding.passage is not None and holding.passage.edge == edge:
        return holding.passage.turn
    return holding.turn


def _with_turn(holding: Holding, edge: int, turn: int) -> Holding:
    if holding.passage is not None and holding.passage.edge == edge:
        return replace(holding, passage=replace(holding.passage, turn=turn))
    return replace(holding, turn=turn)


def _last_turn(holding: Holding) -> int:
    return holding.turn if holding.passage is None else max(holding.turn, holding.passage.turn)
