"""What people see of a step, in which size, and how often."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.video.overlay import draw_overlay
from car.video.rate_limit import RateLimit
from car.video.shown_pictures import ShownPictures
from fleet.vehicle import DEFAULT_CAMERA
from fleet.video.variant import PictureSize, Variant
from tests.car.stream_double import snapshot

WIDTHS_PX = {PictureSize.FULL: 640, PictureSize.COARSE: 640, PictureSize.MEDIUM: 320, PictureSize.SMALL: 160}


@pytest.mark.parametrize("size", PictureSize)
def test_widths(size: PictureSize) -> None:
    pictures, shown = ShownPictures(DEFAULT_CAMERA), snapshot(90, 1)
    drawn = pictures.picture(shown, Variant(size, overlay=True))
    plain = pictures.picture(shown, Variant(size, overlay=False))
    assert drawn.shape == (WIDTHS_PX[size] * 3 // 4, WIDTHS_PX[size], 3)
    assert plain.shape == (min(240, WIDTHS_PX[size] * 3 // 4), min(320, WIDTHS_PX[size]), 3)
    assert plain.std() == 0
    assert drawn.std() > 5


def test_letters_are_of_a_size_that_can_be_read_or_not_there() -> None:
    """Nearly white pixels are letters; nothing else of the drawing is white."""
    pictures, shown = ShownPictures(DEFAULT_CAMERA), snapshot(90, 1)

    def rows_with_letters(size: PictureSize) -> int:
        return int((pictures.picture(shown, Variant(size)).min(axis=2) > 200).any(axis=1).sum())

    assert rows_with_letters(PictureSize.FULL) >= 4 * 10, "four lines of ten pixels"
    assert rows_with_letters(PictureSize.MEDIUM) >= 4 * 7
    assert rows_with_letters(PictureSize.SMALL) == 0


def test_each_step_is_drawn_once_for_all_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int | None] = []
    draw = draw_overlay

    def counted(*arguments: object) -> object:
        drawn.append(arguments[2])  # type: ignore[arg-type]  # the width
        return draw(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("car.video.shown_pictures.draw_overlay", counted)
    pictures = ShownPictures(DEFAULT_CAMERA)
    for step in (snapshot(90, 1), snapshot(91, 2)):
        encoders = [
            threading.Thread(target=pictures.picture, args=(step, Variant(size, overlay)))
            for size, overlay in itertools.product(PictureSize, (True, False))
        ]
        for encoder in encoders:
            encoder.start()
        for encoder in encoders:
            encoder.join()
    assert sorted(map(int, filter(None, drawn))) == [160, 160, 320, 320, 640, 640]


@given(st.integers(0, 2**32), st.floats(5, 60), st.floats(0, 0.4))
def test_a_rate_is_kept_and_an_uneven_camera_loses_nothing(seed: int, camera_hz: float, unevenness: float) -> None:
    random = np.random.default_rng(seed)
    limit = RateLimit(20.0)
    times_s = (np.arange(300) + random.uniform(-unevenness, unevenness, 300) / 2) / camera_hz
    shown = sum(limit.allows(float(time_s)) for time_s in times_s)
    duration_s = 300 / camera_hz
    assert shown <= 20.0 * duration_s + 2
    if camera_hz <= 20:
        assert shown == 300
    else:
        assert shown >= 20.0 * duration_s * 0.9


def test_a_camera_that_comes_back_is_shown_at_once() -> None:
    limit = RateLimit(20.0)
    times_s = (0.0, 0.01, 0.02, 100.0, 100.01, 100.02)
    assert [limit.allows(time_s) for time_s in times_s] == [True, True, False, True, True, False]
