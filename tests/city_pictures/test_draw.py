from __future__ import annotations

from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest

from city.draw import city_png, city_svg
from city.files import SHIPPED, load_city

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", [*SHIPPED, "random:4"])
def test_every_city_is_drawn_with_its_numbers_and_names(name: str) -> None:
    city = load_city(name)
    root = ET.fromstring(city_svg(city))  # noqa: S314  # made here
    words = [element.text for element in root.iter(f"{SVG}text")]
    for identifier in [*city.nodes, *city.edges]:
        assert str(identifier) in words
    for place in city.places.values():
        assert place.names["en"] in words
    assert len(list(root.iter(f"{SVG}svg"))) == 1 + len(city.signs)


def test_names_are_in_the_language_asked_for() -> None:
    city = load_city("pixelopolis")
    document = city_svg(city, "ja")
    assert all(place.names["ja"] in document for place in city.places.values())
    # A language that a place has no name in falls back to English.
    assert all(place.names["en"] in city_svg(city, "xx") for place in city.places.values())


def test_red_is_left_and_blue_is_right_on_the_map() -> None:
    """Edge 2 of the default city runs north in the east: blue is the outer line."""
    city = load_city("pixelopolis")
    picture = cv2.imdecode(np.frombuffer(city_png(city, 800), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[1] == 800
    blue, green, red = (picture[..., k].astype(int) for k in range(3))
    is_red, is_blue = (red > 180) & (green < 80) & (blue < 90), (blue > 180) & (red < 80)
    middle = picture.shape[0] // 2
    reds, blues = np.flatnonzero(is_red[middle]), np.flatnonzero(is_blue[middle])
    assert blues.max() > reds.max()
    assert blues.min() < reds.min()


def test_a_picture_has_a_sensible_width() -> None:
    with pytest.raises(ValueError, match="not 0"):
        city_png(load_city("square"), 0)
