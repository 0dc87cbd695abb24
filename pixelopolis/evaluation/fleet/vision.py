"""Two kinds of eyes for the fleet's cars: the real networks on rendered pictures, or their surrogates."""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import numpy as np

from car.camera.frame import Picture
from car.config import CarConfig
from car.perception.eyes import Eyes
from city.city import City
from fleet.vehicle import DEFAULT_CAMERA
from pixelopolis.evaluation.fleet.surrogate.detector import SurrogateDetector
from pixelopolis.evaluation.fleet.surrogate.lane import SurrogateLane
from pixelopolis.evaluation.fleet.surrogate.scene import Scene

HARDNESS = 0.5  # of the looks, as `evaluate detector --drives` has them


class Vision(StrEnum):
    """How cars see."""

    FULL = "full"
    SURROGATE = "surrogate"


class VisionKit(Protocol):
    """What a car is given to see with."""

    def eyes(self, scene: Callable[[], Scene | None], rng: random.Random) -> Eyes:
        """Eyes of one car that look at pictures of the newest scene."""
        ...

    def picture(self, scene: Scene) -> Picture:
        """What the camera of the scene's car takes."""
        ...


class SurrogateKit:
    """Surrogate networks; their pictures show nothing, since they know the scene."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._blank = np.zeros((DEFAULT_CAMERA.height_px, DEFAULT_CAMERA.width_px, 3), np.uint8)

    def eyes(self, scene: Callable[[], Scene | None], rng: random.Random) -> Eyes:
        """Eyes of one car."""
        lane, detector = SurrogateLane(self._city, scene, rng), SurrogateDetector(self._city, scene, rng)
        return Eyes(lane, detector, CarConfig().detector_every)

    def picture(self, scene: Scene) -> Picture:  # noqa: ARG002  # all are alike
        """An empty picture."""
        return self._blank


class FullKit:
    """The shipped networks, on rendered pictures in a look that no training had."""

    def __init__(self, city: City, seed: int) -> None:
        """Prepare.

        Raises:
            RenderError: if this machine cannot render.
        """
        from models.lane.photographing.photographer import own_photographer  # heavy, and not needed by surrogates

        self._rng = np.random.default_rng([seed, 3])
        self._photographer = own_photographer()
        self._photographer.set_up(city, self._rng, HARDNESS, held_out=True)
        self._colours: dict[str, int] = {}

    def eyes(self, scene: Callable[[], Scene | None], rng: random.Random) -> Eyes:  # noqa: ARG002  # they see pictures
        """Eyes of one car.

        Raises:
            ModelError: if a model cannot be used.
        """
        from car.run import open_eyes  # so are the networks

        return open_eyes(CarConfig())

    def picture(self, scene: Scene) -> Picture:
        """What the camera sees, other cars included."""
        from sim.render.car_mesh import CarInstance

        for name in scene.poses:
            self._colours.setdefault(name, len(self._colours))
        others = [
            CarInstance(name, pose, self._colours[name]) for name, pose in scene.poses.items() if name != scene.car_id
        ]
        return self._photographer.take(scene.pose, DEFAULT_CAMERA, others, self._rng)


def vision_kit(vision: Vision, city: City, seed: int) -> VisionKit:
    """What the cars of a fleet see with.

    Raises:
        RenderError: if pictures are wanted and this machine cannot render.
    """
    return SurrogateKit(city) if vision is Vision.SURROGATE else FullKit(city, seed)
