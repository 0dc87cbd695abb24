"""A city made ready for the renderer: meshes and pictures, without anything of the graphics library."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from city.city import City, Sign
from sim.render.ground_light import draw_ground_light
from sim.render.materials import WOOD, sign_back_layer, sign_layer
from sim.render.mesh import Mesh, box, cylinder, join_meshes, picture_quad, placed, with_id
from sim.render.road_texture import RoadTexture, draw_road_texture
from sim.render.sky import panorama
from sim.render.style import LightStyle, SceneStyle
from sim.render.town import Footprint, Town, build_town

TABLE_HEIGHT_M = 0.08
POLE_RADIUS_M = 0.02
FIRST_SIGN_ID = 1
FIRST_CAR_ID = 1000


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that stands still, in one look.

    Attributes:
        solid: buildings, lamp posts, trees, sign poles and the table.
        boards: sign boards, cut out along their outline; sign number k of the city has id 1 + k.
        road: masks of the ground.
        ground_light: (rows, columns, 3) uint8 light on the ground.
        sky: (rows, columns, 3) uint8 panorama.
        max_texture_px: greatest side of `road`.
    """

    city: City
    seed: int
    style: SceneStyle
    town: Town
    solid: Mesh
    boards: Mesh
    road: RoadTexture
    ground_light: NDArray[np.uint8]
    sky: NDArray[np.uint8]
    max_texture_px: int = 4096

    @classmethod
    def build(cls, city: City, seed: int, style: SceneStyle | None = None, *, max_texture_px: int = 4096) -> Scene:
        """Build from nothing; `seed` places the buildings."""
        style = style or SceneStyle.default()
        road = draw_road_texture(city, style.road.line_width_m, style.road.seed, max_px=max_texture_px)
        town = build_town(city, seed, style.town)
        boards = join_meshes(with_id(_board(sign), FIRST_SIGN_ID + index) for index, sign in enumerate(city.signs))
        light = _ground_light(city, town, road, style)
        solid = _solid(city, town, road)
        return cls(city, seed, style, town, solid, boards, road, light, panorama(style.sky), max_texture_px)

    def restyled(self, style: SceneStyle, seed: int | None = None) -> Scene:
        """The same city in another look, and with `seed` another town; what the looks share is not made again.

        A new town costs most; keep `style.town` (and the seed) to go through many lights and skies quickly.
        """
        seed = self.seed if seed is None else seed
        road, wanted, have = self.road, style.road, self.style.road
        if (wanted.line_width_m, wanted.seed) != (have.line_width_m, have.seed):
            road = draw_road_texture(self.city, wanted.line_width_m, wanted.seed, max_px=self.max_texture_px)
        town, solid, light = self.town, self.solid, self.ground_light
        if (seed, style.town) != (self.seed, self.style.town):
            town = build_town(self.city, seed, style.town)
            solid = _solid(self.city, town, road)
        if town is not self.town or _untinted(style.light) != _untinted(self.style.light):
            light = _ground_light(self.city, town, road, style)
        return replace(
            self,
            seed=seed,
            style=style,
            town=town,
            solid=solid,
            road=road,
            ground_light=light,
            sky=panorama(style.sky),
        )


def _untinted(light: LightStyle) -> LightStyle:
    """The light without the picture's tint, which is no part of what falls on the ground."""
    return replace(light, cast=(1.0, 1.0, 1.0))


def _solid(city: City, town: Town, road: RoadTexture) -> Mesh:
    return join_meshes([town.mesh, *(_pole(sign) for sign in city.signs), _table(road)])


def _ground_light(city: City, town: Town, road: RoadTexture, style: SceneStyle) -> NDArray[np.uint8]:
    shadows = [*town.footprints, *(_sign_footprint(sign) for sign in city.signs)]
    return draw_ground_light(road.bounds_m, shadows, style.light)


def _board(sign: Sign) -> Mesh:
    """The sign's face, looking along its pose's heading, and its plain back."""
    half, low, high = sign.width_m / 2, sign.bottom_m, sign.bottom_m + sign.height_m
    face = picture_quad(
        [(0, -half, low), (0, half, low), (0, half, high), (0, -half, high)], sign_layer(sign.kind), glow=0.25
    )
    back = picture_quad(
        [(0, half, low), (0, -half, low), (0, -half, high), (0, half, high)], sign_back_layer(sign.kind)
    )
    return placed(join_meshes([face, back]), sign.pose.x_m, sign.pose.y_m, sign.pose.heading_rad)


def _pole(sign: Sign) -> Mesh:
    """A wooden cylinder up to the board, and a peg behind the board to hold those that do not reach down."""
    wooden = cylinder((0, 0, 0), POLE_RADIUS_M, sign.bottom_m, (1, 1, 1), segments=14, layer=WOOD)
    peg = box((-0.006, 0, sign.bottom_m), (0.006, 0.012, 0.55 * sign.height_m), (1, 1, 1), WOOD, WOOD)
    return placed(join_meshes([wooden, peg]), sign.pose.x_m, sign.pose.y_m, sign.pose.heading_rad)


def _sign_footprint(sign: Sign) -> Footprint:
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * POLE_RADIUS_M
    return Footprint(corners + np.array([sign.pose.x_m, sign.pose.y_m]), sign.bottom_m + sign.height_m)


def _table(road: RoadTexture) -> Mesh:
    """The table's edge, just below the ground."""
    x0, y0, x1, y1 = road.bounds_m
    centre = ((x0 + x1) / 2, (y0 + y1) / 2, -TABLE_HEIGHT_M - 0.002)
    return box(centre, (x1 - x0, y1 - y0, TABLE_HEIGHT_M), (1, 1, 1), WOOD, WOOD)
