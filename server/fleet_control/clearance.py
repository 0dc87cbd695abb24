"""Room for a car that is driven by hand outside its lane: all others stand before it moves, and while it does. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.messages import LINK_TIMEOUT_S
from fleet.views import CarStatus
from server.fleet_control.car_state import CarState
from server.traffic.planning import STANDING_MPS

BRAKING_S = 0.5  # from full speed, and what a message takes on its way
STANDS_AFTER_S = LINK_TIMEOUT_S + BRAKING_S  # by then a car stands, whether it has heard that it has to or not
KEPT_S = 5.0  # after the hand has let go: it may be about to grip again


class Clearance:
    """For at most one car at a time. It outlasts the grip, so that the car surely stands when the others go on."""

    def __init__(self) -> None:
        self._car_id: str | None = None
        self._since_s = 0.0
        self._until_s = 0.0

    def look(self, cars: Mapping[str, CarState], now_s: float) -> None:
        """See who needs it now; who has it keeps it for some time."""
        needing = [car_id for car_id, car in sorted(cars.items()) if _needs_it(car)]
        holder = cars.get(self._car_id or "")
        if self._car_id in needing:
            self._until_s = now_s + KEPT_S
        elif holder is None or not holder.is_out_of_lane or now_s >= self._until_s:
            self._car_id = needing[0] if needing else None
            self._since_s, self._until_s = now_s, now_s + KEPT_S

    def halts(self, car_id: str) -> bool:
        """Whether a car has to stand because another one is outside its lane."""
        return self._car_id not in (None, car_id)

    def is_given(self, car_id: str, cars: Mapping[str, CarState], now_s: float) -> bool:
        """Whether all others stand for this car, and will."""
        if self._car_id != car_id or now_s - self._since_s < STANDS_AFTER_S:
            return False
        return all(_stands(car) for other, car in cars.items() if other != car_id)


def _needs_it(car: CarState) -> bool:
    return car.is_out_of_lane and car.is_in_hand and not car.has_to_stand


def _stands(car: CarState) -> bool:
    """A silent car has been stopped by the silence."""
    return car.status is CarStatus.LOST or car.report is None or abs(car.report.speed_mps) <= STANDING_MPS
