"""An operator who drives cars by hand by chance, in a world of doubles, and sees that nobody is in the way."""

from __future__ import annotations

import random

from city.city import Command
from fleet.clock import ManualClock
from fleet.driving import HandCommand, HandReleased
from fleet.messages import Manual
from pixelopolis.bench.served.car_double import CarDouble
from server.dispatch.car_lines import CarLines
from server.dispatch.drive_desk import DriveDesk
from server.fleet_control import operations
from server.fleet_control.hand import Hand
from tests.server.fleet_world import FleetWorld

TURNS = (None, Command.FORWARD, Command.LEFT, Command.RIGHT)


class _DirectLines(CarLines):
    """What a hand says is heard at once; all else comes by the world's own lines."""

    def __init__(self, world: FleetWorld) -> None:
        super().__init__()
        self._cars = {car.car_id: car for car in world.cars}

    def pass_on(self, car_id: str, manual: Manual) -> None:
        self._cars[car_id].hear(manual)


class ChanceDriver:
    """At the wheel of one car at a time; call `step` before each step of the world and `watch` after it."""

    def __init__(self, world: FleetWorld, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.clock = ManualClock(world.now_s)
        self.desk = DriveDesk(world.fleet, _DirectLines(world), self.clock)
        self.car: CarDouble | None = None
        self.driven_m = 0.0
        self._hand: Hand | None = None
        self._sequence = 0
        self._before: dict[str, tuple[int, float, float]] = {}

    def sit_down(self) -> None:
        """Take the wheel of some car."""
        self.stand_up()
        self.car = self.rng.choice(self.world.cars)
        operations.hold_car(self.world.fleet, self.car.car_id)
        self._hand = self.desk.take(self.car.car_id, "alice")

    def stand_up(self) -> None:
        """Leave the wheel; the car is put on its lane again if it is not there, and released."""
        if self.car is None or self._hand is None:
            return
        self.desk.leave(self.car.car_id, self._hand)
        self.car.is_out_of_lane = False
        operations.release_car(self.world.fleet, self.car.car_id)
        self.car = self._hand = None

    def leave_lane(self) -> None:
        """Drive off the lane."""
        if self.car is not None and not self.car.is_on_node:
            self.car.is_out_of_lane = True

    def step(self) -> None:
        """Ask for some speed and turn, or let go."""
        self.clock.advance(max(0.0, self.world.now_s - self.clock.now_s()))
        self._before = {car.car_id: (car.edge, car.s_m, car.strayed_m) for car in self.world.cars}
        self.desk.watch()
        if self.car is None or self._hand is None:
            return
        if self.rng.random() < 0.02:
            self.desk.hear(self.car.car_id, self._hand, HandReleased(released=True))
            return
        view = self.desk.view(self.car.car_id, self._hand)
        self._sequence += 1
        command = HandCommand(
            steering=self.rng.uniform(-1, 1),
            speed_mps=self.rng.choice([0.0, 0.1, 0.1]),
            sequence=self._sequence,
            state=view.number,
            turn=self.rng.choice(TURNS) if self.rng.random() < 0.1 else None,
        )
        self.desk.hear(self.car.car_id, self._hand, command)

    def watch(self) -> None:
        """While a car moves outside its lane, nobody else does."""
        moved = {car.car_id for car in self.world.cars if self._before[car.car_id][:2] != (car.edge, car.s_m)}
        strayed = {car.car_id for car in self.world.cars if self._before[car.car_id][2] != car.strayed_m}
        assert len(strayed) <= 1
        assert not (strayed and moved), f"{strayed} beside {moved} at {self.world.now_s:.1f} s"
        if self.car is not None and self.car.car_id in moved:
            self.driven_m += 0.025
