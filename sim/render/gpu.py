"""A scene on the graphics side: programs, buffers and textures, and how one view of them is drawn."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

from fleet.vehicle import DEFAULT_VEHICLE
from sim.render import shaders
from sim.render.camera import CameraView, clip_matrix
from sim.render.car_mesh import CAR_PAINTS, CarInstance, car_mesh
from sim.render.chunks import ChunkedMesh
from sim.render.ground_light import sun_direction
from sim.render.materials import material_layers
from sim.render.mesh import VERTEX_ATTRIBUTES, VERTEX_LAYOUT
from sim.render.road_texture import DISTANCE_RANGE_M, RoadTexture
from sim.render.scene import FIRST_CAR_ID, Scene
from sim.render.style import Colour, SceneStyle

MAX_CARS = 64
KERB_M = 0.006
SHADOW_REACH = 1.35  # a car's shadow is larger than the car by this
SKY_RADIUS_M = 30.0

# The .so.1 names are there without any -dev package.
_EGL: dict[str, Any] = {"backend": "egl", "libgl": "libGL.so.1", "libegl": "libEGL.so.1"}
_MESA_DRIVERS = ("lib/*/dri/swrast_dri.so", "lib64/dri/swrast_dri.so", "lib/*/libgallium-*.so", "lib64/libgallium-*.so")
_INSTANCE = np.dtype([("pose", "<f4", 4), ("paint", "<f4", 3), ("id", "<u4")])
# Blending between two mipmaps costs a fifth of the whole picture and is not missed.
_MIPMAPPED = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)


class RenderError(RuntimeError):
    """Pictures cannot be rendered; says why and what to do."""


@lru_cache(maxsize=1)
def shared_context() -> moderngl.Context:
    """The process's one context, created on first use.

    Raises:
        RenderError: if the machine offers none.
    """
    # No rasteriser threads: they cost more than they bring on pictures of this size. Mesa reads it once, here.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    _keep_mesa_to_its_own_llvm()
    try:
        context = moderngl.create_context(standalone=True, **_EGL)
    except Exception as error:  # the library raises bare Exception
        raise RenderError(
            f"no OpenGL context through EGL ({error}); "
            "install it: apt-get install libegl1 libgl1 libegl-mesa0 libgl1-mesa-dri"
        ) from error
    # Pictures are drawn upside down so that row 0 is read first; that turns the sense of every triangle.
    context.front_face = "cw"
    # Buffers and textures go with the objects that hold them.
    context.gc_mode = "auto"
    return context


class GpuScene:
    """Draws a scene into whatever framebuffer and viewport are in use."""

    def __init__(self) -> None:
        self._context = shared_context()
        make = self._context.program
        self._solid = make(shaders.STATIC_VERTEX, shaders.SOLID_FRAGMENT)
        self._cutout = make(shaders.STATIC_VERTEX, shaders.CUTOUT_FRAGMENT)
        self._car = make(shaders.CAR_VERTEX, shaders.SOLID_FRAGMENT)
        self._shadow = make(shaders.SHADOW_VERTEX, shaders.SHADOW_FRAGMENT)
        self._ground = make(shaders.GROUND_VERTEX, shaders.GROUND_FRAGMENT)
        self._sky = make(shaders.SKY_VERTEX, shaders.SKY_FRAGMENT)
        self._materials = self._material_array()
        self._instances = self._context.buffer(reserve=MAX_CARS * _INSTANCE.itemsize, dynamic=True)
        self._car_array = self._car_vertices()
        self._shadow_array = self._shadow_vertices()
        self._sky_array = self._sky_vertices()
        self._solid_chunks: ChunkedMesh | None = None
        self._solid_array: moderngl.VertexArray | None = None
        self._board_array: moderngl.VertexArray | None = None
        self._ground_array: moderngl.VertexArray | None = None
        self._masks: moderngl.Texture | None = None
        self._light: moderngl.Texture | None = None
        self._panorama: moderngl.Texture | None = None
        self._scene: Scene | None = None
        self._car_ids: list[str] = []

    def load(self, scene: Scene) -> None:
        """Put a scene in place of the one before; parts that both share stay."""
        before = self._scene
        if before is None or before.solid is not scene.solid:
            self._solid_chunks = ChunkedMesh.of(scene.solid)
            self._solid_array = self._vertices(self._solid, self._solid_chunks)
            self._board_array = self._vertices(self._cutout, ChunkedMesh.of(scene.boards))
        if before is None or before.road is not scene.road:
            self._load_road(scene.road)
        if before is None or before.ground_light is not scene.ground_light:
            self._light = self._texture(scene.ground_light, mipmaps=False)
        if before is None or before.sky is not scene.sky:
            self._panorama = self._texture(scene.sky, mipmaps=False)
            self._panorama.repeat_x = True
        self._apply(scene.style)
        self._scene = scene

    def place_cars(self, cars: Sequence[CarInstance]) -> None:
        """The cars of the views that are drawn next.

        Raises:
            ValueError: if there are more than `MAX_CARS`.
        """
        if len(cars) > MAX_CARS:
            raise ValueError(f"{len(cars)} cars are too many; at most {MAX_CARS} can be drawn")
        data = np.zeros(len(cars), _INSTANCE)
        for index, car in enumerate(cars):
            heading = car.pose.heading_rad
            data[index] = (
                (car.pose.x_m, car.pose.y_m, math.cos(heading), math.sin(heading)),
                CAR_PAINTS[car.colour % len(CAR_PAINTS)],
                FIRST_CAR_ID + index,
            )
        self._car_ids = [car.id for car in cars]
        if cars:
            self._instances.write(data.tobytes())

    def draw(self, view: CameraView, width_px: int, height_px: int) -> None:
        """Draw everything as one camera sees it, nearest things first so that hidden pixels are not shaded."""
        context = self._context
        if (
            self._solid_chunks is None
            or self._solid_array is None
            or self._board_array is None
            or self._ground_array is None
            or self._masks is None
            or self._light is None
            or self._panorama is None
        ):
            raise RenderError("there is no scene; call load() first")
        clip = clip_matrix(view, width_px, height_px).T.tobytes()
        for program in (self._solid, self._cutout, self._car, self._shadow, self._ground, self._sky):
            program["clip"].write(clip)  # type: ignore[union-attr]  # a uniform, as the shader declares
        hidden = self._car_ids.index(view.hide_car) if view.hide_car in self._car_ids else -1
        self._car["hidden"], self._shadow["hidden"] = hidden, hidden
        self._sky["eye"] = (view.pose.x_m, view.pose.y_m, view.pose.z_m)
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        self._materials.use(0)
        count = len(self._car_ids)
        if count:
            self._car_array.render(instances=count)
        for first, length in self._solid_chunks.seen_by(view, width_px, height_px):
            self._solid_array.render(vertices=length, first=first)
        self._board_array.render()
        self._masks.use(0)
        self._light.use(1)
        self._ground_array.render()
        self._panorama.use(0)
        context.enable_only(moderngl.DEPTH_TEST)
        self._sky_array.render()
        if count:
            context.enable_only(moderngl.DEPTH_TEST | moderngl.BLEND)
            self._shadow_array.render(instances=count)

    def _apply(self, style: SceneStyle) -> None:
        light, road = style.light, style.road
        towards_sun = tuple(sun_direction(light))
        for program in (self._solid, self._cutout, self._car):
            program["sun_direction"] = towards_sun
            program["sun_light"] = _scaled(light.sun_colour, light.sun_strength)
            program["ambient_light"] = _scaled(light.ambient_colour, light.ambient_strength)
            program["tint"] = light.cast
        ground = self._ground
        ground["masks"], ground["ground_light"] = 0, 1
        ground["road_colour"], ground["pavement_colour"] = road.road_colour, road.pavement_colour
        ground["left_colour"], ground["right_colour"] = road.left_colour, road.right_colour
        ground["ground_colour"] = road.ground_colour
        ground["pavement_edge"] = road.pavement_width_m / DISTANCE_RANGE_M
        ground["kerb_edge"] = KERB_M / DISTANCE_RANGE_M
        ground["wear"], ground["dirt"], ground["tint"] = road.line_wear, road.dirt, light.cast
        self._sky["turn"] = style.sky.rotation_rad / (2 * math.pi)
        self._sky["gain"] = _scaled(light.cast, style.sky.exposure)

    def _load_road(self, road: RoadTexture) -> None:
        self._masks = self._texture(road.masks, mipmaps=True)
        x0, y0, x1, y1 = road.bounds_m
        corners = np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], np.float32)
        buffer = self._context.buffer(corners.tobytes())
        self._ground_array = self._context.vertex_array(
            self._ground, [(buffer, "2f", "in_position")], mode=moderngl.TRIANGLE_STRIP
        )
        self._ground["bounds"] = road.bounds_m

    def _texture(self, picture: NDArray[np.uint8], *, mipmaps: bool) -> moderngl.Texture:
        rows, columns, channels = picture.shape
        texture = self._context.texture((columns, rows), channels, picture.tobytes(), alignment=1)
        texture.repeat_x = texture.repeat_y = False
        if mipmaps:
            texture.build_mipmaps()
            texture.filter = _MIPMAPPED
        return texture

    def _vertices(
        self, program: moderngl.Program, mesh: ChunkedMesh, *per_instance: tuple[Any, ...]
    ) -> moderngl.VertexArray:
        # A buffer may not be empty: a scene without signs gets one triangle without a surface.
        vertices = self._context.buffer(mesh.vertices.tobytes() or bytes(mesh.vertices.itemsize))
        indices = self._context.buffer(mesh.indices.tobytes() or bytes(3 * mesh.indices.itemsize))
        per_vertex = (vertices, VERTEX_LAYOUT, *VERTEX_ATTRIBUTES)
        return self._context.vertex_array(program, [per_vertex, *per_instance], indices)

    def _material_array(self) -> moderngl.TextureArray:
        layers = material_layers()
        count, rows, columns, channels = layers.shape
        array = self._context.texture_array((columns, rows, count), channels, layers.tobytes(), alignment=1)
        array.build_mipmaps()
        array.filter = _MIPMAPPED
        return array

    def _car_vertices(self) -> moderngl.VertexArray:
        per_car = (self._instances, "4f 3f 1u/i", "car_pose", "car_paint", "car_id")
        return self._vertices(self._car, ChunkedMesh.of(car_mesh()), per_car)

    def _shadow_vertices(self) -> moderngl.VertexArray:
        car = DEFAULT_VEHICLE
        middle_m = (car.front_overhang_m - car.rear_overhang_m) / 2
        edge = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)
        half = np.array([car.length_m, car.width_m], np.float32) / 2 * SHADOW_REACH
        corners = np.hstack([edge * half + np.array([middle_m, 0], np.float32), edge]).astype(np.float32)
        buffer = self._context.buffer(corners.tobytes())
        per_car = (self._instances, "4f 16x/i", "car_pose")
        return self._context.vertex_array(
            self._shadow, [(buffer, "2f 2f", "in_position", "in_edge"), per_car], mode=moderngl.TRIANGLE_STRIP
        )

    def _sky_vertices(self) -> moderngl.VertexArray:
        columns, rows = 32, 16
        u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
        azimuth, elevation = u * 2 * math.pi, (0.5 - v) * math.pi
        x, y = np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth)
        points = np.stack([x, y, np.sin(elevation)], axis=2) * SKY_RADIUS_M
        vertices = np.dstack([points, u, v]).astype(np.float32).reshape(-1, 5)
        corner = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).reshape(-1, 1)
        faces = corner + np.array([0, 1, columns + 2, 0, columns + 2, columns + 1])
        buffer = self._context.buffer(vertices[faces.reshape(-1)].tobytes())
        return self._context.vertex_array(self._sky, [(buffer, "3f 2f", "in_position", "in_texture")])


def _keep_mesa_to_its_own_llvm() -> None:
    """Load Mesa's software driver such that it finds its own LLVM first.

    TensorFlow offers another LLVM to its whole process; a Mesa that takes that one crashes at its first shader.
    """
    for pattern in _MESA_DRIVERS:
        for driver in Path("/usr").glob(pattern):
            with contextlib.suppress(OSError):  # of another architecture
                ctypes.CDLL(str(driver), mode=os.RTLD_NOW | os.RTLD_LOCAL | os.RTLD_DEEPBIND)


def _scaled(colour: Colour, factor: float) -> Colour:
    return colour[0] * factor, colour[1] * factor, colour[2] * factor
