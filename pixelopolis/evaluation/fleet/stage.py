"""Everything of a simulated fleet put together, and the steps in which its time passes."""

from __future__ import annotations

import random
from functools import partial

import numpy as np

from city.city import City
from city.geometry import Pose
from fleet.clock import ManualClock
from pixelopolis.demo.trips import PLACE_TOLERANCE_M
from pixelopolis.evaluation.fleet.board import LockstepBoard
from pixelopolis.evaluation.fleet.car_host import CarHost
from pixelopolis.evaluation.fleet.chaos import Chaos
from pixelopolis.evaluation.fleet.closeness import ClosenessWatch
from pixelopolis.evaluation.fleet.closures import Closures
from pixelopolis.evaluation.fleet.faults import draw_faults
from pixelopolis.evaluation.fleet.obstacles import Obstacles
from pixelopolis.evaluation.fleet.pack_care import PackCare
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.server_host import ServerHost
from pixelopolis.evaluation.fleet.starting import remember, tells_places_apart
from pixelopolis.evaluation.fleet.surrogate.scene import Scene
from pixelopolis.evaluation.fleet.vision import vision_kit
from pixelopolis.evaluation.fleet.visitor import Visitor
from pixelopolis.evaluation.fleet.watch import MovementWatch, WaitWatch, wants_to_move
from pixelopolis.evaluation.whole_car.lockstep import FRAME_PERIOD_S
from server.store.base import Store
from sim.lockstep import WHEEL_MISMATCH, car_names
from sim.spawn import spawn_poses
from sim.world import World

TICK_S = FRAME_PERIOD_S / 2  # of physics; a car takes a picture in every other tick, and steers by it in the next
WATCH_EVERY = 5  # ticks
CHARGES = (0.5, 1.0)  # of the packs at the start


class Stage:
    """A world with cars in it, the server, visitors, faults, and who watches them."""

    def __init__(self, plan: FleetPlan, city: City, store: Store) -> None:
        """Put everything in its place; `open` does the rest.

        Raises:
            SpawnError: if the city has no room for so many cars.
            RenderError: if pictures are wanted and this machine cannot render.
        """
        self._city = city
        self._ticks = 0
        self.clock = ManualClock()
        names = car_names(plan.cars)
        self._starts = dict(zip(names, spawn_poses(city, plan.cars, plan.seed), strict=True))
        boards = {name: self._new_board(plan.seed, k) for k, name in enumerate(names)}
        obstacles = Obstacles(city, random.Random(f"obstacles/{plan.seed}"))
        drives = {**boards, **(obstacles.drives if plan.faults else {})}
        self.world = obstacles.world = World(city, plan.seed, drives, {**self._starts, **obstacles.starts})
        self.server = ServerHost(city, store, self.clock, plan.seed)
        self.cars = self._new_cars(plan, boards)
        self.visitors = [self._new_visitor(plan.seed, k) for k in range(plan.cars)]
        closures = Closures(city, self.server, random.Random(f"closures/{plan.seed}"))
        self.chaos = Chaos(self.cars, self.server, self.world, obstacles, closures, self.clock)
        self.chaos.schedule(draw_faults(plan.faults, plan.seconds, city, names, plan.seed))
        self.pack_care = PackCare(self.cars, self.clock)
        self.movement, self.waits, self.closeness = MovementWatch(), WaitWatch(), ClosenessWatch()

    def _new_board(self, seed: int, k: int) -> LockstepBoard:
        rng = np.random.default_rng([seed, k, 2])
        left, right = rng.uniform(1 - WHEEL_MISMATCH, 1 + WHEEL_MISMATCH, 2).tolist()
        return LockstepBoard((left, right), float(rng.uniform(*CHARGES)), self.clock.now_s)

    def _new_cars(self, plan: FleetPlan, boards: dict[str, LockstepBoard]) -> dict[str, CarHost]:
        kit = vision_kit(plan.vision, self._city, plan.seed)
        return {
            name: CarHost(name, self._city, board, self.server, kit, self.clock, random.Random(f"{name}/{plan.seed}"))
            for name, board in boards.items()
        }

    def _new_visitor(self, seed: int, k: int) -> Visitor:
        rng = random.Random(f"visitor-{k}/{seed}")
        return Visitor(f"station-{k + 1}", self._city, self.server, self.clock, rng, self.stands_at)

    async def open(self) -> None:
        """Start the server.

        Raises:
            StoreError: if its store fails.
        """
        if not tells_places_apart(self._city):
            await remember(self.server.store, self._city, self._starts)
        await self.server.start()

    @property
    def lane_departures(self) -> int:
        """Of the cars."""
        return sum(self.world.truth(name).lane_departures for name in self.cars)

    @property
    def under_way(self) -> int:
        """How many visitors have not left, and faults are not over."""
        return sum(not visitor.is_idle for visitor in self.visitors) + self.chaos.active_cases

    def stands_at(self, car_id: str, place_id: str) -> bool:
        """Whether a car truly stands at a place."""
        place, here = self._city.places[place_id], self.world.truth(car_id).whereabouts
        return here.edge == place.edge and abs(here.s_m - place.stop_s_m) <= PLACE_TOLERANCE_M

    async def step(self) -> None:
        """Let a tick pass."""
        self._ticks += 1
        self.clock.advance(TICK_S)
        self.world.step(TICK_S)
        await self.chaos.step()
        poses = {name: self.world.pose(name) for name in self.world.car_ids}
        for k, car in enumerate(self.cars.values()):
            if (self._ticks + k) % 2:
                car.take_picture(partial(self._scene, car.car_id, poses))
            else:
                car.control()
            await car.line.step()
        await self.server.step()
        for visitor in self.visitors:
            await visitor.step()
        if self._ticks % WATCH_EVERY == 0:
            self._watch(poses)

    def _scene(self, car_id: str, poses: dict[str, Pose]) -> Scene:
        return Scene(self.clock.now_s(), car_id, poses[car_id], self.world.truth(car_id).whereabouts, poses)

    def _watch(self, poses: dict[str, Pose]) -> None:
        now_s = self.clock.now_s()
        on_road = {name: pose for name, pose in poses.items() if self.world.is_on_road(name)}
        self.closeness.look(now_s, on_road, {name: self.world.truth(name).collisions for name in poses})
        dispatcher = self.server.dispatcher
        if dispatcher is None:
            return
        fleet = dispatcher.fleet
        self.pack_care.step(fleet)
        excused = self.chaos.active_cases > 0
        wanting = [name for name in self.cars if wants_to_move(fleet, name)]
        self.movement.look(now_s, {name: poses[name] for name in self.cars}, wanting, excused=excused)
        self.waits.look(now_s, fleet, excused=excused)
