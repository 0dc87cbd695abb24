"""All rides under way: the queue, pairing, and the steps that visitors, cars and time take. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fleet.views import RideState
from server.rides import booking
from server.rides.booking import STATES_WITH_CAR, Ride

Step = Callable[[Ride], Ride]


class UnknownError(Exception):
    """Something was named that the server does not know."""


@dataclass(frozen=True, slots=True)
class FreeCar:
    """A car that can take a visitor, and what it costs it to serve one."""

    car_id: str
    device_id: str
    cost: float
    battery_percent: float


class Rides:
    """Rides that are not over, and those that ended since the last `forget`."""

    def __init__(self, rides: Iterable[Ride] = (), created: int = 0) -> None:
        self._rides = {ride.ride_id: ride for ride in rides}
        self._by_car: dict[str | None, Ride] | None = None  # None: not looked up since the last change
        self._created = max([created, *(ride.created for ride in self._rides.values())])

    @property
    def all(self) -> Mapping[str, Ride]:
        """By id."""
        return self._rides

    def get(self, ride_id: str) -> Ride:
        """One ride.

        Raises:
            UnknownError: if it is not here.
        """
        if ride_id not in self._rides:
            raise UnknownError(f"there is no ride {ride_id}")
        return self._rides[ride_id]

    def book(self, ride_id: str, request_id: str, station_id: str, station_device_id: str, now_s: float) -> Ride:
        """Put a visitor into the queue; the same station and request give the same ride."""
        for ride in self._rides.values():
            if (ride.station_id, ride.request_id) == (station_id, request_id):
                return ride
        self._created += 1
        ride = Ride(ride_id, request_id, station_id, station_device_id, self._created, changed_s=now_s)
        self._put(ride)
        return ride

    def _put(self, ride: Ride) -> None:
        self._rides[ride.ride_id] = ride
        self._by_car = None

    def apply(self, ride_id: str, step: Step) -> Ride:
        """Take a step of `server.rides.booking` with one ride.

        Raises:
            UnknownError: if the ride is not here.
            IllegalStepError: if it cannot take the step.
        """
        self._put(step(self.get(ride_id)))
        return self._rides[ride_id]

    def apply_to_all(self, step: Step) -> None:
        """Take a step that leaves alone the rides that it does not concern."""
        for ride_id in list(self._rides):
            self._put(step(self._rides[ride_id]))

    def of_car(self, car_id: str) -> Ride | None:
        """The ride that a car serves."""
        if self._by_car is None:
            self._by_car = {ride.car_id: ride for ride in self._rides.values() if ride.state in STATES_WITH_CAR}
        return self._by_car.get(car_id)

    def queue(self) -> list[Ride]:
        """Rides that wait for a car, first come first."""
        waiting = [ride for ride in self._rides.values() if ride.state is RideState.WAITING]
        return sorted(waiting, key=lambda ride: ride.created)

    def queue_position(self, ride: Ride) -> int | None:
        """1 for the next one; None for a ride that does not wait."""
        if ride.state is not RideState.WAITING:
            return None
        return 1 + sum(other.created < ride.created for other in self.queue())

    def pair(self, cars: Iterable[FreeCar], now_s: float) -> None:
        """Give waiting rides, in order, the cars that can serve them best; those that serve already are left out."""
        free = sorted(
            (car for car in cars if self.of_car(car.car_id) is None),
            key=lambda car: (car.cost, -car.battery_percent, car.car_id),
        )
        for ride, car in zip(self.queue(), free, strict=False):
            self._put(booking.pair(ride, car.car_id, car.device_id, now_s))

    def forget(self, ride_ids: Iterable[str]) -> None:
        """Drop rides that are over and stored."""
        for ride_id in ride_ids:
            self._rides.pop(ride_id, None)
        self._by_car = None

    def replace_all(self, rides: Mapping[str, Ride]) -> None:
        """Go back to an earlier state."""
        self._rides = dict(rides)
        self._by_car = None
