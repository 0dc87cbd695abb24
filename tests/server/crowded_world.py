"""A fleet whose every station books again as soon as it can: more visitors than the places of a city can take."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from city.city import City
from fleet.views import RideState
from server.rides import booking
from tests.server.fleet_world import FleetWorld

# By chance, in a step of a tenth of a second.
BOOKS, CHOOSES, ENDS = 0.01, 0.05, 0.02


class CrowdedWorld(FleetWorld):
    """As many stations as cars.

    Attributes:
        ride_s: by place, how long each ride took from the choice to its end.
    """

    def __init__(self, city: City, cars: int, seed: int) -> None:
        super().__init__(city, cars, seed)
        self.ride_s: dict[str, list[float]] = defaultdict(list)
        self._stations = [f"station-{number}" for number in range(len(self.cars))]
        self._chosen_s: dict[str, float] = {}

    def _visit(self) -> None:
        rides, places = self.fleet.rides, sorted(self.city.places)
        busy = {ride.station_id for ride in rides.all.values()}
        for station in self._stations:
            if station not in busy and self.rng.random() < BOOKS:
                self.booked += 1
                rides.book(f"ride{self.booked}", f"r{self.booked}", station, station, self.now_s)
        for ride in list(rides.all.values()):
            if ride.state is RideState.CHOOSING and self.rng.random() < CHOOSES:
                place_id = self.rng.choice(places)
                rides.apply(ride.ride_id, partial(booking.choose, place_id=place_id, now_s=self.now_s))
                self._chosen_s[ride.ride_id] = self.now_s
            elif ride.state is RideState.ARRIVED and self.rng.random() < ENDS:
                rides.apply(ride.ride_id, partial(booking.end, now_s=self.now_s))
                self.ride_s[ride.place_id or ""].append(self.now_s - self._chosen_s[ride.ride_id])
            elif ride.is_final:
                rides.forget([ride.ride_id])
