"""Records that the tests of stores write."""

from __future__ import annotations

from dataclasses import replace

from fleet.messages import Position
from server.rides.booking import Ride
from server.store.base import CarRecord, Changes, Store, Versioned
from server.traffic.right_of_way import Holding, Passage

RIDE = Ride("ride-1", "request-1", "station-1", "tablet", created=1)
CAR = CarRecord(
    "car-1", "board", "http://127.0.0.1/x", Holding(4, 7, 3, Passage(5, 5, 9)), Position(edge=4, s_m=0.5, next_edge=5)
)


def ride(number: int) -> Ride:
    return replace(RIDE, ride_id=f"ride-{number}", request_id=f"request-{number}", created=number)


async def put(store: Store, *rides: Ride, version: int = 0) -> None:
    await store.commit(Changes(rides=tuple(Versioned(ride, version) for ride in rides)))
