"""Panoramas around the city: open skies by noise, halls by casting rays at the inside of a box.

A panorama is (rows, columns, 3) uint8 RGB, equirectangular: column 0 looks along +x and columns go on
counter-clockwise; row 0 is straight up.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.render.style import SKY_KINDS, SKY_SEEDS, SkyStyle

WIDTH_PX, HEIGHT_PX = 1024, 512
FLOOR_BELOW_M = 0.9  # the city stands on a table of this height

FloatImage = NDArray[np.float32]


class PanoramaError(Exception):
    """A panorama file that cannot be used."""


def panorama(style: SkyStyle) -> NDArray[np.uint8]:
    """The surroundings that a style asks for, before rotation and exposure.

    Raises:
        PanoramaError: if its file cannot be read.
        ValueError: if there is no such kind of sky.
    """
    if style.panorama is not None:
        return _from_file(style.panorama)
    return _drawn(style.kind, style.seed)


@lru_cache(maxsize=SKY_SEEDS * len(SKY_KINDS))
def _drawn(kind: str, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    if kind in ("day", "overcast", "dusk", "night"):
        picture = _open_sky(kind, rng)
    elif kind in ("hall", "greenhouse", "dark_hall"):
        picture = _hall(kind, rng)
    else:
        raise ValueError(f"there is no sky {kind!r}; known are {', '.join(SKY_KINDS)}")
    return np.asarray(np.clip(picture * 255, 0, 255), np.uint8)


@lru_cache(maxsize=8)
def _from_file(path: Path) -> NDArray[np.uint8]:
    picture = _exr(path) if path.suffix.lower() == ".exr" else _decoded(path)
    if picture.dtype == np.uint8:
        light = picture.astype(np.float32) / 255
    else:
        level = max(float(np.mean(picture)), 1e-6)
        light = np.power(picture / (picture + 1.2 * level), 1 / 2.2, dtype=np.float32)
    small = cv2.resize(light, (2 * WIDTH_PX, 2 * HEIGHT_PX), interpolation=cv2.INTER_AREA)
    rgb: NDArray[np.uint8] = np.ascontiguousarray(np.clip(small[..., ::-1] * 255, 0, 255).astype(np.uint8))
    return rgb


def _decoded(path: Path) -> NDArray[np.uint8] | NDArray[np.float32]:
    """(h, w, 3) BGR of any picture that OpenCV reads; float for high dynamic range."""
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise PanoramaError(f"{path}: the panorama cannot be read: {error}") from error
    try:
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    except cv2.error:
        picture = None
    if picture is None:
        raise PanoramaError(f"{path}: is not a picture that can be decoded; give .jpg, .png, .hdr or .exr")
    return np.asarray(picture)


def _exr(path: Path) -> NDArray[np.float32]:
    """(h, w, 3) BGR of an OpenEXR picture, which OpenCV 5 does not read."""
    import OpenEXR

    try:
        channels = OpenEXR.File(str(path)).channels()
        whole = next((channels[name].pixels for name in ("RGB", "RGBA") if name in channels), None)
        planes = [channels[name].pixels for name in "BGR"] if whole is None else [whole[..., k] for k in (2, 1, 0)]
    except (RuntimeError, ValueError, KeyError) as error:
        raise PanoramaError(f"{path}: is not an OpenEXR picture with the channels R, G and B: {error}") from error
    light = np.nan_to_num(np.stack(planes, axis=2).astype(np.float32), posinf=65504.0, neginf=0.0)
    return np.asarray(np.maximum(light, 0.0))


@lru_cache(maxsize=1)
def _directions() -> FloatImage:
    """(HEIGHT_PX, WIDTH_PX, 3) unit vectors of the pixels."""
    azimuth = (np.arange(WIDTH_PX) + 0.5) * (2 * math.pi / WIDTH_PX)
    elevation = math.pi / 2 - (np.arange(HEIGHT_PX) + 0.5) * (math.pi / HEIGHT_PX)
    flat = np.cos(elevation)[:, None]
    return np.stack(
        [
            flat * np.cos(azimuth),
            flat * np.sin(azimuth),
            np.broadcast_to(np.sin(elevation)[:, None], (HEIGHT_PX, WIDTH_PX)),
        ],
        axis=2,
    ).astype(np.float32)


def _noise(rng: np.random.Generator, cells: int) -> FloatImage:
    """Smooth noise, 0 to 1, without a seam at the left and right borders."""
    coarse = rng.random((cells, 2 * cells), np.float32)
    padded = np.hstack([coarse[:, -2:], coarse, coarse[:, :2]])
    step = WIDTH_PX // (2 * cells)
    wide = cv2.resize(padded, (WIDTH_PX + 4 * step, HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
    noise: FloatImage = wide[:, 2 * step : 2 * step + WIDTH_PX]
    return noise


def _clouds(rng: np.random.Generator) -> FloatImage:
    total = sum(w * _noise(rng, c) for c, w in ((4, 0.4), (8, 0.3), (16, 0.18), (32, 0.12)))
    return np.asarray(total, np.float32)


_SKY_COLOURS = {
    # kind: zenith, horizon, ground, cloud
    "day": ((0.25, 0.48, 0.86), (0.78, 0.88, 0.97), (0.55, 0.56, 0.50), (1.0, 1.0, 1.0)),
    "overcast": ((0.62, 0.65, 0.69), (0.82, 0.83, 0.84), (0.46, 0.46, 0.45), (0.93, 0.93, 0.94)),
    "dusk": ((0.16, 0.17, 0.36), (0.95, 0.58, 0.34), (0.20, 0.17, 0.18), (0.86, 0.46, 0.42)),
    "night": ((0.01, 0.015, 0.05), (0.07, 0.08, 0.16), (0.02, 0.02, 0.03), (0.10, 0.11, 0.16)),
}


def _open_sky(kind: str, rng: np.random.Generator) -> FloatImage:
    zenith, horizon, ground, cloud = (np.array(c, np.float32) for c in _SKY_COLOURS[kind])
    up = _directions()[..., 2:]
    blend = np.clip(up, 0, 1) ** 0.55
    picture = horizon * (1 - blend) + zenith * blend
    cover = rng.uniform(0.42, 0.6) if kind != "overcast" else 0.35
    veil = np.clip((_clouds(rng)[..., None] - cover) * 4, 0, 1) * np.clip(up * 6, 0, 1)
    picture = picture * (1 - 0.85 * veil) + cloud * 0.85 * veil
    if kind == "night":
        stars = rng.random((HEIGHT_PX, WIDTH_PX, 1), np.float32) > 0.9985
        picture = picture + 0.7 * stars * (1 - veil)
    below = np.clip(-up * 30, 0, 1)
    picture = picture * (1 - below) + ground * (0.85 + 0.3 * _noise(rng, 16)[..., None]) * below
    return _skyline(np.asarray(picture, np.float32), ground * 0.7 + horizon * 0.25, rng)


def _skyline(picture: FloatImage, colour: NDArray[np.float32], rng: np.random.Generator) -> FloatImage:
    """Distant roofs and trees along the horizon."""
    x = 0
    while x < WIDTH_PX:
        width, height = int(rng.integers(8, 46)), int(rng.integers(2, 24))
        shade = colour * rng.uniform(0.7, 1.25)
        picture[HEIGHT_PX // 2 - height : HEIGHT_PX // 2 + 3, x : x + width] = shade
        x += width
    return picture


def _hall(kind: str, rng: np.random.Generator) -> FloatImage:
    """The inside of a large room, seen from above a table in it."""
    length_m, width_m = rng.uniform(9, 16), rng.uniform(6, 10)
    ceiling_m = rng.uniform(3.2, 5.5)
    ray = _directions()
    x, y, z = ray[..., 0], ray[..., 1], ray[..., 2]
    with np.errstate(divide="ignore"):
        to_end = length_m / 2 / np.abs(x)
        to_side = width_m / 2 / np.abs(y)
        to_flat = np.where(z > 0, ceiling_m, FLOOR_BELOW_M) / np.abs(z)
    nearest = np.minimum(np.minimum(to_end, to_side), to_flat)
    px, py, pz = x * nearest, y * nearest, z * nearest
    flat, side = nearest == to_flat, nearest == to_side
    tone = np.array(rng.uniform(0.55, 0.85) + rng.uniform(-0.05, 0.05, 3), np.float32)
    dirt = 0.85 + 0.3 * _clouds(rng)
    floor = np.multiply.outer(dirt, tone * np.array([0.62, 0.58, 0.54], np.float32))
    along_wall = np.where(side, px, py)
    wall = _wall(along_wall, pz, ceiling_m, tone, kind, rng) * dirt[..., None]
    roof = _roof(px, py, tone, kind, rng) * dirt[..., None]
    picture = np.where(flat[..., None], np.where((z > 0)[..., None], roof, floor), wall)
    # Corners are darker: light falls off towards the room's ends.
    picture = picture * (1.15 - 0.35 * np.clip(nearest / length_m, 0, 1.4))[..., None]
    if kind == "dark_hall":
        lamps = picture > 1.05
        picture = np.where(lamps, 0.8, picture * rng.uniform(0.08, 0.22))
    return np.asarray(picture, np.float32)


def _stripes(position: FloatImage, spacing_m: float, width_m: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs((position % spacing_m) - spacing_m / 2) < width_m / 2)


def _wall(
    along: FloatImage, z: FloatImage, ceiling_m: float, tone: NDArray[np.float32], kind: str, rng: np.random.Generator
) -> FloatImage:
    picture = np.broadcast_to(tone, (*along.shape, 3)).copy()
    spacing = rng.uniform(1.2, 2.2)
    low, high = (-0.5, ceiling_m) if kind == "greenhouse" else (0.7, ceiling_m - 0.6)
    opening = ~_stripes(along, spacing, 0.35) & (z > low) & (z < high)
    glass = np.multiply.outer(0.6 + 0.5 * _noise(rng, 32), np.array([0.75, 0.88, 1.0]) * rng.uniform(0.6, 1.0))
    picture = np.where(opening[..., None], glass, picture)
    bars = opening & (_stripes(along, spacing / 4, 0.04) | _stripes(z, 0.55, 0.04))
    picture[bars] = tone * 0.3
    skirting = z < -0.35
    picture[skirting & ~opening] = tone * rng.uniform(0.3, 0.8, 3)
    shelf = (z < rng.uniform(-0.1, 0.5)) & (_noise(rng, 16) > 0.62) & ~opening
    picture[shelf] = tone * rng.uniform(0.2, 0.7, 3)
    return np.asarray(picture, np.float32)


def _roof(x: FloatImage, y: FloatImage, tone: NDArray[np.float32], kind: str, rng: np.random.Generator) -> FloatImage:
    if kind == "greenhouse":
        leaves = _noise(rng, 128) > rng.uniform(0.8, 0.95)
        glass = 0.45 + 0.6 * _clouds(rng)
        picture = np.multiply.outer(np.where(leaves, 0.25, glass), np.array([0.82, 0.92, 1.0]))
        beam = _stripes(x, 1.1, 0.12) | _stripes(y, 1.3, 0.09) | (np.abs(y) < 0.12)
        picture[beam] = (0.13, 0.15, 0.17)
    else:
        picture = np.broadcast_to(tone * 0.85, (*x.shape, 3)).copy()
        picture[_stripes(y, 0.25, 0.03)] *= 0.85
        picture[_stripes(x, rng.uniform(1.5, 2.5), 0.3)] = tone * 0.55
        picture[_stripes(y, rng.uniform(2.0, 3.0), 0.18)] = tone * 0.45
    lamps = _stripes(x + 0.6, 2.4, 1.3) & _stripes(y + 0.4, 1.9, 0.14)
    warm = rng.uniform(0.75, 1.0)
    picture[lamps] = (1.3, 1.1 + 0.2 * warm, 0.95 + 0.35 * warm)
    return np.asarray(picture, np.float32)
