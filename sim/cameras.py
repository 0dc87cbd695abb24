"""What the cars' cameras see, given where the cars are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from city.city import City
from city.geometry import Pose
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

if TYPE_CHECKING:
    from sim.render.renderer import Renderer
    from sim.render.style import SceneStyle


class Cameras:
    """All cars' cameras. The renderer starts with the first picture; use it from one thread."""

    def __init__(
        self,
        city: City,
        car_ids: Sequence[str],
        seed: int,
        style: SceneStyle | None = None,
        camera: CameraGeometry = DEFAULT_CAMERA,
    ) -> None:
        """`seed` places the buildings; without `style` the scene has its default look."""
        self._city = city
        self._colours = {car_id: k for k, car_id in enumerate(car_ids)}
        self._seed = seed
        self._style = style
        self._camera = camera
        self._renderer: Renderer | None = None

    def take(self, car_id: str, poses: Mapping[str, Pose]) -> NDArray[np.uint8]:
        """What `car_id` sees with all cars at `poses`: (height, width, 3) BGR.

        Raises:
            KeyError: if there is no such car.
            RenderError: if this machine cannot render.
        """
        from sim.render.camera import CameraView
        from sim.render.car_mesh import CarInstance

        view = CameraView.on_car(poses[car_id], self._camera, hide_car=car_id)
        cars = [CarInstance(name, pose, self._colours[name]) for name, pose in poses.items()]
        return self._ready_renderer().render([view], cars)[0].image

    def _ready_renderer(self) -> Renderer:
        if self._renderer is None:
            from sim.render.renderer import Renderer
            from sim.render.scene import Scene

            self._renderer = Renderer(self._camera.width_px, self._camera.height_px)
            self._renderer.load(Scene.build(self._city, self._seed, self._style))
        return self._renderer
