"""Who drives which of the simulated cars, where drivers come and go by themselves. Pure: time is handed in.

A driver claims a car and has it until it goes. The car then stands where it was left, for whoever takes over; if nobody
does for a while, it is lifted off the road, as staff would do.
"""

from __future__ import annotations

from collections.abc import Sequence

LIFT_AFTER_S = 30.0  # a driver that is started again is back sooner


class ClaimBook:
    """The claims of drivers, by names that are unique among them."""

    def __init__(self, car_ids: Sequence[str]) -> None:
        self._car_ids = tuple(car_ids)
        self._drivers: dict[str, str] = {}  # by car
        self._left_s: dict[str, float] = {}  # when the driver of a car on the road went, by car

    @property
    def claimed(self) -> frozenset[str]:
        """Cars that have a driver."""
        return frozenset(self._drivers)

    def car_of(self, driver: str) -> str | None:
        """The car that a driver has."""
        return next((car_id for car_id, holder in self._drivers.items() if holder == driver), None)

    def choose(self, wanted: str | None = None) -> str | None:
        """The next driver's car: its former one, else one that stands on the road, else any; None if all are taken.

        Args:
            wanted: the car that the driver had before, or would like.
        """
        free = [car_id for car_id in self._car_ids if car_id not in self._drivers]
        free.sort(key=lambda car_id: (car_id != wanted, car_id not in self._left_s))
        return free[0] if free else None

    def claim(self, driver: str, car_id: str) -> None:
        """Give a driver a car that is free.

        Raises:
            ValueError: if there is no such car, it has a driver, or the driver has a car.
        """
        if car_id not in self._car_ids or car_id in self._drivers or self.car_of(driver) is not None:
            raise ValueError(f"{driver} cannot have {car_id}")
        self._drivers[car_id] = driver
        self._left_s.pop(car_id, None)

    def end(self, driver: str, now_s: float) -> None:
        """A driver has gone; its car, if it had one, stands where it was left."""
        car_id = self.car_of(driver)
        if car_id is not None:
            del self._drivers[car_id]
            self._left_s[car_id] = now_s

    def take_abandoned(self, now_s: float) -> list[str]:
        """Cars that have stood without a driver for too long, each once: they are to be lifted off the road."""
        due = [car_id for car_id, left_s in self._left_s.items() if now_s - left_s >= LIFT_AFTER_S]
        for car_id in due:
            del self._left_s[car_id]
        return due
