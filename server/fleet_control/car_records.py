"""What is stored of each car, and a car made from it again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from city.city import City
from fleet.messages import DriveMode, Position
from server.fleet_control.car_state import CarState
from server.store.base import CarRecord
from server.traffic.planning import STOPPING_M
from server.traffic.right_of_way import Holding, RightOfWay

MOVING_MODES = frozenset({DriveMode.DRIVING, DriveMode.BLOCKED, DriveMode.MANUAL})


class CarRecords:
    """A record of every car: its road always, its position when its road changes or it stands."""

    def __init__(self) -> None:
        self._records: dict[str, CarRecord] = {}

    def restored(self, record: CarRecord, city: City) -> CarState:
        """The car of a stored record, silent so far; a place in another city is forgotten."""
        if record.holding is not None and not _fits(record.holding, city):
            record = replace(record, holding=None, position=None)
        self._records[record.car_id] = record
        car = CarState(record.car_id, record.device_id, record.stream_url, record.position, True)
        car.battery_low = record.battery_low
        return car

    def holding(self, car_id: str) -> Holding | None:
        """The road in a car's record."""
        return self._records[car_id].holding

    def renewed(self, cars: Mapping[str, CarState], right_of_way: RightOfWay) -> dict[str, CarRecord]:
        """The records of all cars as they are now."""
        for car in cars.values():
            holding = right_of_way.holdings.get(car.car_id)
            position = self._position(car, holding)
            self._records[car.car_id] = CarRecord(
                car.car_id, car.device_id, car.stream_address, holding, position, car.battery_low
            )
        return self._records

    def _position(self, car: CarState, holding: Holding | None) -> Position | None:
        stored = self._records.get(car.car_id)
        if holding is None:
            return car.position
        if stored is None or stored.holding != holding:
            return car.position
        stands = car.report is not None and car.report.mode not in MOVING_MODES
        return car.position if stands and not _trembles(car.position, stored.position) else stored.position


def _trembles(now: Position | None, stored: Position | None) -> bool:
    """Whether the car has not moved by more than its place is uncertain."""
    if now is None or stored is None or now.edge != stored.edge:
        return False
    return abs(stored.s_m - now.s_m) < STOPPING_M / 2


def _fits(holding: Holding, city: City) -> bool:
    if holding.edge not in city.edges:
        return False
    return holding.passage is None or (holding.edge, holding.passage.edge) in city.movements
