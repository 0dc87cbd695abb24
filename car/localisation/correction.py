"""A track pulled to where a sign was seen: a Kalman filter on the station, by the distance and bearing of the sign."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from car.localisation.landmarks import Expectation, expect
from car.localisation.track import Track
from car.perception.seen import LaneView
from car.perception.sighting import SignSighting
from car.wheels import Odometry
from city.city import City, Sign
from city.geometry import Pose, wrap_angle
from fleet.vehicle import CameraGeometry

GATE_SIGMAS = 3.0
LATERAL_SIGMA_M = 0.02  # the car is not exactly on the line
BEARING_SIGMA_RAD = 0.04  # with the lane model's word on how the car stands in its lane
BLIND_BEARING_SIGMA_RAD = 0.12  # without
CORRELATION = 3.0  # sightings of neighbouring pictures err alike: count them for less
LEAST_VARIANCE_M2 = 0.004**2
OUTLIER_VARIANCE_M2 = 0.01**2  # gained when the expected sign is near, but not where it should be
MATCH_RANGE_M = 0.35  # a sign farther than this from where it should be is another one
MATCH_BEARING_RAD = 0.5
LEAST_RANGE_SLOPE = 0.3  # abreast of the sign its distance says nothing about the station
SLOPE_STEP_M = 0.01
LATERAL_LIMIT_M = 0.1  # the lane model is not believed to see more than this
HEADING_LIMIT_RAD = 0.4
BEHIND_M = (-0.02, 0.08)  # what may have been driven between picture and odometry, at most


@dataclass(frozen=True, slots=True)
class Stance:
    """How the car stood in its lane when the picture was taken."""

    lateral_m: float = 0.0  # left of the centre
    heading_rad: float = 0.0  # against the lane, counter-clockwise
    known: bool = False
    behind_m: float = 0.0  # by so much before the track's station, which is as of the newest odometry


def stance_of(lane: LaneView | None, captured_s: float | None, odometry: Odometry) -> Stance:
    """The stance that a lane model's output tells, if it tells one."""
    behind_m = 0.0
    if captured_s is not None and odometry.measured_s is not None:
        behind_m = _clamped(odometry.speed_mps * (odometry.measured_s - captured_s), *BEHIND_M)
    if lane is None or lane.lateral_m is None or lane.heading_rad is None:
        return Stance(behind_m=behind_m)
    return Stance(
        _clamped(lane.lateral_m, -LATERAL_LIMIT_M, LATERAL_LIMIT_M),
        _clamped(lane.heading_rad, -HEADING_LIMIT_RAD, HEADING_LIMIT_RAD),
        True,
        behind_m,
    )


def car_pose(city: City, track: Track, stance: Stance, ahead_m: float = 0.0) -> Pose:
    """Where the car was when it saw, if the track is right, or `ahead_m` farther on."""
    line = track.pose(city, ahead_m - stance.behind_m)
    return Pose(
        line.x_m - stance.lateral_m * math.sin(line.heading_rad),
        line.y_m + stance.lateral_m * math.cos(line.heading_rad),
        line.heading_rad + stance.heading_rad,
    )


def matches(seen: SignSighting, expected: Expectation) -> bool:
    """Whether a sighting can be of a sign that is expected so."""
    return (
        abs(seen.range_m - expected.range_m) < MATCH_RANGE_M
        and abs(wrap_angle(seen.bearing_rad - expected.bearing_rad)) < MATCH_BEARING_RAD
    )


def pull(
    city: City, camera: CameraGeometry, track: Track, sign: Sign, seen: SignSighting, stance: Stance
) -> Track | None:
    """The track after a sighting of `sign`; None if the sighting is of something else."""
    here = expect(sign, car_pose(city, track, stance), camera)
    farther = expect(sign, car_pose(city, track, stance, SLOPE_STEP_M), camera)
    range_slope = (farther.range_m - here.range_m) / SLOPE_STEP_M
    if not matches(seen, here) or abs(range_slope) < LEAST_RANGE_SLOPE:
        return None
    bearing_slope = wrap_angle(farther.bearing_rad - here.bearing_rad) / SLOPE_STEP_M
    bearing_sigma_rad = BEARING_SIGMA_RAD if stance.known else BLIND_BEARING_SIGMA_RAD
    start_m = track.s_m
    track = _update(track, seen.range_m - here.range_m, range_slope, seen.range_sigma_m**2 + LATERAL_SIGMA_M**2)
    bearing_gap_rad = wrap_angle(seen.bearing_rad - here.bearing_rad) - bearing_slope * (track.s_m - start_m)
    return _update(track, bearing_gap_rad, bearing_slope, bearing_sigma_rad**2)


def _update(track: Track, innovation: float, slope: float, noise: float) -> Track:
    """One scalar measurement, `slope` being its change per metre of station."""
    noise *= CORRELATION
    spread = slope * slope * track.variance_m2 + noise
    if abs(innovation) > GATE_SIGMAS * math.sqrt(spread):
        return replace(track, variance_m2=track.variance_m2 + OUTLIER_VARIANCE_M2)
    gain = slope * track.variance_m2 / spread
    variance_m2 = max(LEAST_VARIANCE_M2, (1 - gain * slope) * track.variance_m2)
    return replace(track, s_m=max(0.0, track.s_m + gain * innovation), variance_m2=variance_m2)


def _clamped(value: float, lowest: float, highest: float) -> float:
    return max(lowest, min(highest, value))
