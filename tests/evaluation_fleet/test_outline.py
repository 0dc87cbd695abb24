"""Boxes of signs and cars against the renderer's own projection, and against what it draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.city import Sign
from city.files import load_city
from city.geometry import Pose
from city.sign_catalogue import picture_height_m
from fleet.vehicle import DEFAULT_CAMERA
from models.detector.pictures.truth import board_corners_m, frame_boxes
from pixelopolis.evaluation.fleet.surrogate.outline import View
from sim.render.camera import CameraView, project_points
from sim.render.car_mesh import CarInstance
from sim.render.renderer import Renderer
from sim.render.scene import Scene

CITY = load_city("pixelopolis")


@given(st.sampled_from(CITY.signs), st.floats(0.4, 1.3), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_a_sign_lies_where_the_renderer_would_put_it(sign: Sign, back_m: float, left_m: float, turn: float) -> None:
    facing = sign.pose.heading_rad
    pose = Pose(
        sign.pose.x_m + back_m * math.cos(facing) - left_m * math.sin(facing),
        sign.pose.y_m + back_m * math.sin(facing) + left_m * math.cos(facing),
        facing + math.pi + turn,
    )
    seen = View(pose).sign(sign)
    half = picture_height_m(sign.kind) / sign.height_m
    corners = board_corners_m(sign)
    corners[:, 2] = (1 - half) * corners[:, 2].mean() + half * corners[:, 2]
    pixels = project_points(CameraView.on_car(pose), corners, 320, 240)
    if seen is None or np.isnan(pixels).any():
        return
    box = seen.box
    assert (box.left_px, box.top_px) == pytest.approx(pixels.min(axis=0).tolist(), abs=1e-6)
    assert (box.right_px, box.bottom_px) == pytest.approx(pixels.max(axis=0).tolist(), abs=1e-6)
    assert seen.name == sign.kind


def test_what_is_behind_is_not_in_the_picture() -> None:
    sign = CITY.signs[0]
    away = Pose(sign.pose.x_m, sign.pose.y_m, 0.0)
    assert View(Pose(away.x_m + 0.5, away.y_m, 0.0)).sign(sign) is None
    assert View(Pose(0.0, 0.0, 0.0)).car("other", Pose(-0.5, 0.0, 0.0)) is None
    assert View(Pose(0.0, 0.0, 0.0)).car("other", Pose(0.3, 1.2, 0.0)) is None


@pytest.mark.parametrize("gap_m", [0.2, 0.4, 0.8])
@pytest.mark.parametrize("turn_rad", [0.0, 0.7])
def test_a_car_is_as_large_as_it_is_drawn(gap_m: float, turn_rad: float) -> None:
    here = CITY.edges[1].curve.pose_at(0.1)
    there = CITY.edges[1].curve.pose_at(0.1 + 0.18 + gap_m)
    there = Pose(there.x_m, there.y_m, there.heading_rad + turn_rad)
    renderer = Renderer()
    renderer.load(Scene.build(CITY, 1))
    view = CameraView.on_car(here, DEFAULT_CAMERA)
    ids = renderer.render([view], [CarInstance("other", there, 0)], ids=True)[0].ids
    assert ids is not None
    [drawn] = [box for box in frame_boxes(ids, view, CITY.signs, [there]) if box.label == "Car"]
    outline = View(here).car("other", there)
    assert outline is not None
    expected = outline.box
    assert drawn.x_min == pytest.approx(expected.left_px, abs=3)
    assert drawn.x_max == pytest.approx(expected.right_px, abs=3)
    assert drawn.y_min == pytest.approx(expected.top_px, abs=3)
    assert drawn.y_max == pytest.approx(expected.bottom_px, abs=3)
