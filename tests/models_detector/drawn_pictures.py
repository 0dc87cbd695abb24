"""Small drawn data sets: coloured shapes on noise, no renderer needed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector.network.anchors import AnchorLayout
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.voc import write_example

# A frame of 96x80 whose top 80 % are 96x64.
FRAME_WIDTH, FRAME_HEIGHT = 96, 80
SMALL_LAYOUT = AnchorLayout(height_px=64, width_px=96, strides_px=(8, 16, 32, 64))
SHAPES = {"Stop_sign": (40, 40, 220), "Go": (60, 200, 60), "Car": (220, 120, 30)}  # BGR


def draw_frame(rng: np.random.Generator) -> tuple[NDArray[np.uint8], tuple[LabelledBox, ...]]:
    """One BGR frame with one shape, and its box."""
    frame = rng.integers(110, 150, (FRAME_HEIGHT, FRAME_WIDTH, 3)).astype(np.uint8)
    label = str(rng.choice(list(SHAPES)))
    side = int(rng.integers(16, 30))
    x = int(rng.integers(0, FRAME_WIDTH - side))
    y = int(rng.integers(0, 62 - side))
    middle = (x + side // 2, y + side // 2)
    if label == "Stop_sign":
        cv2.circle(frame, middle, side // 2, SHAPES[label], -1)
    elif label == "Go":
        cv2.rectangle(frame, (x, y), (x + side - 1, y + side - 1), SHAPES[label], -1)
    else:
        corners = np.array([[x, y + side - 1], [x + side - 1, y + side - 1], [middle[0], y]])
        cv2.fillPoly(frame, [corners], SHAPES[label])
    return frame, (LabelledBox(label, x, y, x + side, y + side),)


def write_data_set(folder: Path, count: int, seed: int) -> None:
    """A Pascal VOC folder of `count` drawn frames."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        write_example(folder, f"{k:06d}", *draw_frame(rng))
