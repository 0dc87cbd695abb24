"""A clock in a picture that survives JPEG: black and white blocks along its upper edge, read back at the other end.

Imports nothing but numpy, as it also runs beside a baseline that has no other package of ours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TIME_BITS = 32  # of the milliseconds since 1970: 49 days
CHECK_BITS = 8
BLOCKS = TIME_BITS + CHECK_BITS
LEAST_BLOCK_PX = 4
LEAST_CONTRAST = 100.0


def write_clock(picture: NDArray[np.uint8], unix_s: float) -> None:
    """Write a time over the upper edge of a picture, height x width x 3 or height x width."""
    time_ms = int(unix_s * 1000) % (1 << TIME_BITS)
    word = (time_ms << CHECK_BITS) | _check(time_ms)
    size_px = _block_px(picture)
    for block in range(BLOCKS):
        bit = word >> (BLOCKS - 1 - block) & 1
        picture[:size_px, block * size_px : (block + 1) * size_px] = 255 * bit


def read_clock(picture: NDArray[np.uint8], now_unix_s: float) -> float | None:
    """The time, in seconds since 1970, on a grey picture, height x width; None if there is none that can be read."""
    size_px = _block_px(picture)
    strip = picture[:size_px, : BLOCKS * size_px].reshape(size_px, BLOCKS, size_px)
    margin = size_px // 4
    levels = strip[margin : size_px - margin, :, margin : size_px - margin].mean(axis=(0, 2))
    if np.abs(levels - 127.5).min() < LEAST_CONTRAST / 2:
        return None
    word = int("".join("1" if level > 127 else "0" for level in levels), 2)
    time_ms, check = word >> CHECK_BITS, word & ((1 << CHECK_BITS) - 1)
    if check != _check(time_ms):
        return None
    now_ms = int(now_unix_s * 1000)
    return (now_ms - (now_ms - time_ms) % (1 << TIME_BITS)) / 1000


def _block_px(picture: NDArray[np.uint8]) -> int:
    size_px: int = picture.shape[1] // BLOCKS
    if size_px < LEAST_BLOCK_PX:
        raise ValueError(f"a clock needs a picture at least {LEAST_BLOCK_PX * BLOCKS} pixels wide")
    return size_px


def _check(time_ms: int) -> int:
    return (sum(time_ms.to_bytes(4, "big")) * 31 + 85) % 251  # of nothing but zeros, something else
