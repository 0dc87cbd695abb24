"""The material array: small square pictures that tint the faces of buildings, cars and signs."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from city.sign_catalogue import SIGN_KINDS, sign_rgba
from sim.render.mesh import PLAIN
from sim.render.style import Colour

LAYER_PX = 256

WOOD = PLAIN + 1
DARK_WOOD = PLAIN + 2
WINDOWS = PLAIN + 3
SLATS = PLAIN + 4
COLUMNS = PLAIN + 5
PANES = PLAIN + 6
FIRST_SIGN = PLAIN + 7
FIRST_SIGN_BACK = FIRST_SIGN + len(SIGN_KINDS)

_BACK_COLOUR = (176, 150, 118)


def sign_layer(kind: str) -> int:
    """The layer with a sign's picture."""
    return FIRST_SIGN + SIGN_KINDS.index(kind)


def sign_back_layer(kind: str) -> int:
    """The layer with the plain back of a sign, of the same outline."""
    return FIRST_SIGN_BACK + SIGN_KINDS.index(kind)


@lru_cache(maxsize=1)
def material_layers() -> NDArray[np.uint8]:
    """(layers, LAYER_PX, LAYER_PX, 4) RGBA; row 0 is v = 0."""
    plain = np.full((LAYER_PX, LAYER_PX, 3), 255, np.uint8)
    # Repeating pictures have their ground at row 0, since v grows upwards.
    pictures = [plain, _wood((0.83, 0.62, 0.38), 1), _wood((0.66, 0.40, 0.20), 2)]
    pictures += [_windows(), _slats(), _columns(), _panes()]
    layers = [np.dstack([picture, np.full((LAYER_PX, LAYER_PX), 255, np.uint8)]) for picture in pictures]
    layers += [_bled(sign_rgba(kind, LAYER_PX)) for kind in SIGN_KINDS]
    for kind in SIGN_KINDS:
        back = np.empty((LAYER_PX, LAYER_PX, 4), np.uint8)
        back[:] = (*_BACK_COLOUR, 0)
        back[..., 3] = sign_rgba(kind, LAYER_PX)[:, ::-1, 3]
        layers.append(back)
    return np.stack(layers)


def _bled(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The sign with its colours carried on into the transparent part, so that no dark rim shows when filtered."""
    bled = picture.copy()
    weight = cv2.GaussianBlur((picture[..., 3] > 127).astype(np.float32), (0, 0), 6)
    opaque = picture[..., :3] * (picture[..., 3:] > 127)
    spread = cv2.GaussianBlur(opaque.astype(np.float32), (0, 0), 6) / np.maximum(weight, 1e-3)[..., None]
    outside = picture[..., 3] <= 127
    bled[outside, :3] = np.clip(spread[outside], 0, 255)
    return bled


def _wood(colour: Colour, seed: int) -> NDArray[np.uint8]:
    """Grain that runs along u and repeats at the borders."""
    rng = np.random.default_rng(seed)
    v, u = np.mgrid[0:LAYER_PX, 0:LAYER_PX] * (2 * math.pi / LAYER_PX)
    bend = sum(
        rng.uniform(0.1, 0.5) / k * np.sin(k * u + rng.uniform(0, 6)) * np.sin(k * v + rng.uniform(0, 6))
        for k in (1, 2, 3)
    )
    grain = 0.5 + 0.25 * np.sin(5 * v + 4 * bend) + 0.15 * np.sin(13 * v + 9 * bend) + 0.1 * np.sin(29 * v + 5 * bend)
    shade = 0.84 + 0.22 * np.clip(grain, 0, 1)
    tinted = shade[..., None] * np.array(colour) * 255
    return np.asarray(np.clip(tinted, 0, 255), np.uint8)


def _wall(wall: int = 255) -> NDArray[np.uint8]:
    return np.full((LAYER_PX, LAYER_PX, 3), wall, np.uint8)


def _recess(picture: NDArray[np.uint8], x0: int, y0: int, x1: int, y1: int) -> None:
    """A hole in the wall: dark, with a lit sill and a lit side."""
    cv2.rectangle(picture, (x0, y0), (x1, y1), (116, 116, 122), -1)
    cv2.rectangle(picture, (x0 + 8, y0 + 8), (x1, y1), (58, 60, 68), -1)
    cv2.rectangle(picture, (x0, y0), (x1, y0 + 7), (222, 220, 214), -1)


def _windows() -> NDArray[np.uint8]:
    """Four by four small windows."""
    picture = _wall()
    for row in range(4):
        for column in range(4):
            x, y = column * 64, row * 64
            _recess(picture, x + 16, y + 14, x + 47, y + 52)
    return picture


def _slats() -> NDArray[np.uint8]:
    """A band of narrow upright openings."""
    picture = _wall()
    for column in range(8):
        x = column * 32
        _recess(picture, x + 9, 70, x + 23, 196)
    return picture


def _columns() -> NDArray[np.uint8]:
    """Fluted columns."""
    x = np.arange(LAYER_PX) * (2 * math.pi * 6 / LAYER_PX)
    shade = np.clip(200 + 55 * np.cos(x), 90, 255)
    return np.repeat(np.tile(shade, (LAYER_PX, 1))[..., None], 3, axis=2).astype(np.uint8)


def _panes() -> NDArray[np.uint8]:
    """Large windows with light panes between thin bars, as in the wooden houses."""
    picture = _wall(232)
    for column in range(2):
        x = column * 128
        cv2.rectangle(picture, (x + 18, 50), (x + 109, 205), (255, 252, 240), -1)
        for bar in range(1, 4):
            cv2.line(picture, (x + 18 + bar * 23, 50), (x + 18 + bar * 23, 205), (150, 118, 86), 3)
        for bar in range(1, 3):
            cv2.line(picture, (x + 18, 50 + bar * 52), (x + 109, 50 + bar * 52), (150, 118, 86), 3)
        cv2.rectangle(picture, (x + 18, 50), (x + 109, 205), (120, 88, 60), 4)
    return picture
