"""Light on the ground as a small picture: sun shadows, soft darkness beside buildings, and coloured spots."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.render.style import LightStyle
from sim.render.town import Footprint

PIXELS_PER_M = 64.0
MAX_PX = 1024
# Stored light 1.0; the shader multiplies by 2 so that the brightest ground is twice as bright as its colour.
FULL = 127.5


def sun_direction(light: LightStyle) -> NDArray[np.float64]:
    """(3,) unit vector towards the sun."""
    flat = math.cos(light.sun_elevation_rad)
    return np.array(
        [
            flat * math.cos(light.sun_azimuth_rad),
            flat * math.sin(light.sun_azimuth_rad),
            math.sin(light.sun_elevation_rad),
        ]
    )


def draw_ground_light(
    bounds_m: tuple[float, float, float, float], footprints: Sequence[Footprint], light: LightStyle
) -> NDArray[np.uint8]:
    """(rows, columns, 3) uint8 RGB over `bounds_m`, row 0 in the south; `FULL` is light of strength 1."""
    x0, y0, x1, y1 = bounds_m
    scale = min(PIXELS_PER_M, MAX_PX / max(x1 - x0, y1 - y0))
    shape = math.ceil((y1 - y0) * scale), math.ceil((x1 - x0) * scale)
    origin = np.array([x0, y0])
    sunlit, open_sky = np.full(shape, 255, np.uint8), np.full(shape, 255, np.uint8)
    towards_sun = sun_direction(light)
    reach = -towards_sun[:2] / max(0.2, towards_sun[2])
    for footprint in footprints:
        corners = (footprint.corners_m - origin) * scale
        moved = corners + reach * footprint.height_m * scale
        hull = cv2.convexHull(np.concatenate([corners, moved]).astype(np.float32))
        _fill(sunlit, hull[:, 0])
        _fill(open_sky, corners)
    sun = _blurred(sunlit, light.shadow_softness_m * scale)
    sky = 0.35 + 0.65 * _blurred(open_sky, 0.035 * scale)
    colours = sun[..., None] * np.array(light.sun_colour) * light.sun_strength * towards_sun[2]
    colours += sky[..., None] * np.array(light.ambient_colour) * light.ambient_strength
    colours += _spots(shape, scale, light)
    return np.asarray(np.clip(colours * FULL, 0, 255), np.uint8)


def _fill(mask: NDArray[np.uint8], corners: NDArray[np.float64]) -> None:
    cv2.fillConvexPoly(mask, np.round(corners * 16).astype(np.int32), 0, cv2.LINE_AA, 4)


def _blurred(mask: NDArray[np.uint8], sigma_px: float) -> NDArray[np.float32]:
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.3, sigma_px))
    return np.asarray(soft.astype(np.float32) / 255)


def _spots(shape: tuple[int, int], scale: float, light: LightStyle) -> NDArray[np.float64]:
    rng = np.random.default_rng(light.spot_seed)
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])
    total = np.zeros((*shape, 3))
    for _ in range(light.spot_count):
        row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        radius_px = rng.uniform(0.3, 1.2) * scale
        colour = rng.uniform(0.2, 1.0, 3)
        squared = ((rows - row) ** 2 + (columns - column) ** 2) / radius_px**2
        total += np.multiply.outer(np.exp(-squared * 2), colour) * light.spot_strength
    return total
