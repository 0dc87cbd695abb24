"""Directed curves in the plane: lines, arcs and blends, sampled finely enough to be exact for a car of a hand's size.

World frame: x to the right, y up, metres. Headings in radians, counter-clockwise from the x axis. Left of a curve is
the positive side; a left turn has positive curvature.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_Row = tuple[float, float, float, float]  # x, y, heading and curvature of a sample

SAMPLE_STEP_M = 0.01
MIN_LENGTH_M = 1e-6


@dataclass(frozen=True, slots=True)
class Pose:
    """A place and a direction in the plane."""

    x_m: float
    y_m: float
    heading_rad: float


@dataclass(frozen=True, slots=True)
class Projection:
    """The point of a curve that is nearest to a given point."""

    s_m: float
    lateral_m: float  # signed distance of the given point, left of the curve positive
    distance_m: float
    heading_rad: float  # of the curve at s_m


def wrap_angle(angle_rad: float) -> float:
    """The same angle within (-pi, pi]."""
    return math.pi - (math.pi - angle_rad) % (2 * math.pi)


class Curve:
    """An immutable directed curve.

    Attributes:
        stations_m: (N,) distance along the curve of each sample, from 0 to `length_m`.
        points_m: (N, 2) samples.
        headings_rad: (N,) tangent directions, unwrapped.
        curvatures_per_m: (N,) signed curvatures.
    """

    __slots__ = (
        "_rows",
        "_squared_steps",
        "_stations",
        "_steps",
        "curvatures_per_m",
        "headings_rad",
        "length_m",
        "points_m",
        "stations_m",
    )

    def __init__(self, points_m: FloatArray, headings_rad: FloatArray) -> None:
        """Build from samples (N, 2) and their tangent directions (N,), N >= 2.

        Raises:
            ValueError: if the arrays do not fit each other or the curve has no length.
        """
        points = np.asarray(points_m, dtype=np.float64)
        headings = np.unwrap(np.asarray(headings_rad, dtype=np.float64))
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or headings.shape != (len(points),):
            raise ValueError(f"a curve needs (N, 2) points and (N,) headings, not {points.shape} and {headings.shape}")
        steps = np.diff(points, axis=0)
        chords_m = np.hypot(*steps.T)
        half_turns = np.abs(np.diff(headings)) / 2
        # A chord of an arc is shorter than the arc by sin(a)/a, a being half of the angle that it turns.
        steps_m = chords_m / np.sinc(half_turns / np.pi)
        self.stations_m: FloatArray = np.concatenate([[0.0], np.cumsum(steps_m)])
        self.length_m = float(self.stations_m[-1])
        if not math.isfinite(self.length_m) or self.length_m < MIN_LENGTH_M or np.any(steps_m <= 0):
            raise ValueError("a curve must have a length and no repeated points")
        self.points_m: FloatArray = points
        self.headings_rad: FloatArray = headings
        self.curvatures_per_m: FloatArray = np.gradient(headings, self.stations_m)
        for array in (self.stations_m, self.points_m, self.headings_rad, self.curvatures_per_m):
            array.setflags(write=False)
        # Kept for `project`, which a car calls several times a frame.
        self._steps: FloatArray = np.ascontiguousarray(steps.T)
        self._squared_steps: FloatArray = np.sum(steps * steps, axis=1)
        # And for single stations, which Python finds in plain numbers sooner than numpy does: a pose in 2 µs, not 10.
        self._stations: list[float] = self.stations_m.tolist()
        self._rows = list(zip(*points.T.tolist(), headings.tolist(), self.curvatures_per_m.tolist(), strict=True))

    def pose_at(self, s_m: float) -> Pose:
        """Pose at distance `s_m` along the curve, clamped to its ends."""
        before, after, share = self._neighbours(s_m)
        return Pose(
            before[0] + share * (after[0] - before[0]),
            before[1] + share * (after[1] - before[1]),
            wrap_angle(before[2] + share * (after[2] - before[2])),
        )

    def points_at(self, stations_m: FloatArray) -> FloatArray:
        """(N, 2) points at distances (N,) along the curve, clamped to its ends."""
        points = self.points_m
        return np.column_stack(
            (
                np.interp(stations_m, self.stations_m, points[:, 0]),
                np.interp(stations_m, self.stations_m, points[:, 1]),
            )
        )

    def curvature_at(self, s_m: float) -> float:
        """Curvature in 1/m at distance `s_m`, clamped to the ends."""
        before, after, share = self._neighbours(s_m)
        return before[3] + share * (after[3] - before[3])

    def _neighbours(self, s_m: float) -> tuple[_Row, _Row, float]:
        """The samples before and after a station, and the share of the way from one to the other."""
        stations = self._stations
        if s_m <= 0.0:
            return self._rows[0], self._rows[1], 0.0
        if s_m >= self.length_m:
            return self._rows[-2], self._rows[-1], 1.0
        k = bisect_right(stations, s_m)
        share = (s_m - stations[k - 1]) / (stations[k] - stations[k - 1])
        return self._rows[k - 1], self._rows[k], share

    def project(self, x_m: float, y_m: float) -> Projection:
        """The nearest point of the curve to (x_m, y_m)."""
        steps_x, steps_y = self._steps
        to_x, to_y = x_m - self.points_m[:-1, 0], y_m - self.points_m[:-1, 1]
        along = ((to_x * steps_x + to_y * steps_y) / self._squared_steps).clip(0.0, 1.0)
        gaps_x, gaps_y = to_x - along * steps_x, to_y - along * steps_y
        squared = gaps_x * gaps_x + gaps_y * gaps_y
        k = int(squared.argmin())
        s_m = float(self.stations_m[k] + along[k] * (self.stations_m[k + 1] - self.stations_m[k]))
        before, after, share = self._neighbours(s_m)
        heading_rad = before[2] + share * (after[2] - before[2])
        side = math.cos(heading_rad) * gaps_y[k] - math.sin(heading_rad) * gaps_x[k]
        distance_m = math.sqrt(float(squared[k]))
        return Projection(s_m, math.copysign(distance_m, side), distance_m, wrap_angle(heading_rad))

    def offset(self, lateral_m: float) -> FloatArray:
        """(N, 2) polyline at a constant distance to the left (positive) or right of the curve."""
        normals = np.column_stack([-np.sin(self.headings_rad), np.cos(self.headings_rad)])
        return np.asarray(self.points_m + lateral_m * normals)


def _sample_count(length_m: float) -> int:
    return max(2, math.ceil(length_m / SAMPLE_STEP_M) + 1)


def line(start: tuple[float, float], end: tuple[float, float]) -> Curve:
    """A straight line between two points."""
    dx_m, dy_m = end[0] - start[0], end[1] - start[1]
    t = np.linspace(0.0, 1.0, _sample_count(math.hypot(dx_m, dy_m)))
    points = np.column_stack([start[0] + t * dx_m, start[1] + t * dy_m])
    return Curve(points, np.full(len(t), math.atan2(dy_m, dx_m)))


def arc(start: Pose, radius_m: float, angle_rad: float) -> Curve:
    """An arc that leaves `start` along its heading and turns by `angle_rad`, left positive.

    Raises:
        ValueError: if the radius is not positive or the angle is zero.
    """
    if radius_m <= 0 or angle_rad == 0:
        raise ValueError(f"an arc needs a radius above 0 and an angle, not {radius_m} m and {angle_rad} rad")
    side = math.copysign(1.0, angle_rad)
    centre_x = start.x_m - side * radius_m * math.sin(start.heading_rad)
    centre_y = start.y_m + side * radius_m * math.cos(start.heading_rad)
    headings = start.heading_rad + np.linspace(0.0, angle_rad, _sample_count(radius_m * abs(angle_rad)))
    points = np.column_stack(
        [centre_x + side * radius_m * np.sin(headings), centre_y - side * radius_m * np.cos(headings)]
    )
    return Curve(points, headings)


def blend(start: Pose, end: Pose) -> Curve:
    """A smooth curve from one pose to another: a straight line, a circular arc, or a cubic Hermite blend."""
    dx_m, dy_m = end.x_m - start.x_m, end.y_m - start.y_m
    chord_m = math.hypot(dx_m, dy_m)
    chord_rad = math.atan2(dy_m, dx_m)
    leave_rad = wrap_angle(chord_rad - start.heading_rad)
    arrive_rad = wrap_angle(end.heading_rad - chord_rad)
    if abs(leave_rad) < 1e-6 and abs(arrive_rad) < 1e-6:
        return line((start.x_m, start.y_m), (end.x_m, end.y_m))
    if abs(leave_rad - arrive_rad) < 1e-6 and abs(leave_rad) < math.pi / 2:
        return arc(start, chord_m / (2 * math.sin(abs(leave_rad))), 2 * leave_rad)
    return _hermite(start, end, chord_m)


def _hermite(start: Pose, end: Pose, chord_m: float) -> Curve:
    # The tangent length for which a circular arc comes out round: 2 tan(a/4) / sin(a/2) chords.
    turn_rad = max(1e-3, abs(wrap_angle(end.heading_rad - start.heading_rad)))
    reach_m = chord_m * 2 * math.tan(turn_rad / 4) / math.sin(turn_rad / 2)
    t = np.linspace(0.0, 1.0, _sample_count(1.5 * chord_m))[:, None]
    p0, p1 = np.array([start.x_m, start.y_m]), np.array([end.x_m, end.y_m])
    m0 = reach_m * np.array([math.cos(start.heading_rad), math.sin(start.heading_rad)])
    m1 = reach_m * np.array([math.cos(end.heading_rad), math.sin(end.heading_rad)])
    points = (
        (2 * t**3 - 3 * t**2 + 1) * p0 + (t**3 - 2 * t**2 + t) * m0 + (3 * t**2 - 2 * t**3) * p1 + (t**3 - t**2) * m1
    )
    slopes = (6 * t**2 - 6 * t) * (p0 - p1) + (3 * t**2 - 4 * t + 1) * m0 + (3 * t**2 - 2 * t) * m1
    return Curve(points, np.arctan2(slopes[:, 1], slopes[:, 0]))


def join(curves: Sequence[Curve]) -> Curve:
    """One curve from several, each of which begins where the one before ends.

    Raises:
        ValueError: if there are none, or a gap of more than a millimetre lies between two of them.
    """
    if not curves:
        raise ValueError("join needs at least one curve")
    points, headings = [curves[0].points_m], [curves[0].headings_rad]
    for before, after in pairwise(curves):
        if np.hypot(*(after.points_m[0] - before.points_m[-1])) > 1e-3:
            raise ValueError(f"a gap between curves at {before.points_m[-1]} and {after.points_m[0]}")
        points.append(after.points_m[1:])
        headings.append(after.headings_rad[1:])
    return Curve(np.concatenate(points), np.concatenate(headings))
