from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from city.city import City
from city.files import load_city
from sim.render.camera import project_points
from sim.render.picture import overview_view, parked_cars, render_overview, save_overview


@pytest.mark.parametrize("name", ["pixelopolis", "straight", "random:3"])
def test_the_overview_holds_the_city(name: str) -> None:
    city = load_city(name)
    x0, y0, x1, y1 = city.bounds_m
    corners = np.array([[x, y, 0.0] for x in (x0, x1) for y in (y0, y1)])
    pixels = project_points(overview_view(city), corners, 1280, 720)
    assert (pixels > [-80, -80]).all()
    assert (pixels < [1360, 800]).all()
    assert np.ptp(pixels[:, 0]) > 500


def test_cars_are_spread_over_the_edges(city: City) -> None:
    cars = parked_cars(city, 5)
    assert len({(car.pose.x_m, car.pose.y_m) for car in cars}) == 5


def test_an_overview_is_saved(city: City, tmp_path: Path) -> None:
    file = tmp_path / "city.png"
    save_overview(city, file)
    image = cv2.imread(str(file))
    assert image is not None
    assert image.shape == (720, 1280, 3)
    small = render_overview(city, width_px=160, height_px=90)
    assert small.shape == (90, 160, 3)


def test_an_unknown_picture_format_is_named(city: City, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"city\.gif"):
        save_overview(city, tmp_path / "city.gif")
