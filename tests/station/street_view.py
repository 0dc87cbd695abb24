"""A moving picture for the double's stream: a white street between a red and a blue line, houses passing by."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 320, 240
HORIZON_PX = 96
_RED, _BLUE = (45, 52, 226), (230, 87, 36)
_HOUSES = ((179, 206, 240), (84, 149, 208), (240, 247, 253), (118, 177, 85))


def street_frames(count: int) -> list[bytes]:
    """Encode one loop of `count` JPEG pictures."""
    return [_jpeg(_street(phase / count)) for phase in range(count)]


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".jpg", image)
    if not done:
        raise RuntimeError("OpenCV cannot encode JPEG here")
    return data.tobytes()


def _street(phase: float) -> NDArray[np.uint8]:
    image = np.full((HEIGHT_PX, WIDTH_PX, 3), 255, np.uint8)
    image[:HORIZON_PX] = np.linspace((214, 190, 160), (240, 232, 222), HORIZON_PX)[:, None].astype(np.uint8)
    for index in range(8, 0, -1):
        _house(image, index - phase * 4 % 1, index - int(phase * 4) + 8)
    cv2.line(image, (150, HORIZON_PX), (20, HEIGHT_PX), _RED, 7, cv2.LINE_AA)
    cv2.line(image, (170, HORIZON_PX), (300, HEIGHT_PX), _BLUE, 7, cv2.LINE_AA)
    return image


def _house(image: NDArray[np.uint8], distance: float, number: int) -> None:
    """Draw a block on either side, `distance` blocks ahead."""
    scale = 1.0 / max(distance, 0.2)
    bottom = int(HORIZON_PX + 60 * scale)
    for side in (-1, 1):
        near, far = int(160 + side * 70 * scale), int(160 + side * 260 * scale)
        top = int(HORIZON_PX - (60 + 25 * ((number + side) % 3)) * scale)
        colour = _HOUSES[(number + (side > 0)) % len(_HOUSES)]
        cv2.rectangle(image, (min(near, far), top), (max(near, far), bottom), colour, -1)
