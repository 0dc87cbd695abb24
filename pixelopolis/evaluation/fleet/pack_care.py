"""The operator who changes packs: waits until a car whose battery is low has no visitor, lifts it, puts it back."""

from __future__ import annotations

from collections.abc import Mapping

from fleet.clock import Clock
from pixelopolis.evaluation.fleet.car_host import CarHost
from server.fleet_control.fleet_state import FleetState

LOOK_EVERY_S = 1.0
SWAP_S = 20.0
FRESH_CHARGE = 0.95


class PackCare:
    """Looks at the cars now and then."""

    def __init__(self, cars: Mapping[str, CarHost], clock: Clock) -> None:
        self._cars = cars
        self._clock = clock
        self._look_s = 0.0
        self.swaps = 0

    def step(self, fleet: FleetState) -> None:
        """Change the pack of every car that asks for it and is free."""
        now_s = self._clock.now_s()
        if now_s < self._look_s:
            return
        self._look_s = now_s + LOOK_EVERY_S
        for car_id, host in self._cars.items():
            asks = host.report is not None and host.report.battery_low
            if not asks or fleet.rides.of_car(car_id) is not None:
                continue
            host.kill(SWAP_S)
            host.board.battery.charge = FRESH_CHARGE
            self.swaps += 1
