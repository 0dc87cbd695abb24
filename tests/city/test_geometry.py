"""Curves: lengths, projections and blends against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from city.geometry import Curve, Pose, Projection, arc, blend, join, line, wrap_angle

angles = st.floats(-math.pi, math.pi)
metres = st.floats(-5, 5)


@given(st.floats(-50, 50))
def test_wrapped_angle_is_the_same_direction_within_half_a_turn(angle_rad: float) -> None:
    wrapped = wrap_angle(angle_rad)
    assert -math.pi < wrapped <= math.pi
    assert math.cos(wrapped) == pytest.approx(math.cos(angle_rad), abs=1e-9)
    assert math.sin(wrapped) == pytest.approx(math.sin(angle_rad), abs=1e-9)


def test_line_has_its_length_and_heading() -> None:
    curve = line((1.0, 1.0), (4.0, 5.0))
    assert curve.length_m == pytest.approx(5.0)
    middle = curve.pose_at(2.5)
    assert (middle.x_m, middle.y_m, middle.heading_rad) == pytest.approx((2.5, 3.0, math.atan2(4, 3)))
    assert curve.curvature_at(1.0) == pytest.approx(0.0)


@given(metres, metres, angles, st.floats(0.2, 3.0), st.floats(0.1, 3.0), st.sampled_from([-1, 1]))
def test_arc_has_the_length_curvature_and_end_of_a_circle(
    x_m: float, y_m: float, heading_rad: float, radius_m: float, turn_rad: float, side: int
) -> None:
    curve = arc(Pose(x_m, y_m, heading_rad), radius_m, side * turn_rad)
    assert curve.length_m == pytest.approx(radius_m * turn_rad, rel=1e-6)
    assert curve.curvature_at(curve.length_m / 2) == pytest.approx(side / radius_m, rel=1e-3)
    end = curve.pose_at(curve.length_m)
    assert wrap_angle(end.heading_rad - heading_rad - side * turn_rad) == pytest.approx(0.0, abs=1e-6)
    chord_m = math.hypot(end.x_m - x_m, end.y_m - y_m)
    assert chord_m == pytest.approx(2 * radius_m * math.sin(turn_rad / 2), rel=1e-6)


@given(st.floats(0.0, 1.0), st.floats(-0.15, 0.15), angles, st.floats(0.3, 2.0))
def test_a_point_beside_an_arc_projects_back(
    part: float, lateral_m: float, heading_rad: float, radius_m: float
) -> None:
    curve = arc(Pose(0.3, -0.2, heading_rad), radius_m, 1.5)
    s_m = part * curve.length_m
    pose = curve.pose_at(s_m)
    x_m = pose.x_m - lateral_m * math.sin(pose.heading_rad)
    y_m = pose.y_m + lateral_m * math.cos(pose.heading_rad)
    found = curve.project(x_m, y_m)
    assert found.s_m == pytest.approx(s_m, abs=5e-3)
    assert found.lateral_m == pytest.approx(lateral_m, abs=1e-3)
    assert abs(wrap_angle(found.heading_rad - pose.heading_rad)) < 0.01


def test_offset_keeps_its_distance() -> None:
    curve = arc(Pose(0, 0, 0), 1.0, math.pi / 2)
    centre = np.array([0.0, 1.0])
    assert np.hypot(*(curve.offset(0.2) - centre).T) == pytest.approx(0.8, abs=1e-9)
    assert np.hypot(*(curve.offset(-0.2) - centre).T) == pytest.approx(1.2, abs=1e-9)


@given(metres, metres, angles, st.floats(0.3, 2.0), st.floats(-0.6, 0.6), st.floats(-1.6, 1.6))
def test_blend_starts_and_ends_as_asked(
    x_m: float, y_m: float, heading_rad: float, reach_m: float, aside_rad: float, turn_rad: float
) -> None:
    start = Pose(x_m, y_m, heading_rad)
    chord_rad = heading_rad + aside_rad
    end = Pose(x_m + reach_m * math.cos(chord_rad), y_m + reach_m * math.sin(chord_rad), heading_rad + turn_rad)
    curve = blend(start, end)
    for pose, s_m in ((start, 0.0), (end, curve.length_m)):
        found = curve.pose_at(s_m)
        assert math.hypot(found.x_m - pose.x_m, found.y_m - pose.y_m) < 1e-5
        assert abs(wrap_angle(found.heading_rad - pose.heading_rad)) < 1e-5


def test_blend_of_a_right_angle_turn_is_a_circle() -> None:
    curve = blend(Pose(0, 0, 0), Pose(0.32, 0.32, math.pi / 2))
    assert np.ptp(curve.curvatures_per_m) < 1e-6
    assert curve.curvature_at(0.1) == pytest.approx(1 / 0.32)


def test_nearly_round_blend_is_nearly_round() -> None:
    curve = blend(Pose(0, 0, 0), Pose(0.3201, 0.32, math.pi / 2))
    assert np.max(curve.curvatures_per_m) < 1.05 / 0.32


def test_join_adds_up_and_refuses_gaps() -> None:
    first, second = line((0, 0), (1, 0)), line((1, 0), (3, 0))
    assert join([first, second]).length_m == pytest.approx(3.0)
    with pytest.raises(ValueError, match="gap"):
        join([first, line((1.1, 0), (2, 0))])
    with pytest.raises(ValueError, match="at least one"):
        join([])


@pytest.mark.parametrize(
    ("points", "headings"),
    [
        (np.zeros((1, 2)), np.zeros(1)),
        (np.zeros((3, 2)), np.zeros(3)),
        (np.zeros((3, 3)), np.zeros(3)),
        (np.array([[0.0, 0.0], [np.nan, 1.0]]), np.zeros(2)),
    ],
)
def test_a_curve_without_length_is_refused(points: np.ndarray, headings: np.ndarray) -> None:
    with pytest.raises(ValueError, match="curve"):
        Curve(points, headings)


def test_curves_cannot_be_changed() -> None:
    curve = line((0, 0), (1, 0))
    with pytest.raises(ValueError, match="read-only"):
        curve.points_m[0, 0] = 5.0


@pytest.mark.parametrize(("radius_m", "angle_rad"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.0)])
def test_impossible_arcs_are_refused(radius_m: float, angle_rad: float) -> None:
    with pytest.raises(ValueError, match="radius"):
        arc(Pose(0, 0, 0), radius_m, angle_rad)


def projected_step_by_step(curve: Curve, x_m: float, y_m: float) -> Projection:
    """The nearest point of a curve, written down without anything kept from before."""
    steps = np.diff(curve.points_m, axis=0)
    to_point = np.array([x_m, y_m]) - curve.points_m[:-1]
    along = np.clip(np.sum(to_point * steps, axis=1) / np.sum(steps * steps, axis=1), 0.0, 1.0)
    gaps = to_point - along[:, None] * steps
    squared = np.sum(gaps * gaps, axis=1)
    k = int(np.argmin(squared))
    s_m = float(curve.stations_m[k] + along[k] * (curve.stations_m[k + 1] - curve.stations_m[k]))
    heading_rad = float(np.interp(s_m, curve.stations_m, curve.headings_rad))
    side = math.cos(heading_rad) * gaps[k, 1] - math.sin(heading_rad) * gaps[k, 0]
    distance_m = math.sqrt(float(squared[k]))
    return Projection(s_m, math.copysign(distance_m, side), distance_m, wrap_angle(heading_rad))


@given(metres, metres, metres, metres, angles, angles)
def test_a_projection_is_the_same_to_the_last_bit_as_without_what_a_curve_keeps(
    x_m: float, y_m: float, end_x_m: float, end_y_m: float, leave_rad: float, arrive_rad: float
) -> None:
    assume(math.hypot(end_x_m, end_y_m) > 0.05)
    curve = blend(Pose(0.0, 0.0, leave_rad), Pose(end_x_m, end_y_m, arrive_rad))
    assert curve.project(x_m, y_m) == projected_step_by_step(curve, x_m, y_m)


@given(st.floats(-0.5, 4.0))
def test_single_stations_are_between_their_samples(s_m: float) -> None:
    curve = join([line((0.0, 0.0), (1.0, 0.0)), arc(Pose(1.0, 0.0, 0.0), 0.5, 4.0)])
    pose = curve.pose_at(s_m)
    samples = (*curve.points_m.T, curve.headings_rad, curve.curvatures_per_m)
    x_m, y_m, heading_rad, curvature = (float(np.interp(s_m, curve.stations_m, each)) for each in samples)
    assert (pose.x_m, pose.y_m) == pytest.approx((x_m, y_m), abs=1e-9)
    assert wrap_angle(pose.heading_rad - heading_rad) == pytest.approx(0.0, abs=1e-9)
    assert curve.curvature_at(s_m) == pytest.approx(curvature, abs=1e-9)
    assert curve.points_at(np.array([s_m]))[0] == pytest.approx((x_m, y_m), abs=1e-9)
