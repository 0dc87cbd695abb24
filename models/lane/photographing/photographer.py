"""Takes pictures of a city as a car's camera would: the renderer, a random look and a random photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Pose
from fleet.vehicle import CameraGeometry
from models.lane.photographing.looks import EVALUATED_STRENGTH, Look, look_named
from sim.render.camera import CameraView
from sim.render.car_mesh import CarInstance
from sim.render.photo import PhotoStyle
from sim.render.renderer import Renderer
from sim.render.scene import Scene
from sim.render.style import SceneStyle

PANORAMA_SHARE = 0.5  # of looks that have one of the user's panoramas for a sky, if there are any
TEXTURE_PX = 2048  # of the ground; a camera this low sees no more


class Photographer:
    """One renderer and the scene that stands before it."""

    def __init__(self, panoramas: Sequence[Path] = ()) -> None:
        """Prepare; with `panoramas`, half of the skies are taken from these files.

        Raises:
            RenderError: if there is no graphics context.
        """
        self._renderer = Renderer()
        self._panoramas = tuple(panoramas)
        self._scene: Scene | None = None
        self._hardness = 0.0
        self._distortion = 0.0
        self._look: Look | None = None
        self._strength = 0.0
        self._photo = PhotoStyle()

    def set_up(
        self,
        city: City,
        rng: np.random.Generator,
        hardness: float,
        *,
        look: str | None = None,
        strength: tuple[float, float] = EVALUATED_STRENGTH,
        held_out: bool = False,
    ) -> None:
        """Stand before `city` in a random look, with a random camera.

        Args:
            city: what is to be seen.
            rng: draws everything.
            hardness: from 0 (as the default, faultless) to 1 (dark, tinted, worn, noisy).
            look: one of `models.lane.photographing.looks.LOOKS` on top of that.
            strength: bounds of how strong that look is.
            held_out: draw skies that are never drawn without it, for evaluation.
        """
        self._choose_look(look, strength, rng)
        style = self._sampled_style(rng, hardness, held_out)
        seed = int(rng.integers(2**31))
        if self._scene is not None and self._scene.city.name == city.name:
            scene = self._scene.restyled(style, seed)
        else:
            scene = Scene.build(city, seed, style, max_texture_px=TEXTURE_PX)
        self._show(scene, rng, hardness)

    def change_look(
        self,
        rng: np.random.Generator,
        hardness: float,
        *,
        look: str | None = None,
        strength: tuple[float, float] = EVALUATED_STRENGTH,
    ) -> None:
        """Sky, light, road and camera become others; the town stays, since building one takes long.

        Raises:
            RuntimeError: if nothing was set up.
        """
        if self._scene is None:
            raise RuntimeError("set_up must come before change_look")
        self._choose_look(look, strength, rng)
        style = self._sampled_style(rng, hardness, held_out=False)
        self._show(self._scene.restyled(replace(style, town=self._scene.style.town)), rng, hardness)

    def repaint(
        self,
        rng: np.random.Generator,
        hardness: float,
        *,
        look: str | None = None,
        strength: tuple[float, float] = EVALUATED_STRENGTH,
    ) -> None:
        """Other colours, wear, dirt and tint, which costs next to nothing; sky, light and lens stay as they are.

        `look` may be one that changes no light, and is kept until the next call only.

        Raises:
            RuntimeError: if nothing was set up.
        """
        if self._scene is None:
            raise RuntimeError("set_up must come before repaint")
        style = self._scene.style.repainted(rng, hardness)
        if look is not None:
            style = look_named(look).scene(style, float(rng.uniform(*strength)), rng)
        self._scene = self._scene.restyled(style)
        self._renderer.load(self._scene)

    def _choose_look(self, name: str | None, strength: tuple[float, float], rng: np.random.Generator) -> None:
        self._look = None if name is None else look_named(name)
        self._strength = float(rng.uniform(*strength)) if self._look else 0.0

    def _sampled_style(self, rng: np.random.Generator, hardness: float, held_out: bool) -> SceneStyle:
        style = SceneStyle.sample(rng, hardness, held_out=held_out)
        if self._panoramas and rng.random() < PANORAMA_SHARE:
            chosen = self._panoramas[int(rng.integers(len(self._panoramas)))]
            style = replace(style, sky=replace(style.sky, panorama=chosen))
        return self._look.scene(style, self._strength, rng) if self._look else style

    def _show(self, scene: Scene, rng: np.random.Generator, hardness: float) -> None:
        self._scene = scene
        self._renderer.load(scene)
        self._hardness = hardness
        self._distortion = PhotoStyle.sample(rng, hardness, distort=True).distortion
        self.change_exposure(rng)

    def change_exposure(self, rng: np.random.Generator) -> None:
        """From now on light, colour, blur and noise are others; the lens stays."""
        photo = replace(PhotoStyle.sample(rng, self._hardness), distortion=self._distortion)
        self._photo = self._look.photo(photo, self._strength, rng) if self._look else photo

    def take(
        self, car: Pose, camera: CameraGeometry, others: Sequence[CarInstance], rng: np.random.Generator
    ) -> NDArray[np.uint8]:
        """What `camera` on a car at `car` sees: (240, 320, 3) uint8 BGR."""
        frame = self._renderer.render([CameraView.on_car(car, camera)], others)[0]
        return self._photo.apply(frame.image, rng)

    def ids(self, view: CameraView, others: Sequence[CarInstance]) -> NDArray[np.uint16]:
        """What each pixel of a view shows, as `sim.render.scene` numbers it: (240, 320).

        Raises:
            RuntimeError: if the renderer gives none.
        """
        ids = self._renderer.render([view], others, ids=True)[0].ids
        if ids is None:
            raise RuntimeError("the renderer gave no ids although they were asked for")
        return ids


@lru_cache(maxsize=1)
def own_photographer(panoramas: tuple[Path, ...] = ()) -> Photographer:
    """This process's photographer: made when first asked for, since each has a graphics context to itself."""
    return Photographer(panoramas)
