"""An operator's eyes and hands: an expert driver who sends what a page sends, to a fleet in lockstep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from city.city import City, Command
from city.files import load_city
from city.route_line import RouteLine
from fleet.driving import DriveView, HandCommand, HandReleased
from fleet.steering import steering_from_curvature
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.stage import Stage
from pixelopolis.evaluation.fleet.vision import Vision
from server.dispatch.dispatcher import Dispatcher
from server.fleet_control import operations
from server.fleet_control.car_state import CarState
from server.fleet_control.hand import Hand
from server.store.open import open_store
from sim.expert import curvature_from

DRIVEN, OTHER = "car-1", "car-2"
SEND_PERIOD_S = 0.05
VIEW_LATE_S = 0.02
STANDING_MPS = 0.005
PLACES = {DRIVEN: (14, 0.1), OTHER: (3, 0.2)}  # before a turn to the left; its order leads on to a choice

Steer = Callable[[], float]


class Operator:
    """Has a car held, and drives it with `steer`; the switch is held while `grips`."""

    def __init__(self, stage: Stage, city: City) -> None:
        self.stage = stage
        self.city = city
        self.speed_mps = 0.12
        self.steer: Steer = self.expert
        self.turn: Command | None = None
        self.grips = False
        self.is_cut_off = False  # from the server
        self.view: DriveView | None = None
        self.watch: Callable[[], None] = lambda: None  # after each tick
        self.hand: Hand | None = None
        self._heard = 0
        self._sequence = 0
        self._due_s = 0.0
        self._gripped = False

    @property
    def dispatcher(self) -> Dispatcher:
        assert self.stage.server.dispatcher is not None
        return self.stage.server.dispatcher

    @property
    def car(self) -> CarState:
        return self.dispatcher.car(DRIVEN)

    @property
    def true_mps(self) -> float:
        return abs(self.stage.world.truth(DRIVEN).speed_mps)

    async def hold(self, car_id: str = DRIVEN) -> None:
        await self.dispatcher.brake(partial(operations.hold_car, car_id=car_id))

    async def take_wheel(self) -> None:
        """Hold the car, wait until it stands, and sit down at its wheel."""
        await self.hold()
        await self.run(1.0)
        self.hand = self.dispatcher.driving.take(DRIVEN, "alice")

    async def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass; returns whether `until` came to hold."""
        end_s = self.stage.clock.now_s() + seconds
        while self.stage.clock.now_s() < end_s and not until():
            await self.stage.step()
            self._act()
            self.watch()
        return until()

    def expert(self) -> float:
        """Steering along the car's order, as the expert sees it."""
        truth, edges = self.stage.world.truth(DRIVEN), self.car.step_edges
        if not edges:
            return 0.0
        line = RouteLine(self.city, edges)
        here = line.project(truth.pose.x_m, truth.pose.y_m)
        return steering_from_curvature(curvature_from(line, truth.pose, here.s_m))

    def _act(self) -> None:
        if self.hand is None or self.is_cut_off or self.stage.clock.now_s() < self._due_s:
            return
        self._due_s = self.stage.clock.now_s() + SEND_PERIOD_S
        driving = self.dispatcher.driving
        driving.watch()
        if self.grips and self._heard:
            self._sequence += 1
            command = HandCommand(
                steering=self.steer(),
                speed_mps=self.speed_mps,
                sequence=self._sequence,
                state=self._heard,
                turn=self.turn,
            )
            driving.hear(DRIVEN, self.hand, command)
        elif self._gripped:
            driving.hear(DRIVEN, self.hand, HandReleased(released=True))
        self._gripped = self.grips
        self.view = driving.view(DRIVEN, self.hand)
        self._heard = self.view.number


@asynccontextmanager
async def operator(vision: Vision = Vision.SURROGATE, seed: int = 3) -> AsyncIterator[Operator]:
    """An operator of two cars without visitors that know where they are."""
    city = load_city("pixelopolis")
    store = await open_store("sqlite::memory:")
    stage = Stage(FleetPlan(len(PLACES), 60.0, "pixelopolis", vision, seed=seed), city, store)
    stage.visitors = []
    for car_id, (edge, s_m) in PLACES.items():
        stage.world.place(car_id, city.edges[edge].curve.pose_at(s_m))
    await stage.open()
    someone = Operator(stage, city)
    try:
        assert await someone.run(30.0, lambda: _all_drive(stage))
        yield someone
    finally:
        await store.close()


def _all_drive(stage: Stage) -> bool:
    assert stage.server.dispatcher is not None
    known = stage.server.dispatcher.fleet.cars.values()
    return len(known) == len(PLACES) and all(car.is_fit and car.order is not None for car in known)
