from __future__ import annotations

import pytest

from city.city import City
from city.files import load_city
from sim.render.renderer import Renderer
from sim.render.scene import Scene


@pytest.fixture(scope="session")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture(scope="session")
def scene(city: City) -> Scene:
    return Scene.build(city, seed=1, max_texture_px=2048)


@pytest.fixture(scope="session")
def renderer(scene: Scene) -> Renderer:
    """Three slots, with the default scene; tests that load another scene make their own renderer."""
    renderer = Renderer(slots=3)
    renderer.load(scene)
    return renderer
