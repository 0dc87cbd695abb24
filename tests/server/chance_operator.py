"""An operator who acts by chance, and sees that the fleet keeps to what was ordered."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from server.fleet_control import operations
from server.fleet_control.operations import ActRefusedError
from server.traffic.operator_acts import OperatorActs
from tests.server.fleet_world import FleetWorld

HEARD_AFTER_S = 1.5  # messages of the world come late, but not later


class ChanceOperator:
    """Acts on one world; call `watch` after each of its steps."""

    def __init__(self, world: FleetWorld, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.refused = 0
        self._may_enter: dict[int, set[str]] = {}  # by closed edge, the cars that had the way onto it before
        self._stood: dict[str, tuple[float, float, int]] = {}  # since when, and where, a car has to stand

    def act(self, act: Callable[[], None]) -> None:
        """Take an act, or count it as refused."""
        try:
            act()
        except ActRefusedError:
            self.refused += 1

    def close_some(self, count: int) -> None:
        """Open everything, then try to close so many edges."""
        fleet = self.world.fleet
        for edge in fleet.acts.closed_edges:
            operations.open_edge(fleet, edge)
        for edge in self.rng.sample(sorted(fleet.city.edges), count):
            self.act(partial(operations.close_edge, fleet, edge))

    def act_by_chance(self) -> None:
        """One act of any kind, on any car or edge."""
        fleet = self.world.fleet
        edge = self.rng.choice(sorted(fleet.city.edges))
        car_id = self.rng.choice(sorted(fleet.cars))
        acts: list[Callable[[], None]] = [
            partial(operations.close_edge, fleet, edge),
            partial(operations.open_edge, fleet, edge),
            partial(operations.hold_car, fleet, car_id),
            partial(operations.release_car, fleet, car_id),
            partial(operations.release_car, fleet, car_id),
            partial(operations.send_car, fleet, car_id, edge=edge),
            partial(operations.stop_all, fleet),
            partial(operations.resume_all, fleet),
            partial(operations.resume_all, fleet),
        ]
        self.act(self.rng.choice(acts))

    def take_all_back(self) -> None:
        """No act is in force any more."""
        fleet = self.world.fleet
        operations.resume_all(fleet)
        for edge in fleet.acts.closed_edges:
            operations.open_edge(fleet, edge)
        for car_id in fleet.cars:
            operations.release_car(fleet, car_id)
        assert fleet.acts == OperatorActs()

    def watch(self) -> None:
        """Closed edges are not entered anew, and who has to stand stands."""
        way, acts = self.world.fleet.right_of_way, self.world.fleet.acts
        self._may_enter = {edge: self._may_enter.get(edge, set(way.occupants(edge))) for edge in acts.closed_edges}
        for edge, allowed in self._may_enter.items():
            allowed.intersection_update(way.occupants(edge))
            assert set(way.occupants(edge)) == allowed, f"edge {edge} at {self.world.now_s:.1f} s"
        for car in self.world.cars:
            if not acts.holds(car.car_id):
                self._stood.pop(car.car_id, None)
                continue
            since_s, s_m, edge = self._stood.setdefault(car.car_id, (self.world.now_s, car.s_m, car.edge))
            if self.world.now_s - since_s < HEARD_AFTER_S:
                self._stood[car.car_id] = (since_s, car.s_m, car.edge)
            else:
                assert (car.s_m, car.edge) == (s_m, edge), f"{car.car_id} at {self.world.now_s:.1f} s"
