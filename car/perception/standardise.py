"""Pictures freed of the light's strength and colour, as far as it is the same all over."""

from __future__ import annotations

import cv2
import numpy as np

from car.camera.frame import Picture

STANDARD_MEAN, STANDARD_DEVIATION = 128.0, 48.0  # of each channel; about four in a thousand values are cut off
LEAST_DEVIATION = 3.0  # what is flatter holds noise only, which is not to be blown up


def standardised(picture: Picture) -> Picture:
    """A picture (h, w, 3) uint8 with each channel brought to the same mean and deviation."""
    mean, deviation = (values[:, 0] for values in cv2.meanStdDev(picture))
    gain = STANDARD_DEVIATION / np.maximum(deviation, LEAST_DEVIATION)
    # Less than half of the time that a table of all values takes.
    brought: Picture = cv2.transform(picture, np.column_stack([np.diag(gain), STANDARD_MEAN - gain * mean]))
    return brought
