"""What a camera adds to a rendered picture: exposure, white balance, blur by motion and focus, noise."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

BLUR_SHARE = 0.35  # of pictures that are out of focus or shaken
MAX_BLUR_PX = 1.1  # standard deviation
MAX_SHAKE_PX = 7
MAX_NOISE = 9.0  # standard deviation, of 255


def photograph(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A BGR picture as one of many cameras would have taken it."""
    light = image.astype(np.float32) / 255.0
    if rng.random() < BLUR_SHARE:
        light = _blurred(light, rng)
    gain = 2.0 ** rng.uniform(-0.8, 0.35)
    balance = rng.uniform(0.9, 1.1, 3)
    gamma = rng.uniform(0.85, 1.2)
    light = np.clip(light * gain * balance, 0.0, 1.0) ** gamma
    noise = rng.uniform(0.0, MAX_NOISE) * rng.standard_normal(image.shape, dtype=np.float32)
    return np.asarray(np.clip(light * 255.0 + noise, 0, 255).round(), np.uint8)


def _blurred(light: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    if rng.random() < 0.5:
        soft: NDArray[np.float32] = cv2.GaussianBlur(light, (0, 0), float(rng.uniform(0.4, MAX_BLUR_PX)))
        return soft
    # A turning car smears the picture sideways.
    length = int(rng.integers(2, MAX_SHAKE_PX + 1))
    kernel = np.full((1, length), 1.0 / length, np.float32)
    shaken: NDArray[np.float32] = cv2.filter2D(light, -1, kernel)
    return shaken
