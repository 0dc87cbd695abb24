"""Localisation as a pure step: odometry and sightings in, a place or a search for one out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from car.localisation.correction import Stance, car_pose, matches, pull, stance_of
from car.localisation.landmarks import MUST_SEE_RANGE_M, expect, signs_by_kind, usable
from car.localisation.search import Hypotheses, Search
from car.localisation.track import Track, track_at
from car.perception.seen import LaneView
from car.perception.sighting import SignSighting
from car.wheels import Odometry
from city.city import City, Sign
from city.geometry import Pose, wrap_angle
from fleet.messages import Position
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

CONTRADICTIONS_TO_BE_LOST = 10
# Less sure or farther sightings of strange signs are taken for misread ones: one far sign is misread in many pictures.
CONTRADICTING_SCORE, CONTRADICTING_RANGE_M = 0.6, MUST_SEE_RANGE_M[1]
SEARCH_RANGE_M = 1.6  # a rough range is better than none as long as the place is unknown
HINT_PICTURES = 25  # pictures without any sign after which the server's memory is believed
HINT_VARIANCE_M2 = 0.08**2
GATE_BEFORE_M = 0.10  # where the heading is taken before a node
GATE_AFTER_M = 0.10  # and compared behind it
WRONG_TURN_RAD = 0.6


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
        lane: LaneView | None = None,
        captured_s: float | None = None,
    ) -> Localisation:
        """Take in what happened since the last step.

        Args:
            state: what was known.
            odometry: the wheels, added up since the start.
            sightings: signs of a new picture; None if there is no new one.
            way_on: the edge that the order takes after the present one.
            hint: where the server remembers the car to have been.
            lane: what the lane model saw in the newest picture.
            captured_s: when that picture was taken, on the clock of `odometry.measured_s`.
        """
        before = state.odometry or odometry
        distance_m = odometry.distance_m - before.distance_m
        state = replace(state, odometry=odometry)
        if state.track is None:
            return self._look_for_place(state, distance_m, sightings, hint)
        near = None if sightings is None else [sighting for sighting in sightings if usable(sighting)]
        stance = stance_of(lane, captured_s, odometry)
        along_m = distance_m / (1 - state.track.curvature_per_m(self._city) * stance.lateral_m)
        moved = self._check_turn(state, state.track, state.track.advance(self._city, along_m, way_on))
        return self._correct(moved, moved.track, near, stance) if near and moved.track is not None else moved

    def forget(self, odometry: Odometry) -> Localisation:
        """Nothing is known: the car may be anywhere, and is not looked for as long as this is called."""
        return Localisation(odometry=odometry, hint_spent=True)

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

    def _correct(
        self, state: Localisation, track: Track, sightings: Sequence[SignSighting], stance: Stance
    ) -> Localisation:
        """Let each expected sign pull the track; count the signs that cannot be where they are seen."""
        matched, strange = False, False
        for sighting in sightings:
            sign = self._expected(track, sighting.kind)
            pulled = None if sign is None else pull(self._city, self._camera, track, sign, sighting, stance)
            if pulled is not None:
                track, matched = pulled, True
            else:
                strange = strange or self._contradicts(car_pose(self._city, track, stance), sighting)
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

    def _contradicts(self, pose: Pose, sighting: SignSighting) -> bool:
        """Whether the city has such a sign, but none that could be seen so from here."""
        sure = sighting.score >= CONTRADICTING_SCORE and sighting.range_m <= CONTRADICTING_RANGE_M
        if not sure or sighting.kind not in self._signs:
            return False
        return not any(matches(sighting, expect(sign, pose, self._camera)) for sign in self._signs[sighting.kind])
