"""Every way to drive in a city, cut into pieces: an edge, one way through the node at its end, and the road beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from city.city import City, Command
from city.route_line import RouteLine

# Where a pilot gives the command of a crossing and takes it back. Both vary, since a real pilot's idea of where it
# is does. Late: on hearing "left" the first corner that is seen may lie before the opening or behind it, and the less
# road is left before the turn, the less there is to confuse.
COMMAND_BEFORE_STOP_LINE_M = (0.12, 0.34)
COMMAND_PAST_MOVEMENT_M = (-0.06, 0.15)
BEYOND_MOVEMENT_M = 0.15  # of the next edge that still belongs to the approach


@dataclass(frozen=True, slots=True)
class Approach:
    """One edge and one movement at its end, as a line that goes on far enough to look ahead on."""

    line: RouteLine
    command: Command
    stop_line_m: float  # station of the edge's end
    movement_end_m: float
    is_choice: bool  # there are other ways on from the same edge, so that only the command tells
    is_merge: bool  # there are other ways onto the next edge, so that the road ahead is wide

    @property
    def end_m(self) -> float:
        """The last station at which a car may be placed."""
        return self.movement_end_m + BEYOND_MOVEMENT_M


@dataclass(frozen=True, slots=True)
class CommandWindow:
    """The stretch on which a pilot gives the movement's command."""

    before_stop_line_m: float
    past_movement_m: float

    @classmethod
    def sample(cls, rng: np.random.Generator) -> CommandWindow:
        """A window such as a pilot with an imperfect position would have."""
        return cls(float(rng.uniform(*COMMAND_BEFORE_STOP_LINE_M)), float(rng.uniform(*COMMAND_PAST_MOVEMENT_M)))

    def command_at(self, approach: Approach, station_m: float) -> Command:
        """The command given when the car is at `station_m` of the approach."""
        given = (
            approach.stop_line_m - self.before_stop_line_m
            <= station_m
            <= approach.movement_end_m + self.past_movement_m
        )
        return approach.command if given else Command.FOLLOW


def approaches(city: City) -> tuple[Approach, ...]:
    """One approach for every movement of the city, in the order of their edges."""
    found = []
    for from_edge, to_edge in sorted(city.movements):
        beyond = [city.successors(to_edge)[0].to_edge] if city.successors(to_edge) else []
        line = RouteLine(city, [from_edge, to_edge, *beyond])
        movement = line.segments[1]
        is_choice, is_merge = len(city.successors(from_edge)) > 1, len(city.predecessors(to_edge)) > 1
        found.append(Approach(line, movement.command, movement.start_m, movement.end_m, is_choice, is_merge))
    return tuple(found)
