"""Localisation by itself: found from signs, kept, lost, and found again."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from car.localisation.correction import Stance, car_pose
from car.localisation.landmarks import expect
from car.localisation.localiser import CONTRADICTIONS_TO_BE_LOST, HINT_PICTURES, Localisation, Localiser
from car.localisation.search import SIGHTINGS_NEEDED, Search
from car.localisation.track import Track, track_at
from car.perception.seen import LaneView
from car.perception.sighting import SignSighting
from car.wheels import Odometry
from city.city import City
from city.files import city_text, load_city, parse_city
from fleet.messages import Position
from fleet.vehicle import DEFAULT_CAMERA
from tests.car.double import signs_seen_from


@pytest.fixture(scope="module")
def localiser(city: City) -> Localiser:
    return Localiser(city)


def look_from(
    localiser: Localiser, city: City, edge: int, s_m: float, pictures: int = 5, hint: Position | None = None
) -> Localisation:
    """Stand on an edge and look."""
    seen = signs_seen_from(city, city.edges[edge].curve.pose_at(s_m))
    state = Localisation()
    for _ in range(pictures):
        state = localiser.step(state, Odometry(), seen, hint=hint)
    return state


def tracked(state: Localisation) -> Track:
    assert state.track is not None
    return state.track


@pytest.mark.parametrize("edge", [1, 2, 4, 7, 8, 9, 10, 11, 13, 15])
def test_found_by_a_sign_that_stands_only_once(localiser: Localiser, city: City, edge: int) -> None:
    s_m = max(0.05, city.edges[edge].curve.length_m - 0.55)
    track = tracked(look_from(localiser, city, edge, s_m))
    assert track.edge == edge
    assert track.s_m == pytest.approx(s_m, abs=0.05)
    assert track.variance_m2 < 0.15**2


def test_two_pictures_are_not_enough(localiser: Localiser, city: City) -> None:
    assert look_from(localiser, city, 2, 0.05, pictures=2).track is None
    assert look_from(localiser, city, 2, 0.05, pictures=3).track is not None


def test_unsure_sightings_take_longer_to_convince(localiser: Localiser, city: City) -> None:
    unsure = tuple(
        replace(sighting, score=0.5) for sighting in signs_seen_from(city, city.edges[2].curve.pose_at(0.05))
    )
    state, pictures = Localisation(), 0
    while state.track is None:
        state, pictures = localiser.step(state, Odometry(), unsure), pictures + 1
    assert 4 <= pictures <= 12
    for _ in range(3 * CONTRADICTIONS_TO_BE_LOST):  # nor do unsure strangers make it doubt
        elsewhere = signs_seen_from(city, city.edges[7].curve.pose_at(0.05))
        state = localiser.step(state, Odometry(), tuple(replace(s, score=0.5) for s in elsewhere))
    assert tracked(state).edge == 2


def test_nothing_seen_nothing_claimed(localiser: Localiser) -> None:
    state = Localisation()
    for _ in range(50):
        state = localiser.step(state, Odometry(), ())
    assert state.track is None


def test_wrong_signs_in_single_pictures_do_not_matter(localiser: Localiser, city: City) -> None:
    right = signs_seen_from(city, city.edges[7].curve.pose_at(0.05))
    wrong = signs_seen_from(city, city.edges[2].curve.pose_at(0.05))
    state = Localisation()
    for sightings in (wrong, right, right, right, right, right):
        state = localiser.step(state, Odometry(), sightings)
    assert tracked(state).edge == 7


@pytest.fixture(scope="module")
def twin_city() -> City:
    """The square, with the same sign at two corners."""
    return parse_city(city_text("square").replace("kind: Hand", "kind: Go"), "twins")


def test_a_sign_that_stands_twice_leaves_two_places(twin_city: City) -> None:
    localiser = Localiser(twin_city)
    assert look_from(localiser, twin_city, 1, 0.9, pictures=20).track is None


def test_a_sign_that_stands_twice_is_decided_by_the_servers_memory(twin_city: City) -> None:
    localiser = Localiser(twin_city)
    for edge in (1, 2):
        state = look_from(localiser, twin_city, edge, 0.9, hint=Position(edge=edge, s_m=0.85))
        assert tracked(state).edge == edge


def test_a_sign_that_stands_twice_is_decided_by_the_next_one(twin_city: City) -> None:
    """Drive from edge 2 (sign Go, as on edge 1) on to edge 3, whose sign is unique."""
    localiser = Localiser(twin_city)
    state = look_from(localiser, twin_city, 2, 0.9)
    assert state.track is None
    way_m = twin_city.edges[2].curve.length_m + twin_city.movements[2, 3].curve.length_m
    for step in range(200):
        travelled_m = 0.01 * step
        s_m = 0.9 + travelled_m
        pose = twin_city.edges[3].curve.pose_at(s_m - way_m) if s_m > way_m else Track(2, s_m, 0.0, 3).pose(twin_city)
        state = localiser.step(state, Odometry(travelled_m), signs_seen_from(twin_city, pose))
        if state.track is not None:
            break
    track = tracked(state)
    assert track.edge == 3 or track.next_edge == 3
    here = track.pose(twin_city)
    assert math.hypot(here.x_m - pose.x_m, here.y_m - pose.y_m) < 0.1


def test_a_large_city_has_many_signs_of_a_kind_and_the_servers_memory_tells_them_apart() -> None:
    large = load_city("random:7:10x10")
    search = Search(large, DEFAULT_CAMERA)
    edge = large.signs[0].edge
    assert sum(sign.kind == large.signs[0].kind for sign in large.signs) > 5
    s_m = large.edges[edge].curve.length_m - 0.5
    seen = signs_seen_from(large, large.edges[edge].curve.pose_at(s_m))
    alone, remembered = search.begin(), search.begin([Track(edge, s_m + 0.05, 0.01)])
    for picture in range(1, 31):  # what is ruled out stays so, however many places there are
        alone, remembered = search.look(alone, seen), search.look(remembered, seen)
        assert search.found(alone) is None
        found = search.found(remembered)
        assert (found is not None and found.edge == edge) == (picture >= SIGHTINGS_NEEDED)


def test_the_servers_memory_counts_only_where_it_agrees_with_what_is_seen(localiser: Localiser, city: City) -> None:
    wrong = Position(edge=11, s_m=0.03)
    assert tracked(look_from(localiser, city, 7, 0.05, hint=wrong)).edge == 7
    blind = Localisation()
    for _ in range(HINT_PICTURES + 5):  # there the sign would have to be seen
        blind = localiser.step(blind, Odometry(), (), hint=wrong)
    assert blind.track is None


def test_the_servers_memory_of_a_place_that_the_city_lacks_is_ignored(localiser: Localiser) -> None:
    state = Localisation()
    for _ in range(HINT_PICTURES + 5):
        state = localiser.step(state, Odometry(), (), hint=Position(edge=99, s_m=0.1))
    assert state.track is None


@settings(max_examples=60, deadline=None)
@given(
    start_error_m=st.floats(-0.06, 0.06),
    scale=st.floats(0.95, 1.05),
    range_error=st.floats(-0.03, 0.03),
)
def test_signs_hold_the_track_against_wheels_that_lie(start_error_m: float, scale: float, range_error: float) -> None:
    city = load_city("pixelopolis")
    localiser = _shared(city)
    way = (2, 3, 4)
    state = Localisation(track=Track(2, 0.05 + start_error_m, 0.05**2, 3), odometry=Odometry())
    truth = Track(2, 0.05, 0.0, 3)
    for step in range(1, 280):
        truth = truth.advance(city, 0.01, _after(way, truth.edge))
        seen = tuple(
            replace(sighting, range_m=sighting.range_m * (1 + range_error))
            for sighting in signs_seen_from(city, truth.pose(city), far_m=1.3)
        )
        way_on = _after(way, tracked(state).edge)
        state = localiser.step(state, Odometry(0.01 * scale * step), seen, way_on)
    here, there = tracked(state).pose(city), truth.pose(city)
    assert math.hypot(here.x_m - there.x_m, here.y_m - there.y_m) < 0.07


_localisers: dict[str, Localiser] = {}


def _shared(city: City) -> Localiser:
    return _localisers.setdefault(city.name, Localiser(city))


def _after(way: tuple[int, ...], edge: int) -> int | None:
    index = way.index(edge)
    return way[index + 1] if index + 1 < len(way) else None


def test_one_far_outlier_does_not_move_the_track(localiser: Localiser, city: City) -> None:
    state = look_from(localiser, city, 1, 0.5)
    sign = city.sign_at(1)
    assert sign is not None
    seen = expect(sign, city.edges[1].curve.pose_at(0.5), DEFAULT_CAMERA)
    liar = SignSighting(sign.kind, 0.9, 0.5, 0.0, seen.range_m - 0.3, seen.bearing_rad, 0.02)
    before_m = tracked(state).s_m
    assert tracked(localiser.step(state, Odometry(), (liar,))).s_m == pytest.approx(before_m, abs=0.01)


def test_lost_when_only_signs_of_elsewhere_are_seen(localiser: Localiser, city: City) -> None:
    state = look_from(localiser, city, 7, 0.05)
    elsewhere = signs_seen_from(city, city.edges[2].curve.pose_at(0.05))
    for _ in range(CONTRADICTIONS_TO_BE_LOST - 1):
        state = localiser.step(state, Odometry(), elsewhere)
    assert tracked(state).edge == 7
    state = localiser.step(state, Odometry(), elsewhere)
    assert state.track is None
    for _ in range(5):
        state = localiser.step(state, Odometry(), elsewhere)
    assert tracked(state).edge == 2


@pytest.mark.parametrize(("range_m", "lost"), [(1.2, False), (0.95, False), (0.85, True)])
def test_only_strange_signs_that_are_near_make_it_doubt(
    localiser: Localiser, city: City, range_m: float, lost: bool
) -> None:
    """A sign a good metre away is misread in picture after picture, each as sure as the last."""
    state = look_from(localiser, city, 7, 0.05)
    stranger = replace(signs_seen_from(city, city.edges[2].curve.pose_at(0.05))[0], range_m=range_m, score=0.9)
    for _ in range(CONTRADICTIONS_TO_BE_LOST):
        state = localiser.step(state, Odometry(), (stranger,))
    assert (state.track is None) is lost


def test_not_lost_as_long_as_the_expected_sign_is_seen_too(localiser: Localiser, city: City) -> None:
    state = look_from(localiser, city, 7, 0.05)
    mixed = signs_seen_from(city, city.edges[7].curve.pose_at(0.05)) + signs_seen_from(
        city, city.edges[2].curve.pose_at(0.05)
    )
    for _ in range(3 * CONTRADICTIONS_TO_BE_LOST):
        state = localiser.step(state, Odometry(), mixed)
    assert tracked(state).edge == 7


def test_a_turn_that_the_wheels_did_not_make_is_noticed(localiser: Localiser, city: City) -> None:
    """Ordered left from edge 3 to 15, but the car goes straight on to edge 4."""
    state = Localisation(track=Track(3, 0.3, 0.03**2, 15), odometry=Odometry())
    truth = Track(3, 0.3, 0.0, 4)
    for step in range(1, 140):
        travelled_m = 0.01 * step
        truth = truth.advance(city, 0.01, 4)
        yaw_rad = truth.pose(city).heading_rad - math.pi / 2
        sightings = signs_seen_from(city, truth.pose(city))
        way_on = 15 if state.track is None or state.track.edge == 3 else None
        state = localiser.step(state, Odometry(travelled_m, yaw_rad), sightings, way_on)
    track = tracked(state)
    assert track.edge == 4
    assert track.s_m == pytest.approx(truth.s_m, abs=0.06)


def test_offset_from_the_centre_counts_in_turns(localiser: Localiser, city: City) -> None:
    """On the inside of a left turn the car is ahead of its wheels."""
    start = Localisation(track=Track(3, 0.6, 0.01, 15), odometry=Odometry())
    inside = localiser.step(start, Odometry(0.1), None, 15, lane=LaneView(0.0, 0.05, 0.0))
    centre = localiser.step(start, Odometry(0.1), None, 15)
    assert tracked(inside).s_m > tracked(centre).s_m + 0.01


@pytest.mark.parametrize(("lateral_m", "heading_rad"), [(0.04, 0.1), (-0.05, -0.15), (0.0, 0.2)])
def test_how_the_car_stands_in_its_lane_is_allowed_for(
    localiser: Localiser, city: City, lateral_m: float, heading_rad: float
) -> None:
    stance = Stance(lateral_m, heading_rad, known=True)
    seen = signs_seen_from(city, car_pose(city, Track(1, 0.75, 0.0), stance))
    state = Localisation(track=Track(1, 0.78, 0.05**2, 2), odometry=Odometry())
    for _ in range(30):
        state = localiser.step(state, Odometry(), seen, 2, lane=LaneView(0.0, lateral_m, heading_rad))
    assert tracked(state).s_m == pytest.approx(0.75, abs=0.01)


def test_a_picture_shows_where_the_car_was_when_it_was_taken(localiser: Localiser, city: City) -> None:
    """Half a second late at 0.1 m/s: the sign is seen 5 cm farther away than it is by now."""
    seen = signs_seen_from(city, city.edges[1].curve.pose_at(0.75))
    state = Localisation(track=Track(1, 0.80, 0.05**2, 2), odometry=Odometry())
    for _ in range(30):
        state = localiser.step(state, Odometry(0.0, 0.0, 0.1, measured_s=10.0), seen, 2, captured_s=9.5)
    assert tracked(state).s_m == pytest.approx(0.80, abs=0.01)


def test_a_kind_that_the_city_lacks_is_a_misreading(localiser: Localiser, city: City) -> None:
    state = look_from(localiser, city, 7, 0.05)
    misread = tuple(replace(s, kind="Cross") for s in signs_seen_from(city, city.edges[7].curve.pose_at(0.05)))
    for _ in range(3 * CONTRADICTIONS_TO_BE_LOST):
        state = localiser.step(state, Odometry(), misread)
    assert tracked(state).edge == 7


def test_positions_told_by_others(city: City) -> None:
    assert track_at(city, Position(edge=3, s_m=0.2), 0.01) == Track(3, 0.2, 0.01)
    assert track_at(city, Position(edge=3, s_m=0.7, next_edge=15), 0.01) == Track(3, 0.7, 0.01, 15)
    assert track_at(city, Position(edge=3, s_m=9.0), 0.01) == Track(3, city.edges[3].curve.length_m, 0.01)
    for nowhere in (Position(edge=99, s_m=0.2), Position(edge=3, s_m=0.2, next_edge=9), Position(edge=3, s_m=-1.0)):
        assert track_at(city, nowhere, 0.01) is None


@given(distances_m=st.lists(st.floats(0.0, 0.2), max_size=60))
def test_tracks_add_up_over_nodes(distances_m: list[float]) -> None:
    city = load_city("square")
    track, way = Track(1, 0.0, 0.0), {1: 2, 2: 3, 3: 4, 4: 1}
    lap_m = sum(edge.curve.length_m for edge in city.edges.values())
    lap_m += sum(movement.curve.length_m for movement in city.movements.values())
    for distance_m in distances_m:
        track = track.advance(city, distance_m, way[track.edge])
        position = track.position(city)
        assert (position.next_edge is not None) == track.on_movement(city)
    started_m = {1: 0.0}
    for edge in (1, 2, 3):
        whole_m = city.edges[edge].curve.length_m + city.movements[edge, way[edge]].curve.length_m
        started_m[way[edge]] = started_m[edge] + whole_m
    assert (started_m[track.edge] + track.s_m - sum(distances_m) + 1e-6) % lap_m < 1e-5


@given(st.floats(0.0, 1.2), st.sampled_from([None, 2]))
def test_points_ahead_are_those_of_the_poses_ahead(city: City, s_m: float, next_edge: int | None) -> None:
    track = Track(1, s_m, 0.0, next_edge)
    ahead_m = np.arange(0.0, 3.0, 0.07)
    poses = [track.pose(city, float(each)) for each in ahead_m]
    assert track.points_m(city, ahead_m) == pytest.approx(np.array([(pose.x_m, pose.y_m) for pose in poses]), abs=1e-9)
