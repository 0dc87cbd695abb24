"""Were all signs reached: each at its node, in order, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from car.localisation.correction import matches
from car.localisation.landmarks import expect
from city.city import Sign
from pixelopolis.evaluation.whole_car.moments import Moment, Ride

PICTURES_NEEDED = 3  # with the sign where it ought to be
PLACE_ERROR_M = 0.10  # at the stop line
STRANGER_PICTURES = 3  # in a row with a sign that the city does not have there
STRANGER_RANGE_M = 1.0


@dataclass(frozen=True, slots=True)
class Passage:
    """One way past a sign."""

    edge: int
    kind: str
    pictures: int  # in which it was seen where it is
    place_error_m: float | None  # of what the car believed at the stop line; None if it believed to be elsewhere

    @property
    def reached(self) -> bool:
        """Whether the car saw the sign and knew where it was."""
        error_m = self.place_error_m
        return self.pictures >= PICTURES_NEEDED and error_m is not None and abs(error_m) <= PLACE_ERROR_M


def passages(ride: Ride) -> list[Passage]:
    """The signs that a ride came past, from the first edge that it drove from its start to its end."""
    found = []
    for index, edge in enumerate(ride.line.edges[:-1]):
        sign = ride.city.sign_at(edge)
        start_m, end_m = ride.line.edge_start_m(index), ride.line.edge_end_m(index)
        on_it = [moment for moment in ride.moments if start_m <= moment.station_m <= end_m]
        drove_all = on_it and on_it[0] is not ride.moments[0] and on_it[-1] is not ride.moments[-1]
        if sign is not None and drove_all:
            seen = sum(_shows(ride, moment, sign) for moment in on_it)
            found.append(Passage(edge, sign.kind, seen, _place_error_m(on_it[-1], edge, start_m)))
    return found


def _shows(ride: Ride, moment: Moment, sign: Sign) -> bool:
    expected = expect(sign, moment.pose, ride.camera)
    return any(seen.kind == sign.kind and matches(seen, expected) for seen in moment.signs or ())


def _place_error_m(moment: Moment, edge: int, start_m: float) -> float | None:
    believed = moment.believed
    if believed is None or believed.edge != edge:
        return None
    return believed.s_m - (moment.station_m - start_m)


def strangers(ride: Ride) -> Iterator[tuple[float, str]]:
    """Time and kind of each sign that was seen again and again, and is not there."""
    streaks: dict[str, int] = {}
    for moment in ride.moments:
        if moment.signs is None:
            continue
        near = {seen.kind for seen in moment.signs if seen.range_m < STRANGER_RANGE_M}
        kinds = {kind for kind in near if not _is_real(ride, moment, kind)}
        streaks = {kind: streaks.get(kind, 0) + 1 for kind in kinds}
        for kind, length in streaks.items():
            if length == STRANGER_PICTURES:
                yield moment.time_s, kind


def _is_real(ride: Ride, moment: Moment, kind: str) -> bool:
    """Whether a sign of that kind stands where one of that kind is seen."""
    alike: Sequence[Sign] = [sign for sign in ride.city.signs if sign.kind == kind]
    expected = [expect(sign, moment.pose, ride.camera) for sign in alike]
    return any(matches(seen, it) for seen in moment.signs or () if seen.kind == kind for it in expected)
