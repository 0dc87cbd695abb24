from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from city.geometry import Pose
from sim.render.camera import CameraView, Pose3, camera_axes, clip_matrix, project_points

angles = st.floats(-math.pi, math.pi)
small_angles = st.floats(-1.2, 1.2)
metres = st.floats(-3, 3)


def test_a_camera_on_a_car_stands_ahead_of_the_axle_and_looks_down() -> None:
    view = CameraView.on_car(Pose(1.0, 2.0, math.pi / 2))
    assert view.pose.x_m == pytest.approx(1.0)
    assert view.pose.y_m == pytest.approx(2.08)
    assert view.pose.z_m == pytest.approx(0.12)
    assert view.pose.pitch_rad == pytest.approx(math.radians(15))


def test_a_point_on_the_road_lands_where_the_pinhole_puts_it() -> None:
    # Level camera 0.12 m high, 160 px focal length: 1 m ahead, the road is 0.12 * 160 px below the centre.
    view = CameraView(Pose3(0, 0, 0.12, 0), math.pi / 2)
    (centre, left) = project_points(view, np.array([[1.0, 0.0, 0.0], [1.0, 0.5, 0.0]]), 320, 240)
    assert centre == pytest.approx([160, 120 + 19.2])
    assert left == pytest.approx([160 - 80, 120 + 19.2])


def test_a_point_behind_the_camera_has_no_place_in_the_picture() -> None:
    view = CameraView(Pose3(0, 0, 0.1, 0), math.pi / 2)
    assert np.isnan(project_points(view, np.array([[-1.0, 0.0, 0.0]]), 320, 240)).all()


def test_positive_roll_turns_the_picture_against_the_clock() -> None:
    view = CameraView(Pose3(0, 0, 0, 0, 0, math.radians(10)), math.pi / 2)
    (right,) = project_points(view, np.array([[1.0, -0.5, 0.0]]), 320, 240)
    assert right[1] < 120


def test_looking_at_puts_the_target_in_the_middle() -> None:
    view = CameraView.looking_at((3, -2, 1.5), (0.2, 0.4, 0.1))
    assert project_points(view, np.array([[0.2, 0.4, 0.1]]), 640, 360)[0] == pytest.approx([320, 180])


@given(angles, small_angles, small_angles)
def test_axes_are_at_right_angles_and_right_handed(yaw: float, pitch: float, roll: float) -> None:
    axes = camera_axes(Pose3(0, 0, 0, yaw, pitch, roll))
    assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1.0)


@given(metres, metres, angles, small_angles, small_angles)
def test_clip_matrix_and_projection_agree(x: float, y: float, yaw: float, pitch: float, roll: float) -> None:
    view = CameraView(Pose3(x, y, 0.2, yaw, pitch, roll), math.radians(80))
    points = np.array([[0.0, 0.0, 0.0], [2.0, 1.0, 0.3], [-1.0, 4.0, 0.1]])
    expected = project_points(view, points, 320, 240)
    clip = np.hstack([points, np.ones((3, 1))]) @ clip_matrix(view, 320, 240).astype(float).T
    seen = ~np.isnan(expected[:, 0]) & (clip[:, 3] > 0.05)
    pixels = (clip[seen, :2] / clip[seen, 3:] + 1) / 2 * [320, 240]
    assert pixels == pytest.approx(expected[seen], rel=1e-3, abs=0.05)
