"""Labelled pictures in memory, and what is hard about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.detector.pictures.boxes import LabelledBox
from sim.render.photo import PhotoStyle

DARK_LEVEL, BRIGHT_LEVEL = 70.0, 185.0  # means of a picture, of 255
BLUR_PX, MOTION_BLUR_PX = 0.8, 2.5  # from here on edges are visibly soft
SMALL_PX = 24  # a board of 12 cm is that high at 0.8 m


class Slice(StrEnum):
    """A part of a test set that is scored by itself: pictures, or objects, of which one thing is hard."""

    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    UNSEEN_BACKGROUND = "unseen_background"
    SMALL = "small"
    OCCLUDED = "occluded"


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A BGR picture (h, w, 3), the objects in it, and what is hard about all of it."""

    image: NDArray[np.uint8]
    boxes: tuple[LabelledBox, ...]
    traits: frozenset[Slice] = frozenset()


def traits_of(image: NDArray[np.uint8], photo: PhotoStyle, unseen_background: bool) -> frozenset[Slice]:
    """What is hard about a picture that was taken with `photo`'s faults."""
    return frozenset(_traits(float(image.mean()), photo, unseen_background))


def _traits(level: float, photo: PhotoStyle, unseen_background: bool) -> Iterator[Slice]:
    if level < DARK_LEVEL:
        yield Slice.DARK
    if level > BRIGHT_LEVEL:
        yield Slice.BRIGHT
    if photo.blur_px >= BLUR_PX or photo.motion_blur_px >= MOTION_BLUR_PX:
        yield Slice.BLURRED
    if unseen_background:
        yield Slice.UNSEEN_BACKGROUND


def is_in(part: Slice, traits: frozenset[Slice], box: LabelledBox) -> bool:
    """Whether an object of a picture with these traits belongs to a part of the test set."""
    match part:
        case Slice.SMALL:
            return box.height < SMALL_PX and not box.truncated
        case Slice.OCCLUDED:
            return box.occluded
        case _:
            return part in traits
