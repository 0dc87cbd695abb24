"""Start poses, also in cities that nobody has looked at."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.city import Sign
from city.files import load_city
from city.geometry import Pose, wrap_angle
from sim.spawn import MIN_APART_M, SpawnError, sees_sign, spawn_poses
from sim.whereabouts import Locator


@settings(max_examples=25, deadline=None)
@given(city_seed=st.integers(0, 10_000), seed=st.integers(0, 10_000), count=st.integers(1, 5))
def test_every_car_starts_where_it_can_find_out_where_it_is(city_seed: int, seed: int, count: int) -> None:
    city = load_city(f"random:{city_seed}")
    poses = spawn_poses(city, count, seed)
    assert poses == spawn_poses(city, count, seed)
    assert len(poses) == count
    edges = set()
    for pose in poses:
        here = Locator(city).locate(pose)
        assert here.edge is not None
        edges.add(here.edge)
        curve = city.edges[here.edge].curve
        sign = city.sign_at(here.edge)
        assert sign is not None
        assert sees_sign(pose, sign)
        assert 0.34 <= curve.length_m - here.s_m <= 0.76
        assert here.s_m >= 0.05
        assert abs(here.lateral_m) <= 0.0101
        assert abs(wrap_angle(pose.heading_rad - curve.pose_at(here.s_m).heading_rad)) <= math.radians(2.6)
    assert len(edges) == count
    for a, b in itertools.combinations(poses, 2):
        assert math.hypot(a.x_m - b.x_m, a.y_m - b.y_m) >= MIN_APART_M


@pytest.mark.parametrize("name", ["pixelopolis", "straight", "square", "curvy"])
def test_shipped_cities_have_room_for_three(name: str) -> None:
    assert len(spawn_poses(load_city(name), 3, 1)) == 3


def test_seeds_differ() -> None:
    city = load_city("pixelopolis")
    assert spawn_poses(city, 3, 1) != spawn_poses(city, 3, 2)


def test_too_many_cars_are_refused_with_the_number_that_fits() -> None:
    with pytest.raises(SpawnError, match=r"room for 4 cars .* not for 5"):
        spawn_poses(load_city("square"), 5, 1)


def sign_at(x_m: float, y_m: float, facing_rad: float = math.pi) -> Sign:
    return Sign("Go", 1, Pose(x_m, y_m, facing_rad), 0.12, 0.12, 0.1)


@pytest.mark.parametrize(
    ("sign", "seen"),
    [
        (sign_at(0.55, -0.27), True),
        (sign_at(0.55, -0.27, 0.0), False),  # its back
        (sign_at(0.36, -0.27), False),  # half out of the picture on the right
        (sign_at(-0.5, 0.0), False),  # behind
        (sign_at(0.15, 0.0), False),  # its top is above the picture
    ],
)
def test_full_view(sign: Sign, seen: bool) -> None:
    assert sees_sign(Pose(0, 0, 0), sign) is seen
