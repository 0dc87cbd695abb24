from __future__ import annotations

import numpy as np
import pytest

from models.detector.pictures.example import BLUR_PX, MOTION_BLUR_PX, Slice, traits_of
from sim.render.photo import PhotoStyle


def grey(level: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((240, 320, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("level", "photo", "unseen", "traits"),
    [
        (128, PhotoStyle(), False, set()),
        (20, PhotoStyle(), False, {Slice.DARK}),
        (220, PhotoStyle(), True, {Slice.BRIGHT, Slice.UNSEEN_BACKGROUND}),
        (128, PhotoStyle(blur_px=BLUR_PX), False, {Slice.BLURRED}),
        (128, PhotoStyle(motion_blur_px=MOTION_BLUR_PX), False, {Slice.BLURRED}),
        (20, PhotoStyle(blur_px=2.0), True, {Slice.DARK, Slice.BLURRED, Slice.UNSEEN_BACKGROUND}),
    ],
)
def test_what_is_hard_about_a_picture(level: int, photo: PhotoStyle, unseen: bool, traits: set[Slice]) -> None:
    assert traits_of(grey(level), photo, unseen) == traits
