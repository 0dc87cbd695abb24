"""A picture's bytes as the numbers that a network takes: uint8, int8 or float32."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from car.camera.frame import Picture
from car.perception.sidecar import ModelError

Range = tuple[float, float]

BYTES_RANGE: Range = (0.0, 255.0)
# TensorFlow's Object Detection API gives its float models this input; they take -1 … 1.
NORMALISED_NAME = "normalized_input_image_tensor"
NORMALISED_RANGE: Range = (-1.0, 1.0)


class PictureInput:
    """The picture input of a network."""

    def __init__(self, path: Path, detail: dict[str, Any], value_range: Range | None = None) -> None:
        """Take the input's details as the interpreter gives them.

        Args:
            path: of the model, for errors.
            detail: `name`, `shape`, `dtype` and so on.
            value_range: what black and white are to the network. When not given: of a quantised input its whole
                range, so that bytes go in as they are (int8: less 128); of a float input 0 … 255, or -1 … 1 if
                it is called `normalized_input_image_tensor`.

        Raises:
            ModelError: if it takes no single picture of one size, or not these numbers.
        """
        shape = tuple(int(n) for n in detail["shape"])
        if len(shape) != 4 or shape[0] != 1 or shape[3] != 3:
            raise ModelError(path, f"takes {shape}, not one picture (1, height, width, 3)")
        if -1 in [int(n) for n in detail.get("shape_signature", shape)][1:]:
            raise ModelError(path, "takes pictures of any size; export it for one size")
        self.height_px, self.width_px = shape[1:3]
        dtype = np.dtype(detail["dtype"])
        if dtype not in (np.uint8, np.int8, np.float32):
            raise ModelError(path, f"takes {dtype.name} pictures, not uint8, int8 or float32")
        scale, zero_point = detail["quantization"]
        if dtype == np.float32 and value_range is None:
            value_range = NORMALISED_RANGE if NORMALISED_NAME in detail["name"] else BYTES_RANGE
        self._table = values_of_bytes(dtype, float(scale), int(zero_point), value_range)
        self._as_it_is = dtype == np.uint8 and bool((self._table == np.arange(256)).all())
        self._less_128 = dtype == np.int8 and bool((self._table == np.arange(-128, 128)).all())

    def values(self, picture: Picture) -> NDArray[Any]:
        """(1, height_px, width_px, 3) of the network's type, for a picture (height_px, width_px, 3) uint8."""
        batch: NDArray[Any] = self._translated(picture)[None]
        return batch

    def _translated(self, picture: Picture) -> NDArray[Any]:
        if self._as_it_is:
            return picture
        if self._less_128:  # what most networks take; a tenth of the time that a table takes
            return (picture ^ np.uint8(128)).view(np.int8)
        values: NDArray[Any] = cv2.LUT(picture, self._table)
        return values


def values_of_bytes(dtype: np.dtype[Any], scale: float, zero_point: int, value_range: Range | None) -> NDArray[Any]:
    """What each of the bytes 0 … 255 is to a network, (256,) of its type.

    A real value r is stored in integers as r / scale + zero_point (TensorFlow Lite 8-bit quantisation specification).

    Args:
        dtype: uint8, int8 or float32.
        scale: of a quantised input; 0 if it has none, which counts as 1.
        zero_point: of a quantised input.
        value_range: real values of black and white; None takes the integers' whole range. Needed for float32.
    """
    steps = np.arange(256)
    values: NDArray[Any]
    if value_range is None:
        values = steps + np.iinfo(dtype).min
    else:
        black, white = value_range
        values = black + (white - black) * steps / 255.0
        if dtype != np.float32:
            limits = np.iinfo(dtype)
            values = np.clip(np.rint(values / (scale or 1.0)) + zero_point, limits.min, limits.max)
    return values.astype(dtype)
