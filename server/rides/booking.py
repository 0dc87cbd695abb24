"""The life of a ride as a typed state machine. Pure: every step takes the time and gives a new ride.

Every step may be repeated: what has happened already is answered with the ride as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from fleet.views import FINAL_STATES, RideState

CHOOSING_TIMEOUT_S = 120.0
ARRIVED_TIMEOUT_S = 30.0

# The only changes of state that exist.
TRANSITIONS: frozenset[tuple[RideState, RideState]] = frozenset(
    {
        (RideState.WAITING, RideState.CHOOSING),
        (RideState.WAITING, RideState.CANCELLED),
        (RideState.CHOOSING, RideState.RIDING),
        (RideState.CHOOSING, RideState.WAITING),  # the car failed before a place was chosen: another one comes
        (RideState.CHOOSING, RideState.CANCELLED),
        (RideState.RIDING, RideState.ARRIVED),
        (RideState.RIDING, RideState.CHOOSING),  # the way to the place was closed: the visitor picks another one
        (RideState.RIDING, RideState.INTERRUPTED),
        (RideState.RIDING, RideState.CANCELLED),
        (RideState.INTERRUPTED, RideState.RIDING),
        (RideState.INTERRUPTED, RideState.CANCELLED),
        (RideState.ARRIVED, RideState.ENDED),
    }
)
STATES_WITH_CAR = frozenset({RideState.CHOOSING, RideState.RIDING, RideState.INTERRUPTED, RideState.ARRIVED})


class IllegalStepError(Exception):
    """A step that a ride in its present state cannot take."""


class PlaceClosedError(Exception):
    """A place to which no car can go now."""


@dataclass(frozen=True, slots=True)
class Ride:
    """One visitor's ride.

    Attributes:
        created: orders the queue.
        changed_s: clock time of the last change of state.
        refused_place_id: the place that was chosen and then closed, until another choice.
    """

    ride_id: str
    request_id: str
    station_id: str
    station_device_id: str
    created: int
    state: RideState = RideState.WAITING
    changed_s: float = 0.0
    car_id: str | None = None
    car_device_id: str | None = None
    place_id: str | None = None
    refused_place_id: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to this ride any more."""
        return self.state in FINAL_STATES


def pair(ride: Ride, car_id: str, car_device_id: str, now_s: float) -> Ride:
    """Give a waiting ride its car.

    Raises:
        IllegalStepError: if the ride does not wait for a car.
    """
    if ride.state is RideState.CHOOSING and ride.car_id == car_id:
        return ride
    return replace(_step(ride, RideState.CHOOSING, now_s), car_id=car_id, car_device_id=car_device_id)


def choose(ride: Ride, place_id: str, now_s: float) -> Ride:
    """The visitor picks a place.

    Raises:
        IllegalStepError: if the ride has no car yet, another place was chosen before, or the ride is over.
    """
    if ride.place_id == place_id and not ride.is_final:
        return ride
    if ride.state is not RideState.CHOOSING:
        raise IllegalStepError(f"ride {ride.ride_id} is {ride.state}: a place can only be chosen while choosing")
    return replace(_step(ride, RideState.RIDING, now_s), place_id=place_id, refused_place_id=None)


def lose_place(ride: Ride, now_s: float) -> Ride:
    """The way to the place of a ride under way was closed: its visitor has the car and chooses again."""
    if ride.state is not RideState.RIDING:
        return ride
    return replace(_step(ride, RideState.CHOOSING, now_s), place_id=None, refused_place_id=ride.place_id)


def arrive(ride: Ride, now_s: float) -> Ride:
    """The car stands at the place."""
    return ride if ride.state is RideState.ARRIVED else _step(ride, RideState.ARRIVED, now_s)


def end(ride: Ride, now_s: float) -> Ride:
    """The visitor has arrived and lets the car go.

    Raises:
        IllegalStepError: if the ride has not arrived.
    """
    return ride if ride.state is RideState.ENDED else _step(ride, RideState.ENDED, now_s)


def cancel(ride: Ride, now_s: float) -> Ride:
    """The visitor gives up; a ride that has arrived ends as usual, a ride that is over stays as it is."""
    if ride.is_final:
        return ride
    return _step(ride, RideState.ENDED if ride.state is RideState.ARRIVED else RideState.CANCELLED, now_s)


def lose_car(ride: Ride, now_s: float) -> Ride:
    """The ride's car is lost: a ride under way is interrupted, one without a place goes back to the queue."""
    if ride.state is RideState.CHOOSING:
        return replace(_step(ride, RideState.WAITING, now_s), car_id=None, car_device_id=None)
    if ride.state is RideState.RIDING:
        return _step(ride, RideState.INTERRUPTED, now_s)
    return ride


def find_car(ride: Ride, now_s: float) -> Ride:
    """The ride's car is back and knows where it is."""
    return _step(ride, RideState.RIDING, now_s) if ride.state is RideState.INTERRUPTED else ride


def time_out(ride: Ride, now_s: float) -> Ride:
    """End what nobody ends: a visitor who never chooses, an arrival that nobody confirms."""
    waited_s = now_s - ride.changed_s
    if ride.state is RideState.CHOOSING and waited_s >= CHOOSING_TIMEOUT_S:
        return _step(ride, RideState.CANCELLED, now_s)
    if ride.state is RideState.ARRIVED and waited_s >= ARRIVED_TIMEOUT_S:
        return _step(ride, RideState.ENDED, now_s)
    return ride


def _step(ride: Ride, state: RideState, now_s: float) -> Ride:
    if (ride.state, state) not in TRANSITIONS:
        raise IllegalStepError(f"ride {ride.ride_id} is {ride.state}: it cannot become {state}")
    return replace(ride, state=state, changed_s=now_s)
