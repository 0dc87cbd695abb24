from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.detector.training.light import Augmentation, vary_light

NO_CHANGE = Augmentation(brightness=0.0, contrast=(1.0, 1.0), channel_gain=0.0, gamma=(1.0, 1.0), noise=0.0)


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    return np.random.default_rng(4).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def test_limits_of_nothing_change_nothing(picture: NDArray[np.uint8]) -> None:
    assert (vary_light(picture, NO_CHANGE, 1) == picture).all()


def test_the_seed_decides(picture: NDArray[np.uint8]) -> None:
    first = vary_light(picture, Augmentation(), 1)
    assert first.dtype == np.uint8
    assert (vary_light(picture, Augmentation(), 1) == first).all()
    assert (vary_light(picture, Augmentation(), 2) != first).any()


def test_light_alone_keeps_the_order_of_levels_in_a_channel() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for seed in range(20):
        lit = vary_light(ramp, Augmentation(noise=0.0), seed)[0].astype(int)
        assert (np.diff(lit, axis=0) >= 0).all()
        assert (np.ptp(lit, axis=0) > 100).all()


def test_noise_is_no_stronger_than_asked_for_and_has_no_lean() -> None:
    grey = np.full((100, 100, 3), 128, np.uint8)
    limits = Augmentation(brightness=0.0, contrast=(1.0, 1.0), channel_gain=0.0, gamma=(1.0, 1.0), noise=6.0)
    noises = [vary_light(grey, limits, seed).astype(float) - 128.0 for seed in range(20)]
    deviations = [noise.std() for noise in noises]
    assert max(deviations) < 6.5
    assert max(deviations) - min(deviations) > 3.0
    assert all(abs(noise.mean()) < 0.2 for noise in noises)
