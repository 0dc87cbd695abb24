"""Places along the way ahead."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.localisation.correction import Stance
from car.localisation.track import Track
from car.piloting.path import Arc, Line, line_ahead
from city.files import load_city

CITY = load_city("pixelopolis")
places = st.floats(0.1, 1.0)


@given(st.floats(-3, 3), st.floats(0.05, 0.9), st.floats(-0.15, 0.15))
def test_an_arc_tells_a_place_beside_itself(curvature_per_m: float, along_m: float, left_m: float) -> None:
    if abs(curvature_per_m) < 1e-2 or abs(curvature_per_m * along_m) > 2.5:
        return
    radius_m = 1 / curvature_per_m
    angle_rad = along_m * curvature_per_m
    x_m = (radius_m - left_m) * math.sin(angle_rad)
    y_m = radius_m - (radius_m - left_m) * math.cos(angle_rad)
    found = Arc(curvature_per_m).locate(x_m, y_m)
    assert found == pytest.approx((along_m, left_m), abs=1e-6)


@given(places, st.floats(-0.3, 0.3))
def test_a_straight_line_is_as_an_arc_without_curvature(x_m: float, y_m: float) -> None:
    line = Line(np.array([[0.0, 0.0], [0.3, 0.0], [0.5, 0.0]]))
    assert line.locate(x_m, y_m) == pytest.approx(Arc(0.0).locate(x_m, y_m))


def test_beyond_its_end_a_line_goes_straight_on() -> None:
    line = Line(np.array([[0.0, 0.0], [0.3, 0.0], [0.3, 0.3]]))
    assert line.locate(0.25, 0.9) == pytest.approx((1.2, 0.05))


@given(st.floats(0.0, 0.4), st.floats(-0.05, 0.05), st.floats(-0.2, 0.2), st.floats(0.1, 1.1))
def test_the_lane_ahead_is_where_the_map_has_it(
    s_m: float, lateral_m: float, heading_rad: float, ahead_m: float
) -> None:
    track = Track(3, s_m, 1e-4, next_edge=15)
    line = line_ahead(CITY, track, Stance(lateral_m, heading_rad, True))
    lane, target = track.pose(CITY), track.pose(CITY, ahead_m)
    x_m = lane.x_m - lateral_m * math.sin(lane.heading_rad)
    y_m = lane.y_m + lateral_m * math.cos(lane.heading_rad)
    turned = lane.heading_rad + heading_rad
    dx_m, dy_m = target.x_m - x_m, target.y_m - y_m
    place = math.cos(turned) * dx_m + math.sin(turned) * dy_m, math.cos(turned) * dy_m - math.sin(turned) * dx_m
    along_m, left_m = line.locate(*place)
    assert along_m == pytest.approx(ahead_m, abs=0.02)
    assert left_m == pytest.approx(0.0, abs=0.005)


def test_where_the_known_way_ends_the_line_goes_straight_on() -> None:
    length_m = CITY.edges[3].curve.length_m
    for s_m in (length_m - 0.3, length_m, length_m + 0.1):
        line = line_ahead(CITY, Track(3, s_m, 1e-4), Stance())
        left_m = max(0.0, length_m - s_m)
        along_m, aside_m = line.locate(left_m + 0.4, 0.0)
        assert along_m == pytest.approx(left_m + 0.4, abs=0.02)
        assert aside_m == pytest.approx(0.0, abs=0.05)
