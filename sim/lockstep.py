"""The whole simulator in one process, without sockets and without a clock: world, boards and cameras, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Pose
from firmware_bridge.emulator.board import BoardEmulator
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry
from sim.cameras import Cameras
from sim.world import STEP_S, World

if TYPE_CHECKING:
    from sim.render.style import SceneStyle

WHEEL_MISMATCH = 0.02  # a motor turns by up to this share faster or slower than it is told


def car_names(count: int) -> tuple[str, ...]:
    """car-1, car-2, …"""
    return tuple(f"car-{k}" for k in range(1, count + 1))


class Simulation:
    """Cars with boards and cameras in a city. The same seed and the same bytes give the same world and pictures."""

    def __init__(
        self,
        city: City,
        cars: int | Sequence[str],
        seed: int,
        *,
        starts: Mapping[str, Pose] | None = None,
        style: SceneStyle | None = None,
        camera: CameraGeometry = DEFAULT_CAMERA,
    ) -> None:
        """Set up everything but the renderer, which starts with the first picture.

        Args:
            city: where the cars drive.
            cars: how many, or their ids.
            seed: of start poses, wheels, slip, boards and buildings.
            starts: where each car starts; by `sim.spawn` when not given.
            style: looks of the scene; the default look when not given.
            camera: of every car.

        Raises:
            SpawnError: if the city has no room for so many cars.
        """
        names = car_names(cars) if isinstance(cars, int) else tuple(cars)
        self.boards = {name: _board(seed, k) for k, name in enumerate(names)}
        self.world = World(city, seed, self.boards, starts)
        self._cameras = Cameras(city, names, seed, style, camera)

    @property
    def car_ids(self) -> tuple[str, ...]:
        """The cars, in a fixed order."""
        return self.world.car_ids

    def step(self, dt_s: float = STEP_S) -> None:
        """Advance world and boards by `dt_s`."""
        self.world.step(dt_s)

    def exchange(self, car_id: str, data: bytes) -> bytes:
        """Hand bytes to a car's board; the bytes that it answers.

        Raises:
            KeyError: if there is no such car.
        """
        return self.boards[car_id].receive(data)

    def frame(self, car_id: str) -> NDArray[np.uint8]:
        """What a car's camera sees now: (height, width, 3) BGR.

        Raises:
            KeyError: if there is no such car.
            RenderError: if this machine cannot render.
        """
        return self._cameras.take(car_id, {name: self.world.pose(name) for name in self.car_ids})


def _board(seed: int, k: int) -> BoardEmulator:
    left_gain, right_gain = np.random.default_rng([seed, k, 2]).uniform(1 - WHEEL_MISMATCH, 1 + WHEEL_MISMATCH, 2)
    return BoardEmulator(seed=seed + k, left_gain=float(left_gain), right_gain=float(right_gain))
