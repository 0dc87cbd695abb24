"""Pictures of a city for people: an overview from an angle, with cars on its lanes."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from city.city import City
from sim.render.camera import CameraView
from sim.render.car_mesh import CarInstance
from sim.render.renderer import Renderer
from sim.render.scene import Scene
from sim.render.style import SceneStyle, SkyStyle

OVERVIEW_FOV_RAD = math.radians(42.0)
OVERVIEW_PITCH_RAD = math.radians(38.0)
# The default look on a bright, even ground.
OVERVIEW_STYLE = SceneStyle(sky=SkyStyle(kind="overcast", exposure=1.75))


def overview_view(
    city: City, yaw_rad: float = math.radians(125.0), aspect: float = 16 / 9, closeness: float = 1.05
) -> CameraView:
    """A camera that looks down on the whole city along `yaw_rad`; `closeness` above 1 crops into it."""
    x0, y0, x1, y1 = city.bounds_m
    corners = np.array([[x, y] for x in (x0, x1) for y in (y0, y1)])
    along = corners @ np.array([math.cos(yaw_rad), math.sin(yaw_rad)])
    across = corners @ np.array([-math.sin(yaw_rad), math.cos(yaw_rad)])
    # What the picture must hold: the width across, and the depth as it appears under the camera's pitch.
    extent_m = max(np.ptp(across), aspect * np.ptp(along) * math.sin(OVERVIEW_PITCH_RAD)) + 0.5
    distance_m = extent_m / (2 * math.tan(OVERVIEW_FOV_RAD / 2)) / closeness + 0.25 * float(np.ptp(along))
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    back_m, up_m = distance_m * math.cos(OVERVIEW_PITCH_RAD), distance_m * math.sin(OVERVIEW_PITCH_RAD)
    eye = (middle_x - back_m * math.cos(yaw_rad), middle_y - back_m * math.sin(yaw_rad), up_m)
    return CameraView.looking_at(eye, (middle_x, middle_y, 0.0), OVERVIEW_FOV_RAD)


def parked_cars(city: City, count: int) -> list[CarInstance]:
    """Cars in the middle of `count` edges, spread over the city."""
    edges = list(city.edges.values())
    chosen = [edges[round(k * len(edges) / count) % len(edges)] for k in range(count)]
    return [
        CarInstance(f"car-{k + 1}", edge.curve.pose_at(edge.curve.length_m / 2), k) for k, edge in enumerate(chosen)
    ]


def render_overview(
    city: City,
    *,
    seed: int = 1,
    style: SceneStyle | None = None,
    cars: int = 5,
    width_px: int = 1280,
    height_px: int = 720,
) -> NDArray[np.uint8]:
    """A city from above at an angle, (height_px, width_px, 3) uint8 BGR, smoothed by four rays per pixel.

    Raises:
        RenderError: if there is no EGL context to be had.
    """
    renderer = Renderer(width_px, height_px, supersample=2)
    renderer.load(Scene.build(city, seed, style or OVERVIEW_STYLE))
    view = overview_view(city, aspect=width_px / height_px)
    return renderer.render([view], parked_cars(city, cars))[0].image


def save_overview(city: City, path: Path, *, seed: int = 1, cars: int = 5) -> None:
    """Write `render_overview` to a .png or .jpg file.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if its name ends in something else.
        RenderError: if there is no EGL context to be had.
    """
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise ValueError(f"{path}: give a name that ends in .png or .jpg")
    _, packed = cv2.imencode(path.suffix.lower(), render_overview(city, seed=seed, cars=cars))
    path.write_bytes(packed.tobytes())
