"""Other light and noise for training pictures, each picture its own. Never mirrored: signs have a left and a right."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a picture's light may be varied in training."""

    brightness: float = 28.0  # of 255
    contrast: tuple[float, float] = (0.75, 1.3)
    channel_gain: float = 0.12
    gamma: tuple[float, float] = (0.7, 1.4)  # what standardising does not undo
    noise: float = 6.0  # standard deviation, at most


def vary_light(picture: NDArray[np.uint8], limits: Augmentation, seed: int) -> NDArray[np.uint8]:
    """A picture (h, w, 3) uint8 in another light; the same seed gives the same."""
    rng = np.random.default_rng(seed)
    levels = np.arange(256.0)[:, None]
    levels = (levels - 128.0) * rng.uniform(*limits.contrast) + 128.0
    levels = levels + rng.uniform(-limits.brightness, limits.brightness)
    levels = levels * rng.uniform(1 - limits.channel_gain, 1 + limits.channel_gain, 3)
    levels = 255.0 * (np.clip(levels, 0.0, 255.0) / 255.0) ** rng.uniform(*limits.gamma)
    lit = cv2.LUT(picture, np.rint(levels).astype(np.uint8)[:, None, :])
    noise = np.empty(picture.shape, np.int16)
    cv2.setRNGSeed(int(rng.integers(2**31)))  # each thread has its own generator
    cv2.randn(noise, 0, rng.uniform(0.0, limits.noise))
    noisy: NDArray[np.uint8] = cv2.add(lit, noise, dtype=cv2.CV_8U)
    return noisy
