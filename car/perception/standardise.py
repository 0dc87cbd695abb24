"""Pictures freed of the light's strength and colour, as far as it is the same all over."""

from __future__ import annotations

import cv2
import numpy as np

from car.camera.frame import Picture

STANDARD_MEAN, STANDARD_DEVIATION = 128.0, 48.0  # of each channel; about four in a thousand values are cut off
LEAST_DEVIATION = 3.0  # what is flatter holds noise only, which is not to be blown up


def standardised(picture: Picture) -> Picture:
    """A picture (h, w, 3) uint8 with each channel brought to the same mean and deviation."""
    mean, deviation = cv2.meanStdDev(picture)
    gain = STANDARD_DEVIATION / np.maximum(deviation[:, 0], LEAST_DEVIATION)
    levels = (np.arange(256)[:, None] - mean[:, 0]) * gain + STANDARD_MEAN
    table = np.clip(np.rint(levels), 0, 255).astype(np.uint8)
    looked_up: Picture = cv2.LUT(picture, table[:, None, :])
    return looked_up
