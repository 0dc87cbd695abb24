"""Places take cars in turn: where many want to go at once, the first few drive there and the others keep away. Pure.

A place takes one car at a time. Cars that all press towards it fill the roads round it, so that those which are to
leave cannot, and it takes fewer than it could: the congested branch of a city's fundamental diagram (Daganzo 2007,
"Urban gridlock"), whose remedy is to meter what enters. Whoever has booked first comes first, so nobody is overtaken
for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fleet.views import RideState
from server.rides.booking import Ride

# On their way to one place. Of 8, 10, 14 and 20 the best with 100 cars and 5 places among 200 nodes: fewer leave the
# place empty while the next car comes from far away, more jam the roads round it (docs/architecture.md).
CARS_AT_A_TIME = 14
# From one arrival at a busy place to the next; only for the expected time of arrival. Doubles of a hundred cars at five
# places took 19 s, real pilots 41 s, the last ones included (`evaluate fleet`, docs/operating.md).
PLACE_TURN_S = 30.0
_AT_PLACE = (RideState.RIDING, RideState.ARRIVED)


def rides_in_turn(rides: Iterable[Ride], at_a_time: int) -> frozenset[str]:
    """The ids of the rides whose cars may drive to their places now: of each place the `at_a_time` booked first."""
    before: Counter[str] = Counter()
    in_turn = set()
    for ride in sorted(rides, key=lambda ride: ride.created):
        if ride.state not in _AT_PLACE or ride.place_id is None:
            continue
        if before[ride.place_id] < at_a_time:
            in_turn.add(ride.ride_id)
        before[ride.place_id] += 1
    return frozenset(in_turn)


def rides_ahead(rides: Iterable[Ride], ride: Ride) -> int:
    """How many others have their turn at a ride's place before it."""
    return sum(
        other.created < ride.created and other.place_id == ride.place_id and other.state in _AT_PLACE for other in rides
    )
