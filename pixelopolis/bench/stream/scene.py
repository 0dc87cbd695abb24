"""What the measured camera sees: a street that moves past, about as hard to compress as a real one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 640, 480
RATE_HZ = 20.0
FRAMES = 20
NOISE = 2.0

Pictures = NDArray[np.uint8]  # count x height x width x 3


def scene(seed: int = 0) -> Pictures:
    """Pictures that follow each other, for ever in turns; about 30 KB each as JPEG."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    pictures = np.empty((FRAMES, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for k in range(FRAMES):
        phase = 2 * np.pi * k / FRAMES
        road = 110 + 50 * np.sin(columns / 37 + phase) * np.cos(rows / 29) + 40 * np.sin((rows + columns) / 11 - phase)
        channels = [road + shift + random.normal(0, NOISE, road.shape) for shift in (-20, 0, 25)]
        pictures[k] = np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8)
    return pictures
