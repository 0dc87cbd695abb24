"""Takes pictures of a city as a car's camera would: the renderer, a random look and a random photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Pose
from fleet.vehicle import CameraGeometry
from sim.render.camera import CameraView
from sim.render.car_mesh import CarInstance
from sim.render.photo import PhotoStyle
from sim.render.renderer import Renderer
from sim.render.scene import Scene
from sim.render.style import SceneStyle

TEXTURE_PX = 2048  # of the ground; a camera this low sees no more


class Photographer:
    """One renderer and the scene that stands before it."""

    def __init__(self) -> None:
        """Raises RenderError: if there is no graphics context."""
        self._renderer = Renderer()
        self._scene: Scene | None = None
        self._hardness = 0.0
        self._distortion = 0.0
        self._photo = PhotoStyle()

    def set_up(self, city: City, rng: np.random.Generator, hardness: float) -> None:
        """Stand before `city` in a random look, with a random camera.

        `hardness` goes from 0 (as the default, faultless) to 1 (dark, tinted, worn, noisy).
        """
        style = SceneStyle.sample(rng, hardness)
        seed = int(rng.integers(2**31))
        if self._scene is not None and self._scene.city.name == city.name:
            scene = self._scene.restyled(style, seed)
        else:
            scene = Scene.build(city, seed, style, max_texture_px=TEXTURE_PX)
        self._show(scene, rng, hardness)

    def change_look(self, rng: np.random.Generator, hardness: float) -> None:
        """Sky, light, road and camera become others; the town stays, since building one takes long.

        Raises:
            RuntimeError: if nothing was set up.
        """
        if self._scene is None:
            raise RuntimeError("set_up must come before change_look")
        style = SceneStyle.sample(rng, hardness)
        self._show(self._scene.restyled(replace(style, town=self._scene.style.town)), rng, hardness)

    def _show(self, scene: Scene, rng: np.random.Generator, hardness: float) -> None:
        self._scene = scene
        self._renderer.load(scene)
        self._hardness = hardness
        self._distortion = PhotoStyle.sample(rng, hardness, distort=True).distortion
        self.change_exposure(rng)

    def change_exposure(self, rng: np.random.Generator) -> None:
        """From now on light, colour, blur and noise are others; the lens stays."""
        self._photo = replace(PhotoStyle.sample(rng, self._hardness), distortion=self._distortion)

    def take(
        self, car: Pose, camera: CameraGeometry, others: Sequence[CarInstance], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        """What `camera` on a car at `car` sees: (240, 320, 3) uint8 BGR."""
        frame = self._renderer.render([CameraView.on_car(car, camera)], others)[0]
        return self._photo.apply(frame.image, rng)


@lru_cache(maxsize=1)
def own_photographer() -> Photographer:
    """This process's photographer: made when first asked for, since each has a graphics context to itself."""
    return Photographer()
