"""Were cars ahead noticed in time, and did the car ever stand for one that was not there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pixelopolis.evaluation.whole_car.moments import Moment, Ride

NOTICED_BY_M = 0.6
SIGHT_FROM_M = 1.0
PICTURES_IN_SIGHT = 5  # that a car must have been in sight, between these two distances
FALSE_FROM_M = 0.3  # a car that is farther ahead is no reason to stand


@dataclass(frozen=True, slots=True)
class Encounter:
    """A standing car that was come up to."""

    time_s: float
    noticed_at_m: float | None  # the gap at which the pilot first minded it; None if it never did

    @property
    def in_time(self) -> bool:
        """Whether it was noticed before `NOTICED_BY_M`."""
        return self.noticed_at_m is not None and self.noticed_at_m >= NOTICED_BY_M


def encounters(ride: Ride) -> list[Encounter]:
    """Every time that the car came nearer than `NOTICED_BY_M` to a standing one that it could see before."""
    found: list[Encounter] = []
    approach: list[Moment] = []
    for moment in ride.moments:
        ahead = moment.ahead
        if ahead is None or not ahead.stands or ahead.gap_m > SIGHT_FROM_M:
            approach = []
            continue
        approach.append(moment)
        before = approach[-2].ahead if len(approach) > 1 else None
        if before is not None and before.gap_m >= NOTICED_BY_M > ahead.gap_m and _was_in_sight(approach[:-1]):
            found.append(Encounter(moment.time_s, _noticed_at_m(approach)))
    return found


def _was_in_sight(approach: list[Moment]) -> bool:
    return sum(moment.ahead is not None and moment.ahead.in_sight for moment in approach) >= PICTURES_IN_SIGHT


def _noticed_at_m(approach: list[Moment]) -> float | None:
    return next((m.ahead.gap_m for m in approach if m.ahead is not None and math.isfinite(m.seen_gap_m)), None)


def false_stops(ride: Ride) -> list[float]:
    """When the car began to stand for a car although none was near."""
    times = []
    stood = False
    for moment in ride.moments:
        near = moment.ahead is not None and moment.ahead.gap_m < FALSE_FROM_M
        if moment.blocked and not stood and not near:
            times.append(moment.time_s)
        stood = moment.blocked
    return times
