from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from city.sign_catalogue import SIGN_KINDS, sign_rgba, svg_path


@pytest.mark.parametrize("kind", SIGN_KINDS)
def test_a_sign_is_a_plain_picture(kind: str) -> None:
    root = ET.fromstring(svg_path(kind).read_text(encoding="utf-8"))  # noqa: S314  # our own file
    assert root.get("viewBox") == "0 0 120 120"
    tags = {element.tag.split("}")[1] for element in root.iter()}
    # Nothing that needs a font or another file.
    assert tags <= {"svg", "title", "g", "path", "rect", "circle", "ellipse"}


@pytest.mark.parametrize("kind", SIGN_KINDS)
def test_a_sign_fills_its_board_in_one_direction_at_least(kind: str) -> None:
    opaque = sign_rgba(kind, 240)[..., 3] > 127
    rows, columns = np.nonzero(opaque)
    assert max(np.ptp(rows), np.ptp(columns)) > 0.9 * 240
    assert opaque.mean() > 0.3


def test_signs_differ_even_when_small() -> None:
    """At 20 px on grey, any two signs differ clearly in colour or outline."""
    small = {}
    for kind in SIGN_KINDS:
        picture = sign_rgba(kind, 20).astype(float)
        alpha = picture[..., 3:] / 255
        small[kind] = picture[..., :3] * alpha + 128 * (1 - alpha)
    for a, b in combinations(SIGN_KINDS, 2):
        assert np.abs(small[a] - small[b]).mean() > 20, (a, b)


def test_an_unknown_sign_is_named() -> None:
    with pytest.raises(ValueError, match="no sign 'Cow'"):
        svg_path("Cow")
