from __future__ import annotations

import numpy as np
import pytest

from city.city import City
from city.files import SHIPPED, load_city
from sim.render.camera import CameraView
from sim.render.renderer import Renderer
from sim.render.road_texture import RoadTexture, draw_road_texture
from sim.render.scene import Scene
from sim.render.style import SceneStyle, TownStyle
from sim.render.town import ROAD_CLEARANCE_M, build_town

CITIES = [*SHIPPED, "random:1", "random:7"]


@pytest.mark.parametrize("name", CITIES)
def test_every_city_can_be_seen(name: str) -> None:
    city = load_city(name)
    renderer = Renderer(160, 120)
    renderer.load(Scene.build(city, 1, max_texture_px=1024))
    edge = next(iter(city.edges.values()))
    (frame,) = renderer.render([CameraView.on_car(edge.curve.pose_at(0.0))], [])
    assert frame.image.std() > 20


@pytest.mark.parametrize("name", CITIES)
def test_nothing_stands_on_or_near_the_road(name: str) -> None:
    city = load_city(name)
    town = build_town(city, 4, TownStyle(density=1.0, lamp_posts=1.0, trees=1.0))
    assert len(town.footprints) > 10
    curves = [e.curve for e in city.edges.values()] + [m.curve for m in city.movements.values()]
    middles = np.concatenate([curve.points_m for curve in curves])
    needed_m = city.lane_width_m / 2 + ROAD_CLEARANCE_M
    for footprint in town.footprints:
        along = np.linspace(footprint.corners_m, np.roll(footprint.corners_m, -1, axis=0), 6).reshape(-1, 2)
        gaps = np.hypot(*(along[:, None] - middles[None]).transpose(2, 0, 1))
        # Cells of 1 cm round by as much.
        assert gaps.min() > needed_m - 0.015


def test_a_seed_places_the_same_town(city: City) -> None:
    style = TownStyle()
    assert np.array_equal(build_town(city, 3, style).mesh, build_town(city, 3, style).mesh)
    assert not np.array_equal(build_town(city, 3, style).mesh, build_town(city, 5, style).mesh)


def test_an_empty_town_is_empty(city: City) -> None:
    town = build_town(city, 3, TownStyle(density=0, lamp_posts=0, trees=0))
    assert len(town.mesh) == 0
    assert town.footprints == ()


def mask_at(road: RoadTexture, x_m: float, y_m: float) -> list[int]:
    x0, y0, _, _ = road.bounds_m
    column, row = int((x_m - x0) * road.pixels_per_m), int((y_m - y0) * road.pixels_per_m)
    return [int(part) for part in road.masks[row, column]]


def test_lines_lie_on_the_rim_of_the_whole_road_only(city: City) -> None:
    road = draw_road_texture(city, max_px=2048)
    # Edge 2 runs north along x = 2.4: red to its left, blue to its right, nothing between.
    assert mask_at(road, 2.4 - 0.17, 0.6)[:2] == [255, 0]
    assert mask_at(road, 2.4 + 0.17, 0.6)[:2] == [0, 255]
    assert mask_at(road, 2.4, 0.6)[:3] == [0, 0, 0]
    # Where edge 10 comes in from the west, the red line of the way straight on is wiped out.
    assert mask_at(road, 2.4 - 0.17, 0.0)[:3] == [0, 0, 0]
    assert mask_at(road, 2.4 + 0.4, 0.6)[2] > 200


def test_texture_resolution_is_limited(city: City) -> None:
    road = draw_road_texture(city, max_px=700)
    assert max(road.masks.shape[:2]) <= 700
    assert road.pixels_per_m < 700 / 5


def test_restyling_keeps_what_is_shared(scene: Scene) -> None:
    style = SceneStyle.sample(np.random.default_rng(1), 0.5)
    lit = scene.restyled(SceneStyle(sky=style.sky, light=style.light))
    assert lit.solid is scene.solid
    assert lit.boards is scene.boards
    assert lit.road is scene.road
    assert lit.ground_light is not scene.ground_light
    rebuilt = scene.restyled(scene.style, seed=scene.seed + 1)
    assert rebuilt.solid is not scene.solid
    assert rebuilt.road is scene.road
