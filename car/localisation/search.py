"""Finding one's place from nothing: every place on the graph is a hypothesis until signs tell them apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from car.localisation.landmarks import FACING_LIMIT_RAD, MUST_SEE_BEARING_RAD, MUST_SEE_RANGE_M, signs_by_kind
from car.localisation.track import Track
from car.perception.sighting import SignSighting
from city.city import City
from city.geometry import Curve
from fleet.vehicle import CameraGeometry

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TABLE_STEP_M = 0.01
HYPOTHESIS_STEP_M = 0.02
BEARING_SIGMA_RAD = 0.2  # the car's own heading against the lane is unknown
RANGE_SIGMA_M = 0.04  # and so is its offset from the centre line
FALSE_SIGHTING = 0.02  # likelihood of a sure sighting of a sign that is not there
UNSURE_SIGHTING = 0.3  # and how much likelier that is for an unsure one, per score below 1
EXPLAINED = 0.3  # likelihood from which a hypothesis counts as explaining a sighting
MISSED = 0.7  # likelihood of not seeing a sign that must be seen
HINT_SIGMA_M = 0.15
HINT_ODDS = 1.0  # that the car still is about where the hint says, against anywhere in the city
BEYOND_SIGMAS = 6.0  # farther off than this a sighting is as good as impossible
# Weights never fall so far below the best one that a mistake could not be outvoted, but all that are at the bottom
# together weigh no more than this beside it, in however large a city.
RULED_OUT_WEIGHT = 0.008
CLUSTER_RADIUS_M = 0.25
CLUSTER_HEADING_RAD = 0.6
CLUSTER_SHARE = 0.95
SIGHTINGS_NEEDED = 3
LEAST_SIGMA_M = 0.03


class PathTable:
    """Poses along every path of the city, a path being an edge and one of the ways on from its end."""

    def __init__(self, city: City) -> None:
        ways: list[tuple[int, int | None]] = []
        for edge in city.edges:
            onward = city.successors(edge)
            ways += [(edge, movement.to_edge) for movement in onward] or [(edge, None)]
        self.ways = tuple(ways)
        self.starting_with: dict[int, list[int]] = {}
        poses, self.edge_lengths_m, self.lengths_m, counts = [], np.zeros(len(ways)), np.zeros(len(ways)), []
        for k, (edge_id, next_edge) in enumerate(ways):
            self.starting_with.setdefault(edge_id, []).append(k)
            curves = [city.edges[edge_id].curve]
            if next_edge is not None:
                curves.append(city.movements[edge_id, next_edge].curve)
            self.edge_lengths_m[k] = curves[0].length_m
            self.lengths_m[k] = sum(curve.length_m for curve in curves)
            table = _sample(curves, float(self.lengths_m[k]))
            poses.append(table)
            counts.append(len(table))
        self._poses = np.concatenate(poses)
        self._offsets = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        self._last = np.array(counts, dtype=np.int64) - 1

    def poses(self, paths: IntArray, stations_m: FloatArray) -> FloatArray:
        """(N, 3) x, y and heading at stations of paths, both (N,)."""
        steps = np.clip(np.rint(stations_m / TABLE_STEP_M).astype(np.int64), 0, self._last[paths])
        return np.asarray(self._poses[self._offsets[paths] + steps])


def _sample(curves: Sequence[Curve], length_m: float) -> FloatArray:
    stations_m = np.arange(0.0, length_m + TABLE_STEP_M, TABLE_STEP_M)
    table = np.empty((len(stations_m), 3))
    start_m = 0.0
    for curve in curves:
        here = stations_m >= start_m
        local_m = stations_m[here] - start_m
        table[here, 0] = np.interp(local_m, curve.stations_m, curve.points_m[:, 0])
        table[here, 1] = np.interp(local_m, curve.stations_m, curve.points_m[:, 1])
        table[here, 2] = np.interp(local_m, curve.stations_m, curve.headings_rad)
        start_m += curve.length_m
    return table


@dataclass(frozen=True, slots=True, eq=False)
class Hypotheses:
    """Places where the car may be, each a station on a path, with the logarithm of its weight; all (N,)."""

    paths: IntArray
    stations_m: FloatArray
    log_weights: FloatArray
    sightings: int = 0  # pictures with a sign that the best hypothesis explains
    pictures: int = 0  # pictures looked at
    strangers: int = 0  # pictures with any sign


class Search:
    """Bayesian search over a city; immutable itself, all state is in `Hypotheses`."""

    def __init__(self, city: City, camera: CameraGeometry) -> None:
        self._camera = camera
        self._table = PathTable(city)
        self._signs = {
            kind: np.array([(s.pose.x_m, s.pose.y_m, s.pose.heading_rad) for s in signs])
            for kind, signs in signs_by_kind(city).items()
        }
        ends = [city.sign_at(edge) for edge, _ in self._table.ways]
        nowhere = (math.inf, math.inf, 0.0)
        self._end_signs = np.array(
            [nowhere if s is None else (s.pose.x_m, s.pose.y_m, s.pose.heading_rad) for s in ends]
        )
        self._end_kinds = np.array(["" if sign is None else sign.kind for sign in ends])

    def begin(self, hints: Sequence[Track] = ()) -> Hypotheses:
        """Every place of the city, those near `hints` more likely."""
        stations = [np.arange(0.0, length_m, HYPOTHESIS_STEP_M) for length_m in self._table.lengths_m]
        paths = np.repeat(np.arange(len(stations)), [len(s) for s in stations])
        everywhere = Hypotheses(paths, np.concatenate(stations), np.zeros(len(paths)))
        for hint in hints:
            everywhere = self.favour(everywhere, hint)
        return everywhere

    def favour(self, known: Hypotheses, hint: Track) -> Hypotheses:
        """Take in that the car was last known to be at `hint`."""
        there = np.zeros(len(known.paths))
        for path in self._table.starting_with.get(hint.edge, []):
            if hint.next_edge is None or self._table.ways[path][1] == hint.next_edge:
                mine = known.paths == path
                gap = (known.stations_m[mine] - hint.s_m) / HINT_SIGMA_M
                there[mine] = np.exp(-gap * gap / 2)
        # In a large city there is much more elsewhere, but a car is no more likely to have been carried off.
        odds = HINT_ODDS * len(there) / max(1.0, there.sum())
        return replace(known, log_weights=known.log_weights + np.log(1.0 + odds * there))

    def move(self, known: Hypotheses, distance_m: float) -> Hypotheses:
        """Take in that the car has driven on; at the end of a path it may have taken any way."""
        stations_m = known.stations_m + distance_m
        over = stations_m > self._table.lengths_m[known.paths]
        if not over.any():
            return replace(known, stations_m=stations_m)
        paths, stations, weights = [known.paths[~over]], [stations_m[~over]], [known.log_weights[~over]]
        for k in np.flatnonzero(over):
            path = int(known.paths[k])
            next_edge = self._table.ways[path][1]
            onward = self._table.starting_with[next_edge] if next_edge is not None else []
            paths.append(np.array(onward, dtype=np.int64))
            stations.append(np.full(len(onward), stations_m[k] - self._table.lengths_m[path]))
            weights.append(np.full(len(onward), known.log_weights[k] - math.log(max(1, len(onward)))))
        return replace(
            known,
            paths=np.concatenate(paths),
            stations_m=np.concatenate(stations),
            log_weights=np.concatenate(weights),
        )

    def look(self, known: Hypotheses, sightings: Sequence[SignSighting]) -> Hypotheses:
        """Take in the signs of one picture, and that the others were not seen."""
        poses = self._table.poses(known.paths, known.stations_m)
        camera_x = poses[:, 0] + self._camera.forward_m * np.cos(poses[:, 2])
        camera_y = poses[:, 1] + self._camera.forward_m * np.sin(poses[:, 2])
        eyes = np.column_stack([camera_x, camera_y, poses[:, 2]])
        log_weights = known.log_weights + self._missing(known, eyes, sightings)
        explained = np.zeros(len(eyes), dtype=bool)
        for sighting in sightings:
            likelihood = self._likelihood(eyes, sighting)
            mistaken = FALSE_SIGHTING + UNSURE_SIGHTING * (1 - sighting.score)
            log_weights = log_weights + np.log(mistaken + likelihood)
            explained |= likelihood > EXPLAINED
        deepest = math.log(RULED_OUT_WEIGHT / len(log_weights))
        log_weights = np.maximum(log_weights - log_weights.max(), deepest)
        return replace(
            known,
            log_weights=log_weights,
            sightings=known.sightings + bool(explained[int(np.argmax(log_weights))]),
            pictures=known.pictures + 1,
            strangers=known.strangers + bool(sightings),
        )

    def found(self, known: Hypotheses) -> Track | None:
        """The car's place if only one is left that makes sense; else None."""
        if known.sightings < SIGHTINGS_NEEDED:
            return None
        best = int(np.argmax(known.log_weights))
        poses = self._table.poses(known.paths, known.stations_m)
        gaps_m = np.hypot(poses[:, 0] - poses[best, 0], poses[:, 1] - poses[best, 1])
        turned = np.abs(_wrap(poses[:, 2] - poses[best, 2]))
        near = (gaps_m < CLUSTER_RADIUS_M) & (turned < CLUSTER_HEADING_RAD)
        weights = np.exp(known.log_weights)
        if weights[near].sum() < CLUSTER_SHARE * weights.sum():
            return None
        path, s_m = int(known.paths[best]), float(known.stations_m[best])
        edge, next_edge = self._table.ways[path]
        along = near & (known.paths == path)
        mean_m = float(np.average(known.stations_m[along], weights=weights[along]))
        variance_m2 = float(np.average((known.stations_m[along] - mean_m) ** 2, weights=weights[along]))
        crossing = s_m > self._table.edge_lengths_m[path]
        return Track(edge, s_m, variance_m2 + LEAST_SIGMA_M**2, next_edge if crossing else None)

    def _likelihood(self, eyes: FloatArray, sighting: SignSighting) -> FloatArray:
        best = np.zeros(len(eyes))
        sigma_m = math.hypot(sighting.range_sigma_m, RANGE_SIGMA_M)
        for sign in self._signs.get(sighting.kind, ()):
            near = _near(eyes, sign, sighting.range_m + BEYOND_SIGMAS * sigma_m)
            range_m, bearing_rad, facing_rad = _expect(eyes[near], sign)
            range_gap = (range_m - sighting.range_m) / sigma_m
            bearing_gap = _wrap(bearing_rad - sighting.bearing_rad) / BEARING_SIGMA_RAD
            likelihood = np.exp(-(range_gap**2 + bearing_gap**2) / 2)
            likelihood[np.abs(facing_rad) > FACING_LIMIT_RAD] = 0.0
            best[near] = np.maximum(best[near], likelihood)
        return best

    def _missing(self, known: Hypotheses, eyes: FloatArray, sightings: Sequence[SignSighting]) -> FloatArray:
        near_m, far_m = MUST_SEE_RANGE_M
        ends = self._end_signs[known.paths].T
        near = _near(eyes, ends, far_m)
        range_m, bearing_rad, facing_rad = _expect(eyes[near], ends[:, near])
        unseen = (
            (range_m > near_m)
            & (range_m < far_m)
            & (np.abs(bearing_rad) < MUST_SEE_BEARING_RAD)
            & (np.abs(facing_rad) < FACING_LIMIT_RAD)
        )
        for sighting in sightings:
            unseen &= self._end_kinds[known.paths[near]] != sighting.kind
        missing = np.zeros(len(eyes))
        missing[near] = np.where(unseen, math.log(MISSED), 0.0)
        return missing


def _near(eyes: FloatArray, sign: FloatArray, reach_m: float) -> IntArray:
    """Which poses have the sign, one for all or one for each, within reach; a coarse choice, as most are far away."""
    dx_m, dy_m = np.abs(sign[0] - eyes[:, 0]), np.abs(sign[1] - eyes[:, 1])
    return np.flatnonzero((dx_m < reach_m) & (dy_m < reach_m))


def _expect(eyes: FloatArray, sign: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    dx_m, dy_m = sign[0] - eyes[:, 0], sign[1] - eyes[:, 1]
    direction_rad = np.arctan2(dy_m, dx_m)
    return (
        np.hypot(dx_m, dy_m),
        _wrap(direction_rad - eyes[:, 2]),
        _wrap(direction_rad + math.pi - sign[2]),
    )


def _wrap(angle_rad: FloatArray) -> FloatArray:
    return np.asarray((angle_rad + math.pi) % (2 * math.pi) - math.pi)
