"""What operators have ordered and not taken back, as one immutable record. Pure; `operations.py` checks it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from city.city import City
from server.traffic.planning import Stop


@dataclass(frozen=True, slots=True)
class Errand:
    """An operator sends a car to stand at a stop, for service, until it is released."""

    car_id: str
    stop: Stop


@dataclass(frozen=True, slots=True)
class OperatorActs:
    """All acts in force. Taking an act twice, or taking back one that is not in force, changes nothing.

    Attributes:
        stopped: every car stands.
        closed_edges: nobody enters these; in rising order.
        held_cars: these stand; in alphabetical order.
        errands: at most one of a car and one on an edge, by car.
    """

    stopped: bool = False
    closed_edges: tuple[int, ...] = ()
    held_cars: tuple[str, ...] = ()
    errands: tuple[Errand, ...] = ()

    def holds(self, car_id: str) -> bool:
        """Whether a car has to stand, alone or with all others."""
        return self.stopped or car_id in self.held_cars

    def errand_of(self, car_id: str) -> Errand | None:
        """Where a car is sent."""
        return next((errand for errand in self.errands if errand.car_id == car_id), None)

    @property
    def taken_edges(self) -> frozenset[int]:
        """Edges that are closed or on which a car that was sent is to stand."""
        return frozenset(self.closed_edges) | {errand.stop.edge for errand in self.errands}

    def stop(self) -> OperatorActs:
        """Hold all cars."""
        return replace(self, stopped=True)

    def resume(self) -> OperatorActs:
        """Let all cars go on that are not held by themselves."""
        return replace(self, stopped=False)

    def close(self, edge: int) -> OperatorActs:
        """Close an edge."""
        return replace(self, closed_edges=tuple(sorted({*self.closed_edges, edge})))

    def open(self, edge: int) -> OperatorActs:
        """Open an edge."""
        return replace(self, closed_edges=tuple(closed for closed in self.closed_edges if closed != edge))

    def hold(self, car_id: str) -> OperatorActs:
        """Hold a car."""
        return replace(self, held_cars=tuple(sorted({*self.held_cars, car_id})))

    def send(self, car_id: str, stop: Stop) -> OperatorActs:
        """Send a car; an earlier errand of it is given up."""
        others = [errand for errand in self.errands if errand.car_id != car_id]
        return replace(self, errands=tuple(sorted([*others, Errand(car_id, stop)], key=lambda errand: errand.car_id)))

    def release(self, car_id: str) -> OperatorActs:
        """End a car's hold and its errand."""
        held = tuple(held for held in self.held_cars if held != car_id)
        errands = tuple(errand for errand in self.errands if errand.car_id != car_id)
        return replace(self, held_cars=held, errands=errands)

    def in_city(self, city: City) -> OperatorActs:
        """The acts that make sense in a city: those on edges of another one are dropped."""
        closed = tuple(edge for edge in self.closed_edges if edge in city.edges)
        errands = tuple(errand for errand in self.errands if errand.stop.edge in city.edges)
        return replace(self, closed_edges=closed, errands=errands)

    def braking_as(self, other: OperatorActs) -> OperatorActs:
        """These acts, and everything that makes cars stand in `other`."""
        held = tuple(sorted({*self.held_cars, *other.held_cars}))
        return replace(self, stopped=self.stopped or other.stopped, held_cars=held)
