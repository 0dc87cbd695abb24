"""Anchor boxes of the SSD and the code by which the network writes a box relative to its anchor. Pure numpy.

Boxes are normalised. `corners` means [y_min, x_min, y_max, x_max], `centres` means [y, x, height, width].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

# TFLite_Detection_PostProcess divides by these, so the network learns targets of about unit size.
CENTRE_SCALE = 10.0
SIZE_SCALE = 5.0


@dataclass(frozen=True, slots=True)
class AnchorLayout:
    """Where anchors stand: one grid per feature map, several shapes per cell."""

    height_px: int = 192
    width_px: int = 320
    strides_px: tuple[int, ...] = (8, 16, 32, 64)
    side_per_stride: float = 2.0
    # (aspect = width / height, scale of the side)
    shapes: tuple[tuple[float, float], ...] = ((1.0, 1.0), (1.8, 1.0), (1 / 1.8, 1.0), (1.0, math.sqrt(2.0)))

    @property
    def count(self) -> int:
        """Anchors in all."""
        cells = sum(math.ceil(self.height_px / s) * math.ceil(self.width_px / s) for s in self.strides_px)
        return cells * len(self.shapes)


def make_anchors(layout: AnchorLayout) -> FloatArray:
    """(N, 4) centres, in the order in which the heads' outputs are flattened: level, row, column, shape."""
    levels = []
    for stride in layout.strides_px:
        rows = math.ceil(layout.height_px / stride)
        columns = math.ceil(layout.width_px / stride)
        side_px = layout.side_per_stride * stride
        heights = np.array([side_px * scale / math.sqrt(aspect) for aspect, scale in layout.shapes])
        widths = np.array([side_px * scale * math.sqrt(aspect) for aspect, scale in layout.shapes])
        level = np.empty((rows, columns, len(layout.shapes), 4), np.float32)
        level[..., 0] = ((np.arange(rows) + 0.5) * stride / layout.height_px)[:, None, None]
        level[..., 1] = ((np.arange(columns) + 0.5) * stride / layout.width_px)[None, :, None]
        level[..., 2] = heights / layout.height_px
        level[..., 3] = widths / layout.width_px
        levels.append(level.reshape(-1, 4))
    return np.concatenate(levels)


def to_corners(centres: FloatArray) -> FloatArray:
    """(…, 4) centres as corners."""
    half = centres[..., 2:] / 2
    return np.concatenate([centres[..., :2] - half, centres[..., :2] + half], axis=-1)


def to_centres(corners: FloatArray) -> FloatArray:
    """(…, 4) corners as centres."""
    low, high = corners[..., :2], corners[..., 2:]
    return np.concatenate([(low + high) / 2, high - low], axis=-1)


def encode(corners: FloatArray, anchors: FloatArray) -> FloatArray:
    """Codes (ty, tx, th, tw) of boxes with positive sides relative to `anchors` (centres), row by row."""
    boxes = to_centres(corners)
    shift = CENTRE_SCALE * (boxes[..., :2] - anchors[..., :2]) / anchors[..., 2:]
    growth = SIZE_SCALE * np.log(boxes[..., 2:] / anchors[..., 2:])
    return np.concatenate([shift, growth], axis=-1).astype(np.float32)


def decode(codes: FloatArray, anchors: FloatArray) -> FloatArray:
    """Corners of the boxes that `codes` stand for; the inverse of `encode`."""
    middle = codes[..., :2] / CENTRE_SCALE * anchors[..., 2:] + anchors[..., :2]
    sides = np.exp(codes[..., 2:] / SIZE_SCALE) * anchors[..., 2:]
    return to_corners(np.concatenate([middle, sides], axis=-1).astype(np.float32))


def overlaps(first: FloatArray, second: FloatArray) -> FloatArray:
    """(N, M) intersection over union of (N, 4) and (M, 4) corners; 0 where both are empty."""
    shared = shared_areas(first, second)
    union = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0), np.float32)


def shared_areas(first: FloatArray, second: FloatArray) -> FloatArray:
    """(N, M) areas that (N, 4) and (M, 4) corners have in common."""
    height, width = (
        np.clip(
            np.minimum(first[:, None, axis + 2], second[None, :, axis + 2])
            - np.maximum(first[:, None, axis], second[None, :, axis]),
            0.0,
            None,
        )
        for axis in (0, 1)
    )
    return np.asarray(height * width, np.float32)


def areas(corners: FloatArray) -> FloatArray:
    """(N,) areas of (N, 4) corners; 0 for those turned inside out."""
    sides = np.clip(corners[:, 2:] - corners[:, :2], 0.0, None)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)
