"""Overlap of oriented rectangles against an independent construction, and counting."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from city.geometry import Pose
from sim.contact import ContactCounter, gap_m, near_ones, overlap_m

HERE = Pose(0.0, 0.0, 0.0)
poses = st.builds(Pose, st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.floats(-math.pi, math.pi))


def rectangle(pose: Pose) -> tuple[tuple[float, float], tuple[float, float], float]:
    x_m = pose.x_m + 0.03 * math.cos(pose.heading_rad)
    y_m = pose.y_m + 0.03 * math.sin(pose.heading_rad)
    return (x_m, y_m), (0.18, 0.15), math.degrees(pose.heading_rad)


@given(poses, poses)
def test_agrees_with_polygon_clipping(a: Pose, b: Pose) -> None:
    depth_m = overlap_m(a, b)
    assume(abs(depth_m) > 1e-4)
    kind, _ = cv2.rotatedRectangleIntersection(rectangle(a), rectangle(b))
    assert (depth_m > 0) == (kind != cv2.INTERSECT_NONE)


@given(st.lists(poses, min_size=1, max_size=6))
def test_cars_that_overlap_are_near(cars: list[Pose]) -> None:
    named = {f"car-{k}": pose for k, pose in enumerate(cars)}
    near = near_ones(named)
    assert near.keys() == named.keys()
    for name, pose in named.items():
        assert name not in near[name]
        touching = {other for other in named if other != name and overlap_m(pose, named[other]) > 0}
        assert touching <= set(near[name])


def test_cars_across_the_city_are_not_near() -> None:
    assert near_ones({"a": HERE, "b": Pose(0.5, 0, 0), "c": Pose(0, -9, 1)}) == {"a": [], "b": [], "c": []}


@given(poses, poses)
def test_is_symmetric(a: Pose, b: Pose) -> None:
    assert overlap_m(a, b) == pytest.approx(overlap_m(b, a), abs=1e-9)


def test_bumper_to_bumper() -> None:
    assert overlap_m(HERE, Pose(0.18, 0, 0)) == pytest.approx(0)
    assert overlap_m(HERE, Pose(0.2, 0, 0)) == pytest.approx(-0.02)
    assert overlap_m(HERE, Pose(0, 0.14, 0)) == pytest.approx(0.01)


def apart_m(a: Pose, b: Pose) -> float:
    """The gap of two rectangles that do not overlap: from the corners of each to the other."""
    corners = [cv2.boxPoints(rectangle(pose)) for pose in (a, b)]
    pairs = ((corners[0], corners[1]), (corners[1], corners[0]))
    return min(-cv2.pointPolygonTest(box, corner.tolist(), True) for box, others in pairs for corner in others)


@given(poses, poses)
def test_the_gap_is_never_told_larger_than_it_is(a: Pose, b: Pose) -> None:
    depth_m = overlap_m(a, b)
    assume(abs(depth_m) > 1e-4)
    assert (gap_m(a, b) == 0.0) == (depth_m > 0)
    if depth_m < 0:
        assert gap_m(a, b) <= apart_m(a, b) + 1e-5


@given(st.floats(0.001, 1.0), st.floats(-0.14, 0.14), st.floats(-math.pi, math.pi))
def test_the_gap_behind_a_car_is_what_it_is(behind_m: float, beside_m: float, heading_rad: float) -> None:
    cos, sin, ahead_m = math.cos(heading_rad), math.sin(heading_rad), behind_m + 0.18
    ahead = Pose(ahead_m * cos - beside_m * sin, ahead_m * sin + beside_m * cos, heading_rad)
    assert gap_m(Pose(0.0, 0.0, heading_rad), ahead) == pytest.approx(behind_m, abs=1e-6)


def test_the_pose_is_the_axle_not_the_middle() -> None:
    assert overlap_m(HERE, Pose(0.23, 0, math.pi)) == pytest.approx(0.01)
    assert overlap_m(Pose(0, 0, math.pi), Pose(0.13, 0, 0)) < 0


def test_far_apart_is_a_lower_bound_of_the_gap() -> None:
    far = Pose(3.0, 4.0, 1.0)
    assert -5.0 < overlap_m(HERE, far) < -4.5
    assert np.isfinite(overlap_m(HERE, far))


def test_a_touch_is_counted_when_it_begins() -> None:
    counter = ContactCounter()
    pair = frozenset(("car-1", "car-2"))
    assert counter.touch(pair)
    assert not counter.touch(pair)
    assert counter.total == 1
    counter.release(pair)
    assert counter.touch(pair)
    assert counter.total == 2


def test_reset_does_not_count_a_lasting_touch_again() -> None:
    counter = ContactCounter()
    pair = frozenset(("car-1", "car-2"))
    counter.touch(pair)
    counter.reset()
    assert not counter.touch(pair)
    assert counter.total == 0
    assert counter.touching == {pair}
