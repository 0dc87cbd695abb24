"""Which ways through nodes a car took on its route, and whether they were the commanded ones."""

from __future__ import annotations

from dataclasses import dataclass

from city.city import City
from city.route_line import RouteLine, Segment


@dataclass(frozen=True, slots=True)
class Crossings:
    """Counts of ways through nodes; a choice is one where only the command tells the way."""

    taken: int = 0
    as_commanded: int = 0
    choices_taken: int = 0
    choices_as_commanded: int = 0

    def __add__(self, other: Crossings) -> Crossings:
        return Crossings(
            self.taken + other.taken,
            self.as_commanded + other.as_commanded,
            self.choices_taken + other.choices_taken,
            self.choices_as_commanded + other.choices_as_commanded,
        )


def crossings_taken(city: City, line: RouteLine, station_m: float, *, wrong_turn: bool) -> Crossings:
    """The crossings of a drive from the start of `line` to `station_m`, where it ended.

    A crossing counts when it is driven to its end. After a wrong turn the last one that was begun counts as well, as
    taken another way than was commanded.
    """
    movements = [segment for segment in line.segments if segment.kind == "movement"]
    begun = [movement for movement in movements if movement.start_m <= station_m]
    wrong = begun[-1] if wrong_turn and begun else None
    total = Crossings()
    for movement in begun:
        if movement is wrong:
            total += _one(city, movement, as_commanded=False)
        elif movement.end_m <= station_m:
            total += _one(city, movement, as_commanded=True)
    return total


def _one(city: City, movement: Segment, *, as_commanded: bool) -> Crossings:
    choice = len(city.successors(movement.edge)) > 1
    return Crossings(1, int(as_commanded), int(choice), int(choice and as_commanded))
