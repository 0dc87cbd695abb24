"""Rides that never were."""

from __future__ import annotations

import math
from collections.abc import Sequence

from car.perception.sighting import SignSighting
from city.city import City
from city.route_line import RouteLine
from fleet.messages import Position
from fleet.vehicle import DEFAULT_CAMERA
from pixelopolis.evaluation.whole_car.moments import Ahead, Moment, Ride
from tests.car.double import signs_seen_from

PERIOD_S = 0.04
STEP_M = 0.005


def flawless_moments(city: City, line: RouteLine) -> list[Moment]:
    """A car that drives the whole line, sees every sign and knows its place."""
    moments = []
    for k in range(round((line.length_m - 0.1) / STEP_M)):
        station_m = 0.05 + k * STEP_M
        segment = line.segment_at(station_m)
        believed = Position(
            edge=segment.edge, s_m=station_m - line.edge_start_m(segment.index), next_edge=segment.to_edge
        )
        pose = line.pose_at(station_m)
        moments.append(Moment(k * PERIOD_S, pose, station_m, believed, signs_seen_from(city, pose), ()))
    return moments


def ride_of(city: City, line: RouteLine, moments: Sequence[Moment]) -> Ride:
    return Ride(city, line, DEFAULT_CAMERA, tuple(moments), "route")


def stranger(kind: str, range_m: float) -> SignSighting:
    return SignSighting(kind, 0.9, range_m + 0.08, 0.0, range_m, 0.0, 0.02)


def approach(
    city: City,
    line: RouteLine,
    *,
    seen_from_m: float,
    in_sight: bool = True,
    stands: bool = True,
    blocked_from_m: float = 0.1,
) -> list[Moment]:
    """A car that comes up to another, from 1.2 m to 8 cm."""
    moments = []
    for k in range(round(1.12 / STEP_M)):
        gap_m = 1.2 - k * STEP_M
        station_m = 0.1 + k * STEP_M
        ahead = Ahead(line.pose_at(station_m + gap_m + 0.2), gap_m, stands, in_sight)
        seen_m = gap_m if gap_m <= seen_from_m else math.inf
        pose = line.pose_at(station_m)
        blocked = gap_m <= blocked_from_m
        moments.append(Moment(k * PERIOD_S, pose, station_m, None, (), (), seen_m, blocked, ahead))
    return moments
