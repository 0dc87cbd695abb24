"""The signs' pictures: all there, all different, and as high as the catalogue says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from city.sign_catalogue import SIGN_KINDS, picture_height_m, sign_rgba, svg_path


@pytest.mark.parametrize("kind", SIGN_KINDS)
def test_a_picture_is_as_high_as_the_catalogue_says(kind: str) -> None:
    visible = sign_rgba(kind, 240)[..., 3] > 127
    rows = np.flatnonzero(visible.any(axis=1))
    assert (rows[-1] - rows[0] + 1) / 240 == pytest.approx(picture_height_m(kind, 1.0), abs=0.01)


def test_no_two_pictures_are_alike_even_when_small() -> None:
    small = {kind: sign_rgba(kind, 20).astype(np.float64) for kind in SIGN_KINDS}
    for a, b in itertools.combinations(SIGN_KINDS, 2):
        assert np.abs(small[a] - small[b]).mean() > 12, f"{a} and {b} look alike"


def test_an_unknown_sign_is_said() -> None:
    for ask in (svg_path, picture_height_m):
        with pytest.raises(ValueError, match="there is no sign 'Moose'; known are Hand"):
            ask("Moose")
