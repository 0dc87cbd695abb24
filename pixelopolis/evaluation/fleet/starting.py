"""Where the cars of a simulated fleet are when it begins, and what the server remembers of that."""

from __future__ import annotations

from collections.abc import Mapping

from city.city import City
from city.geometry import Pose
from fleet.messages import Position
from server.store.base import CarRecord, Changes, Store, Versioned
from server.traffic.right_of_way import Holding
from sim.whereabouts import Locator


def tells_places_apart(city: City) -> bool:
    """Whether one sign is enough to know where one is: no kind of sign stands twice."""
    kinds = [sign.kind for sign in city.signs]
    return len(set(kinds)) == len(kinds)


async def remember(store: Store, city: City, starts: Mapping[str, Pose]) -> None:
    """Store the cars as a server left them that was stopped in the evening, so that they go on from there.

    In a city that has signs of a kind many times over, cars that know nothing would have to drive far to tell where
    they are, one after the other.

    Raises:
        StoreError: if it cannot be written.
    """
    locator = Locator(city)
    cars = []
    for turn, (car_id, pose) in enumerate(starts.items(), start=1):
        here = locator.locate(pose)
        if here.edge is not None:
            position = Position(edge=here.edge, s_m=here.s_m)
            record = CarRecord(car_id, device_of(car_id), None, Holding(here.edge, turn), position)
            cars.append(Versioned(record, 0))
    await store.commit(Changes(cars=tuple(cars)))


def device_of(car_id: str) -> str:
    """The device that drives a car."""
    return f"device-{car_id}"
