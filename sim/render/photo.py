"""What a cheap camera does to a picture: lens, exposure, colour, blur, noise and compression."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.render.style import Colour

Image = NDArray[np.uint8]

# Below this a distortion moves no pixel of a 640x480 picture by as much as a quarter.
_NEGLIGIBLE_DISTORTION = 1e-3
GLARE_PLACES = 10  # along each side
_BANK_SIZE = 2**21
_BANK_DEVIATION = 30.0


@dataclass(frozen=True, slots=True)
class PhotoStyle:
    """A camera's faults; the default has none.

    Attributes:
        brightness: added, 1 being white.
        contrast: factor about middle grey.
        gamma: exponent of the tone curve; above 1 is darker.
        gain: factors for red, green and blue.
        saturation: 0 grey, 1 as it is.
        blur_px: standard deviation of the lens blur.
        motion_blur_px: length of a smear across the picture, as in a turn.
        noise: standard deviation of the sensor's noise, 1 being white.
        vignette: share of light that the corners lose.
        glare: strength of a lamp that shines into the lens, 1 being white at its middle.
        glare_at: where in the picture it is, as shares of width and height.
        distortion: radial, of the square of the distance from the centre as a share of half the width;
            positive is barrel.
        jpeg_quality: 1 to 100, or None for no compression.
    """

    brightness: float = 0.0
    contrast: float = 1.0
    gamma: float = 1.0
    gain: Colour = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    blur_px: float = 0.0
    motion_blur_px: float = 0.0
    noise: float = 0.0
    vignette: float = 0.0
    glare: float = 0.0
    glare_at: tuple[float, float] = (0.5, 0.2)
    distortion: float = 0.0
    jpeg_quality: int | None = None

    @classmethod
    def sample(cls, rng: np.random.Generator, hardness: float = 0.5, *, distort: bool = False) -> PhotoStyle:
        """A random camera; `hardness` 0 is nearly faultless, 1 is poor.

        `distort` also bends the lens, which moves things in the picture: boxes have to follow (`distort_points`).
        """
        gain = 1.0 + rng.uniform(-1, 1, 3) * (0.04 + 0.16 * hardness)
        return cls(
            brightness=float(rng.uniform(-1, 1) * (0.02 + 0.13 * hardness)),
            contrast=float(1 + rng.uniform(-1, 1) * (0.05 + 0.3 * hardness)),
            gamma=float(2.0 ** (rng.uniform(-1, 1) * (0.1 + 0.5 * hardness))),
            gain=(float(gain[0]), float(gain[1]), float(gain[2])),
            saturation=float(1 + rng.uniform(-1, 0.5) * (0.1 + 0.5 * hardness)),
            blur_px=float(rng.uniform(0.3, 0.5 + 1.0 * hardness)) if rng.random() < 0.5 else 0.0,
            motion_blur_px=float(rng.uniform(1, 2 + 6 * hardness)) if rng.random() < 0.3 * hardness else 0.0,
            noise=float(rng.uniform(0.0, 0.01 + 0.05 * hardness)),
            vignette=float(rng.uniform(0.0, 0.1 + 0.4 * hardness)),
            distortion=float(rng.uniform(-0.03, 0.12) * hardness) if distort else 0.0,
            jpeg_quality=int(rng.integers(round(85 - 55 * hardness), 96)) if rng.random() < 0.6 else None,
        )

    def apply(self, image: Image, rng: np.random.Generator) -> Image:
        """A picture (h, w, 3) uint8 BGR as this camera takes it; `rng` makes the noise."""
        taken = self._through_lens(image)
        if self.glare > 0:
            taken = cv2.scaleAdd(_glow(taken.shape[1], taken.shape[0], *_on_grid(self.glare_at)), self.glare, taken)
        taken = cv2.LUT(taken, self._tone_curves())
        if abs(self.saturation - 1.0) > 0.01:
            grey = cv2.cvtColor(cv2.cvtColor(taken, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
            taken = cv2.addWeighted(taken, self.saturation, grey, 1.0 - self.saturation, 0.0)
        if self.noise > 0:
            taken = _with_noise(taken, self.noise, rng)
        if self.jpeg_quality is not None:
            _, packed = cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, self.jpeg_quality])
            taken = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
        return np.asarray(taken, np.uint8)

    def _through_lens(self, image: Image) -> Image:
        height, width = image.shape[:2]
        seen = image
        if abs(self.distortion) > _NEGLIGIBLE_DISTORTION:
            map_x, map_y = _distortion_maps(width, height, self.distortion)
            seen = cv2.remap(seen, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        if self.vignette > 0:
            shade = _vignette(width, height, round(self.vignette, 2))
            seen = cv2.multiply(seen, shade, scale=1 / 255)
        if self.blur_px > 0:
            seen = cv2.GaussianBlur(seen, (0, 0), self.blur_px)
        if self.motion_blur_px >= 1:
            seen = cv2.blur(seen, (max(1, round(self.motion_blur_px)), 1))
        return np.asarray(seen, np.uint8)

    def _tone_curves(self) -> Image:
        level = np.linspace(0, 1, 256)
        curves = []
        for gain in self.gain[::-1]:
            toned = (np.clip(level * gain, 0, 1) ** self.gamma - 0.5) * self.contrast + 0.5 + self.brightness
            curves.append(np.round(np.clip(toned * 255, 0, 255)).astype(np.uint8))
        return np.stack(curves, axis=1)[:, None, :]


def distort_points(
    points_px: NDArray[np.float64], width_px: int, height_px: int, distortion: float
) -> NDArray[np.float64]:
    """Where points (N, 2) of the pinhole picture lie in the distorted one (fixed-point inverse of the lens map)."""
    centre = np.array([width_px / 2, height_px / 2])
    pinhole = (np.asarray(points_px, np.float64) - centre) / (width_px / 2)
    seen = pinhole.copy()
    for _ in range(30):
        seen = pinhole / _stretch(np.sum(seen**2, axis=1, keepdims=True), distortion)
    return np.asarray(seen * (width_px / 2) + centre)


def _stretch(squared_radius: NDArray[np.float64], distortion: float) -> NDArray[np.float64]:
    """Pinhole radius over distorted radius; 1 at the sides of the picture, so that its width stays filled."""
    return np.asarray((1 + distortion * squared_radius) / (1 + distortion))


@lru_cache(maxsize=16)
def _distortion_maps(width: int, height: int, distortion: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    v, u = np.mgrid[0:height, 0:width]
    x, y = (u + 0.5 - width / 2) / (width / 2), (v + 0.5 - height / 2) / (width / 2)
    stretch = _stretch(x**2 + y**2, distortion)
    map_x = x * stretch * (width / 2) + width / 2 - 0.5
    map_y = y * stretch * (width / 2) + height / 2 - 0.5
    return map_x.astype(np.float32), map_y.astype(np.float32)


@lru_cache(maxsize=64)
def _vignette(width: int, height: int, strength: float) -> Image:
    v, u = np.mgrid[0:height, 0:width]
    squared = ((u + 0.5) / width * 2 - 1) ** 2 + ((v + 0.5) / height * 2 - 1) ** 2
    shade = 255 * (1 - strength * squared / 2)
    return np.repeat(np.clip(shade, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _on_grid(place: tuple[float, float]) -> tuple[float, float]:
    """Few enough places that their glows are kept."""
    return round(place[0] * GLARE_PLACES) / GLARE_PLACES, round(place[1] * GLARE_PLACES) / GLARE_PLACES


@lru_cache(maxsize=(GLARE_PLACES + 1) ** 2)
def _glow(width: int, height: int, x: float, y: float) -> Image:
    """What stray light adds to a picture: white in its middle, and a veil of a fifth of that over everything."""
    v, u = np.mgrid[0:height, 0:width]
    squared = ((u + 0.5) / width - x) ** 2 + (((v + 0.5) - y * height) / width) ** 2
    glow = 255 * (0.2 + 0.5 * np.exp(-squared / 0.09) + 0.3 * np.exp(-squared / 0.008))
    return np.repeat(glow.astype(np.uint8)[..., None], 3, axis=2)


@lru_cache(maxsize=1)
def _noise_bank() -> Image:
    """Normal noise about 128; pictures take pieces of it, far cheaper than fresh numbers for every pixel."""
    numbers = np.random.default_rng(0).normal(128.0, _BANK_DEVIATION, _BANK_SIZE)
    return np.asarray(np.clip(numbers, 0, 255), np.uint8)


def _with_noise(image: Image, deviation: float, rng: np.random.Generator) -> Image:
    bank = _noise_bank()
    repeated = np.tile(bank, 1 + image.size // len(bank)) if image.size >= len(bank) else bank
    start = int(rng.integers(len(repeated) - image.size + 1))
    grain = repeated[start : start + image.size].reshape(image.shape)
    factor = deviation * 255 / _BANK_DEVIATION
    return np.asarray(cv2.addWeighted(image, 1.0, grain, factor, -128.0 * factor), np.uint8)
