"""How much road a car takes: room on edges, distances kept, and the way out of any jam."""

from __future__ import annotations

import math

from city.city import City
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry
from server.traffic.escape_ring import escape_ring, escapes

SLOT_M = 0.40  # of an edge for each car that may be on it
SLOT_TOLERANCE_M = 0.02  # an edge that lacks so little still has the slot
HEADWAY_M = 0.30  # axle to axle, behind the car ahead; leaves 12 cm between bumpers
CLEAR_MARGIN_M = 0.05  # beyond the rear bumper, before a node counts as left
APPROACH_M = 0.55  # to the stop line: a car nearer than this asks for the node


class CityTooTightError(ValueError):
    """A city in which cars of this size cannot be kept apart."""


class Road:
    """Room and distances in one city for one kind of car; immutable.

    Attributes:
        slots: by edge, how many cars may be on it.
        clear_m: station on an edge from which a car has left the node behind it.
        ring: the escape ring; empty where the city has no closed way round.
        escape: by edge, the next edge of its way out of a jam.
        fleet_limit: how many cars the city can always keep moving; None without a ring.
    """

    def __init__(self, city: City, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> None:
        """Measure a city.

        Raises:
            CityTooTightError: if an edge is too short for a car to leave one node before the next.
        """
        self.city = city
        self.vehicle = vehicle
        self.clear_m = vehicle.rear_overhang_m + CLEAR_MARGIN_M
        for edge in city.edges.values():
            if self.stop_line_m(edge.id) < self.clear_m:
                needed_m = self.clear_m + vehicle.front_overhang_m
                raise CityTooTightError(
                    f"edge {edge.id} of city {city.name} is {edge.curve.length_m:.2f} m long; a car needs at least "
                    f"{needed_m:.2f} m to leave the node behind it: make the edge longer"
                )
        self.slots = {edge.id: self._slots(edge.curve.length_m) for edge in city.edges.values()}
        self.ring = escape_ring(city, self.slots)
        self.escape = escapes(city, self.ring)
        self.fleet_limit = self.limit_of(self.ring) if self.ring else None

    def limit_of(self, ring: tuple[int, ...]) -> int:
        """How many cars an escape ring can always keep moving."""
        return max(1, sum(self.slots[edge] for edge in ring) - 1)

    def length_m(self, edge: int) -> float:
        """Length of an edge up to its stop line."""
        return self.city.edges[edge].curve.length_m

    def stop_line_m(self, edge: int) -> float:
        """Where the axle of a car stands that waits at the end of `edge`."""
        return self.length_m(edge) - self.vehicle.front_overhang_m

    @staticmethod
    def _slots(length_m: float) -> int:
        return max(1, math.floor((length_m + SLOT_TOLERANCE_M) / SLOT_M))
