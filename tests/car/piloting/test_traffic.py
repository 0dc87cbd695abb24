"""Following another car, without pilot or pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.perception.sighting import CarSighting
from car.piloting.path import Arc, Line
from car.piloting.speed import CRUISE_MPS, limited_mps
from car.piloting.traffic import FASTEST_MPS, NEAR_GAP_M, STOP_GAP_M, Traffic, gap_ahead
from fleet.vehicle import DEFAULT_VEHICLE

PERIOD_S = 0.08
AHEAD = [Arc(0.0)]


def sighting(gap_m: float) -> CarSighting:
    return CarSighting(0.9, gap_m + DEFAULT_VEHICLE.front_overhang_m, 0.05, -0.05)


def follow(
    gap_m: float, ahead_mps: float, seconds: float, *, noise_m: float = 0.0, speed_mps: float = CRUISE_MPS
) -> list[tuple[float, float, Traffic]]:
    """Gaps, speeds and what was made of them while a car follows another of constant speed."""
    rng = np.random.default_rng(1)
    traffic, travelled_m, log = Traffic(), 0.0, []
    for k in range(round(seconds / PERIOD_S)):
        seen = sighting(max(0.0, gap_m + float(rng.normal(0, noise_m))))
        traffic = traffic.look([seen], AHEAD, k * PERIOD_S, travelled_m=travelled_m)
        wanted_mps = min(CRUISE_MPS, max(0.3 * CRUISE_MPS, traffic.limit_mps)) if not traffic.blocked else 0.0
        speed_mps = limited_mps(speed_mps, wanted_mps, PERIOD_S)
        travelled_m += speed_mps * PERIOD_S
        gap_m += (ahead_mps - speed_mps) * PERIOD_S
        log.append((gap_m, speed_mps, traffic))
    return log


def test_no_car_is_no_limit() -> None:
    traffic = Traffic().look([], AHEAD, 1.0, travelled_m=0.0)
    assert traffic.limit_mps == math.inf
    assert traffic.ahead_mps == 0.0


@pytest.mark.parametrize("ahead_mps", [0.0, 0.05, 0.1])
def test_the_speed_of_the_car_ahead_is_told_from_its_gaps(ahead_mps: float) -> None:
    _, _, traffic = follow(0.6, ahead_mps, 2.0)[-1]
    assert traffic.ahead_mps == pytest.approx(ahead_mps, abs=0.005)


def test_it_is_told_through_noise() -> None:
    errors = [traffic.ahead_mps - 0.08 for _, _, traffic in follow(0.6, 0.08, 12.0, noise_m=0.012)[20:]]
    assert np.abs(errors).mean() < 0.02


def test_behind_a_car_that_drives_it_keeps_driving_and_its_distance() -> None:
    log = follow(0.6, 0.08, 30.0, noise_m=0.008)
    gaps_m, speeds_mps = [gap for gap, _, _ in log[150:]], [speed for _, speed, _ in log[150:]]
    assert min(speeds_mps) > 0.05
    assert np.mean(speeds_mps) == pytest.approx(0.08, abs=0.005)
    assert np.mean(gaps_m) == pytest.approx(STOP_GAP_M + 0.8 * 0.08, abs=0.03)


@given(st.floats(0.25, 1.0), st.floats(0.0, 0.02))
def test_behind_a_car_that_stands_it_stops_without_touching(gap_m: float, noise_m: float) -> None:
    log = follow(gap_m, 0.0, 30.0, noise_m=noise_m)
    assert min(gap for gap, _, _ in log) > 0.05
    assert log[-1][1] == 0.0


def test_when_the_car_ahead_brakes_it_stops_in_time() -> None:
    driven = follow(0.3, 0.1, 10.0)
    gap_m, speed_mps, _ = driven[-1]
    stopped = follow(gap_m, 0.0, 10.0, speed_mps=speed_mps)
    assert min(gap for gap, _, _ in stopped) > 0.05


def test_another_car_that_cuts_in_is_not_taken_for_one_that_drives_backwards_or_fast() -> None:
    traffic = Traffic()
    for k in range(12):
        traffic = traffic.look([sighting(0.8)], AHEAD, k * PERIOD_S, travelled_m=0.0)
    for k in range(12, 24):
        traffic = traffic.look([sighting(0.3)], AHEAD, k * PERIOD_S, travelled_m=0.0)
        assert traffic.ahead_mps == pytest.approx(0.0, abs=1e-6)


def look_for(traffic: Traffic, seconds: float, gap_m: float, now_s: float, travelled_m: float = 0.0) -> Traffic:
    """Pictures of a car so far away, or of none."""
    cars = [] if math.isinf(gap_m) else [sighting(gap_m)]
    for k in range(round(seconds / PERIOD_S)):
        traffic = traffic.look(cars, AHEAD, now_s + k * PERIOD_S, travelled_m=travelled_m)
    return traffic


@pytest.mark.parametrize("beyond_m", [math.inf, 1.2])
def test_a_car_right_ahead_that_is_not_seen_for_a_second_has_not_vanished(beyond_m: float) -> None:
    """Nor does one that is seen far beyond it prove that the road to there is free."""
    seen = look_for(Traffic(), 1.0, 0.15, 0.0)
    unseen = look_for(seen, 1.0, beyond_m, 1.0)
    assert unseen.limit_mps == pytest.approx(seen.limit_mps)
    nearer = unseen.look([], AHEAD, 2.0, travelled_m=0.04)
    assert nearer.gap_m == pytest.approx(0.11)
    assert nearer.blocked
    gone = look_for(nearer, 2.0, beyond_m, 2.0)
    assert not gone.blocked
    assert gone.limit_mps > CRUISE_MPS


def test_of_a_car_right_ahead_a_look_now_and_then_is_enough() -> None:
    traffic = look_for(Traffic(), 1.0, 0.1, 0.0)
    for k in range(6):
        traffic = look_for(traffic, 1.2, math.inf, 1.0 + 1.28 * k)
        traffic = look_for(traffic, PERIOD_S, 0.1, 2.2 + 1.28 * k)
        assert traffic.seen_gap_m == math.inf
        assert traffic.blocked


def test_a_car_that_is_seen_once_is_not_held_to_be_near() -> None:
    """The detector makes mistakes; as before, three of five pictures must show it."""
    traffic = look_for(Traffic(), 1.0, math.inf, 0.0)
    for k in range(6):
        traffic = look_for(traffic, PERIOD_S, 0.1, 1.0 + 0.4 * k)
        traffic = look_for(traffic, 0.32, math.inf, 1.08 + 0.4 * k)
        assert traffic.near is None
        assert traffic.limit_mps == math.inf


def test_a_car_that_is_seen_to_drive_off_is_not_held_to_be_near() -> None:
    traffic = look_for(Traffic(), 1.0, 0.15, 0.0)
    for k in range(20):
        traffic = look_for(traffic, PERIOD_S, 0.15 + 0.14 * PERIOD_S * k, 1.0 + PERIOD_S * k)
        assert traffic.gap_m == traffic.seen_gap_m
    assert traffic.near is None


def test_without_an_odometer_the_car_ahead_is_taken_to_stand() -> None:
    traffic = Traffic()
    for k in range(12):
        traffic = traffic.look([sighting(0.4)], AHEAD, k * PERIOD_S)
    assert traffic.ahead_mps == 0.0
    assert traffic.limit_mps == pytest.approx((0.4 - STOP_GAP_M) / 1.4)


@given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=30))
def test_whatever_is_seen_the_limit_is_sane(gaps_m: list[float]) -> None:
    traffic = Traffic()
    for k, gap_m in enumerate(gaps_m):
        traffic = traffic.look([sighting(gap_m)], AHEAD, k * PERIOD_S, travelled_m=0.01 * k)
        assert 0.0 <= traffic.ahead_mps <= FASTEST_MPS
        assert traffic.limit_mps >= 0.0
        assert math.isfinite(traffic.limit_mps) == (k >= 2), "once three of five have seen it"
        if traffic.gap_m < STOP_GAP_M:
            assert traffic.limit_mps == 0.0


def test_a_car_round_the_bend_is_ahead_by_the_map_and_not_by_the_wheels() -> None:
    bend = Line(np.array([(0.4 * math.sin(a), 0.4 * (1 - math.cos(a))) for a in np.linspace(0, 2.0, 30)]))
    angle_rad = 1.4
    middle_m = 0.4 * math.sin(angle_rad), 0.4 * (1 - math.cos(angle_rad))
    car = CarSighting(0.9, middle_m[0], middle_m[1] + 0.05, middle_m[1] - 0.05)
    assert gap_ahead(car, [bend, Arc(0.0)]) == pytest.approx(
        0.4 * angle_rad - DEFAULT_VEHICLE.front_overhang_m, abs=0.06
    )
    assert gap_ahead(car, [Arc(0.0)]) == math.inf


@pytest.mark.parametrize("side", [1, -1])
def test_a_car_that_stands_across_just_beyond_a_bend_is_ahead(side: int) -> None:
    """Its flank, which is what is seen of it, is 14 cm beside my way; its middle stands on it."""
    straight_m, radius_m = 0.6, 0.3
    turn = [
        (straight_m + radius_m * math.sin(a), side * radius_m * (1 - math.cos(a))) for a in np.linspace(0, 1.57, 20)
    ]
    way = Line(np.array([(0.0, 0.0), *turn, (straight_m + radius_m, side * 0.8)]))
    flank_m = straight_m + radius_m - DEFAULT_VEHICLE.width_m / 2 - 0.06  # distances are read a little short
    edges_m = sorted((side * 0.24, side * 0.44))
    gap_m = gap_ahead(CarSighting(0.9, flank_m, edges_m[1], edges_m[0]), [way])
    assert 0.5 < gap_m < straight_m + radius_m


@pytest.mark.parametrize("side", [1, -1])
def test_cars_in_the_next_lane_are_not_ahead_in_a_bend(side: int) -> None:
    lane_m, radius_m = 0.36, 0.5

    def bend(radius_m: float) -> list[tuple[float, float]]:
        angles = np.linspace(0, 1.4, 40)
        return [(radius_m * math.sin(a), side * (0.5 - radius_m * math.cos(a))) for a in angles]

    way = Line(np.array(bend(radius_m)))
    for x_m, y_m in bend(radius_m + lane_m) + bend(radius_m - lane_m):
        half_m = DEFAULT_VEHICLE.width_m / 2
        seen = CarSighting(0.9, x_m - half_m, y_m + half_m, y_m - half_m)
        assert gap_ahead(seen, [way]) == math.inf or x_m < half_m


def test_beside_the_mapped_way_only_near_cars_count() -> None:
    bend = Line(np.array([(0.4 * math.sin(a), 0.4 * (1 - math.cos(a))) for a in np.linspace(0, 2.0, 30)]))
    far, near = sighting(0.5), sighting(NEAR_GAP_M - 0.05)
    assert gap_ahead(far, [bend, Arc(0.0)]) == math.inf
    assert gap_ahead(near, [bend, Arc(0.0)]) < NEAR_GAP_M
