"""Localisation as a pure step: odometry and sightings in, a place or a search for one out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from car.localisation.landmarks import expect, signs_by_kind, usable
from car.localisation.search import Hypotheses, Search
from car.localisation.track import Track, track_at
from car.perception.sighting import SignSighting
from car.wheels import Odometry
from city.city import City, Sign
from city.geometry import wrap_angle
from fleet.messages import Position
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

GATE_SIGMAS = 3.0
GATE_BEARING_RAD = 0.4
LATERAL_SIGMA_M = 0.02  # the car is not exactly on the line
CORRELATION = 3.0  # sightings of neighbouring pictures err alike: count them for less
LEAST_VARIANCE_M2 = 0.004**2
OUTLIER_VARIANCE_M2 = 0.01**2  # gained when the expected sign is near, but not where it should be
MATCH_RANGE_M = 0.35  # a sign farther than this from where it should be is another one
MATCH_BEARING_RAD = 0.5
CONTRADICTIONS_TO_BE_LOST = 10
CONTRADICTING_SCORE = 0.6  # less sure sightings of strange signs are taken for misread ones
SEARCH_RANGE_M = 1.6  # a rough range is better than none as long as the place is unknown
HINT_PICTURES = 25  # pictures without any sign after which the server's memory is believed
HINT_VARIANCE_M2 = 0.08**2
GATE_BEFORE_M = 0.10  # where the heading is taken before a node
GATE_AFTER_M = 0.10  # and compared behind it
WRONG_TURN_RAD = 0.6
LATERAL_LIMIT_M = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Localisation:
    """All that is known: either a track, or hypotheses."""

    track: Track | None = None
    hypotheses: Hypotheses | None = None
    odometry: Odometry | None = None
    hint: Position | None = None  # the hint that was last taken in
    hinted: Track | None = None  # what it says, moved on with the wheels since
    hint_spent: bool = False  # once found, what the server remembers is older than what the car knows
    contradictions: int = 0
    heading_offset_rad: float | None = None  # the map's heading minus the odometer's, taken before the node


class Localiser:
    """Follows one car through one city."""

    def __init__(self, city: City, camera: CameraGeometry = DEFAULT_CAMERA) -> None:
        self._city = city
        self._camera = camera
        self._search = Search(city, camera)
        self._signs = signs_by_kind(city)

    def step(
        self,
        state: Localisation,
        odometry: Odometry,
        sightings: Sequence[SignSighting] | None,
        way_on: int | None = None,
        hint: Position | None = None,
        lateral_m: float | None = None,
    ) -> Localisation:
        """Take in what happened since the last step.

        Args:
            state: what was known.
            odometry: the wheels, added up since the start.
            sightings: signs of a new picture; None if there is no new one.
            way_on: the edge that the order takes after the present one.
            hint: where the server remembers the car to have been.
            lateral_m: offset from the lane's centre, left positive, if the lane model tells.
        """
        before = state.odometry or odometry
        distance_m = odometry.distance_m - before.distance_m
        state = replace(state, odometry=odometry)
        if state.track is None:
            return self._look_for_place(state, distance_m, sightings, hint)
        near = None if sightings is None else [sighting for sighting in sightings if usable(sighting)]
        along_m = distance_m * self._stretch(state.track, lateral_m)
        moved = self._check_turn(state, state.track, state.track.advance(self._city, along_m, way_on))
        return moved if near is None or moved.track is None else self._correct(moved, moved.track, near)

    def _look_for_place(
        self,
        state: Localisation,
        distance_m: float,
        sightings: Sequence[SignSighting] | None,
        hint: Position | None,
    ) -> Localisation:
        known = state.hypotheses or self._search.begin()
        hinted = state.hinted
        if hint is not None and hint != state.hint and not state.hint_spent:
            hinted = track_at(self._city, hint, HINT_VARIANCE_M2)
            known = self._search.favour(known, hinted) if hinted is not None else known
        elif hinted is not None:
            hinted = hinted.advance(self._city, distance_m, None)
        known = self._search.move(known, distance_m)
        if sightings is not None:
            known = self._search.look(known, [s for s in sightings if s.range_m <= SEARCH_RANGE_M])
            track = self._search.found(known) or self._believe(hinted, known)
            if track is not None:
                return Localisation(track=track, odometry=state.odometry, hint_spent=True)
        return replace(state, hypotheses=known, hint=hint, hinted=hinted)

    def _believe(self, hinted: Track | None, known: Hypotheses) -> Track | None:
        """The remembered place, if the car sees no sign at all and should see none there."""
        if hinted is None or known.strangers or known.pictures < HINT_PICTURES:
            return None
        sign = self._city.sign_at(hinted.edge)
        if sign is not None and expect(sign, hinted.pose(self._city), self._camera).must_be_seen:
            return None
        return hinted

    def _stretch(self, track: Track, lateral_m: float | None) -> float:
        """Progress along the centre line per metre driven beside it."""
        if lateral_m is None:
            return 1.0
        offset_m = max(-LATERAL_LIMIT_M, min(LATERAL_LIMIT_M, lateral_m))
        return 1 / (1 - track.curvature_per_m(self._city) * offset_m)

    def _check_turn(self, state: Localisation, before: Track, after: Track) -> Localisation:
        """Compare the turn that the wheels made through a node with the one on the map."""
        yaw_rad = state.odometry.yaw_rad if state.odometry else 0.0
        offset_rad = state.heading_offset_rad
        gate_m = self._city.edges[before.edge].curve.length_m - GATE_BEFORE_M
        if after.edge == before.edge and before.s_m <= gate_m < after.s_m:
            offset_rad = after.pose(self._city).heading_rad - yaw_rad
        elif offset_rad is not None and after.edge == before.edge and before.s_m < GATE_AFTER_M <= after.s_m:
            error_rad = wrap_angle(after.pose(self._city).heading_rad - yaw_rad - offset_rad)
            if abs(error_rad) > WRONG_TURN_RAD:
                return self._start_again(state, self._other_ways(after, yaw_rad + offset_rad))
            offset_rad = None
        return replace(state, track=after, heading_offset_rad=offset_rad)

    def _other_ways(self, track: Track, heading_rad: float) -> list[Track]:
        """Where else the car can be that seems to be on `track` but looks another way."""
        node = self._city.edges[track.edge].start
        others = [
            replace(track, edge=edge.id, next_edge=None)
            for edge in self._city.edges.values()
            if edge.start == node and edge.id != track.edge
        ]
        return [
            other
            for other in others
            if abs(wrap_angle(other.pose(self._city).heading_rad - heading_rad)) < WRONG_TURN_RAD
        ]

    def _start_again(self, state: Localisation, hints: Sequence[Track]) -> Localisation:
        return Localisation(hypotheses=self._search.begin(hints), odometry=state.odometry, hint_spent=True)

    def _correct(self, state: Localisation, track: Track, sightings: Sequence[SignSighting]) -> Localisation:
        """Let each expected sign pull the track; count the signs that cannot be where they are seen."""
        matched, strange = False, False
        for sighting in sightings:
            sign = self._expected(track, sighting.kind)
            pulled = None if sign is None else self._pull(track, sign, sighting)
            if pulled is not None:
                track, matched = pulled, True
            elif sighting.score >= CONTRADICTING_SCORE and not self._explained(track, sighting):
                strange = True
        contradictions = 0 if matched else state.contradictions + strange
        if contradictions >= CONTRADICTIONS_TO_BE_LOST:
            return self._start_again(state, ())
        return replace(state, track=track, contradictions=contradictions)

    def _expected(self, track: Track, kind: str) -> Sign | None:
        """The sign of that kind at the end of this edge or the next, if there is one."""
        for edge in (track.edge, track.next_edge):
            sign = None if edge is None else self._city.sign_at(edge)
            if sign is not None and sign.kind == kind:
                return sign
        return None

    def _pull(self, track: Track, sign: Sign, sighting: SignSighting) -> Track | None:
        """One step of a Kalman filter on the station; None if the sighting is of something else."""
        here = expect(sign, track.pose(self._city), self._camera)
        farther = expect(sign, track.pose(self._city, 0.01), self._camera)
        slope = (farther.range_m - here.range_m) / 0.01
        innovation_m = sighting.range_m - here.range_m
        if (
            abs(innovation_m) > MATCH_RANGE_M
            or abs(wrap_angle(sighting.bearing_rad - here.bearing_rad)) > MATCH_BEARING_RAD
            or abs(slope) < 0.3  # abreast of the sign its distance says nothing about the station
        ):
            return None
        noise_m2 = CORRELATION * (sighting.range_sigma_m**2 + LATERAL_SIGMA_M**2)
        spread_m2 = slope * slope * track.variance_m2 + noise_m2
        if abs(innovation_m) > GATE_SIGMAS * math.sqrt(spread_m2):
            return replace(track, variance_m2=track.variance_m2 + OUTLIER_VARIANCE_M2)
        gain = slope * track.variance_m2 / spread_m2
        variance_m2 = max(LEAST_VARIANCE_M2, (1 - gain * slope) * track.variance_m2)
        return replace(track, s_m=max(0.0, track.s_m + gain * innovation_m), variance_m2=variance_m2)

    def _explained(self, track: Track, sighting: SignSighting) -> bool:
        """Whether the city has such a sign about where it is seen from here."""
        pose = track.pose(self._city)
        for sign in self._signs.get(sighting.kind, ()):
            seen = expect(sign, pose, self._camera)
            if (
                abs(seen.range_m - sighting.range_m) < MATCH_RANGE_M
                and abs(wrap_angle(seen.bearing_rad - sighting.bearing_rad)) < MATCH_BEARING_RAD
            ):
                return True
        return False
