"""The catalogue of signs: the original's building and road signs, drawn by this project as vector pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIGN_KINDS: tuple[str, ...] = (
    "Hand",
    "Go",
    "Slow",
    "Speed_limit",
    "No_parking",
    "Left",
    "Cross",
    "Plane",
    "Bump",
    "Stop_sign",
    "Traffic_light",
    "Left_or_through",
    "Sign01",
    "One_way",
    "Tokyo_tower",
    "Korean",
    "Church",
    "Planetarium",
    "Museum",
)

# A board is this wide and this high where a city file says nothing else.
BOARD_M = 0.12

# How much of a square board's height each picture fills; the rest is transparent. A test measures the pictures.
_HEIGHT_PARTS = {
    "Hand": 0.95,
    "Go": 0.95,
    "Slow": 0.933,
    "Speed_limit": 0.95,
    "No_parking": 0.95,
    "Left": 0.95,
    "Cross": 0.983,
    "Plane": 0.967,
    "Bump": 0.875,
    "Stop_sign": 0.967,
    "Traffic_light": 0.467,
    "Left_or_through": 0.967,
    "Sign01": 0.917,
    "One_way": 0.533,
    "Tokyo_tower": 0.967,
    "Korean": 0.90,
    "Church": 0.975,
    "Planetarium": 0.783,
    "Museum": 0.967,
}


def picture_height_m(kind: str, board_height_m: float = BOARD_M) -> float:
    """How high a sign's visible picture is on a board of that height.

    Raises:
        ValueError: if there is no such sign.
    """
    if kind not in _HEIGHT_PARTS:
        raise ValueError(f"there is no sign {kind!r}; known are {', '.join(SIGN_KINDS)}")
    return _HEIGHT_PARTS[kind] * board_height_m


@lru_cache(maxsize=64)
def picture_fill(kind: str) -> float:
    """The share of a square board that a sign's picture covers; the rest is transparent.

    Raises:
        ValueError: if there is no such sign.
    """
    return float(np.mean(sign_rgba(kind, 128)[..., 3] > 127))


def svg_path(kind: str) -> Path:
    """The file of a sign's picture.

    Raises:
        ValueError: if there is no such sign.
    """
    if kind not in SIGN_KINDS:
        raise ValueError(f"there is no sign {kind!r}; known are {', '.join(SIGN_KINDS)}")
    return Path(__file__).parent / "signs" / f"{kind}.svg"


@lru_cache(maxsize=64)
def sign_rgba(kind: str, size_px: int) -> NDArray[np.uint8]:
    """A sign's picture, (size_px, size_px, 4) RGBA, not premultiplied.

    Raises:
        ValueError: if there is no such sign.
    """
    import cv2  # heavy, and needed only where signs are drawn
    import resvg_py

    png = resvg_py.svg_to_bytes(svg_path=str(svg_path(kind)), width=size_px, height=size_px)
    picture = cv2.imdecode(np.frombuffer(bytes(png), np.uint8), cv2.IMREAD_UNCHANGED)
    pixels: NDArray[np.uint8] = cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA)
    pixels.setflags(write=False)
    return pixels
