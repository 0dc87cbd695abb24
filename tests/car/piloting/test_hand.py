"""When an operator's hand counts, by the car's own clock; and how the pilot drives with it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from car.perception.sighting import CarSighting
from car.piloting.hand import Hand, ReportTimes, hand_on
from car.piloting.intent import SpeedLimits
from car.piloting.orders import STOP_LINE_GAP_M, ServerWords
from car.piloting.pilot import Pilot
from car.piloting.speed import CREEP_MPS, DECELERATION_MPS2, HAND_MPS
from car.piloting.traffic import STOP_GAP_M
from city.city import City
from fleet.messages import (
    FROM_CAR,
    HAND_LATEST_S,
    HAND_TIMEOUT_S,
    LINK_TIMEOUT_S,
    DriveMode,
    HandLimit,
    Manual,
    Release,
    Report,
    Welcome,
)
from fleet.steering import curvature_from_steering
from fleet.vehicle import DEFAULT_VEHICLE
from tests.car.double import Double, order_along

ROUTE = (1, 2, 3, 15, 14, 6, 7)
HELD = Release(order_id="order-1", index=len(ROUTE) - 1, s_m=9.0, hold=True)
TICK_S = 0.04
BRAKING_S = HAND_MPS / DECELERATION_MPS2 + 0.15  # and the motors' lag


def manual(
    sequence: int = 1, *, drive: int = 1, answers: int = 1, speed_mps: float = 0.1, leave: bool = False
) -> Manual:
    return Manual(
        drive=drive, sequence=sequence, answers=answers, steering=0.4, speed_mps=speed_mps, may_leave_lane=leave
    )


# What counts

WORDS = ServerWords(connected=True, release=HELD, release_heard_s=10.0, manual=manual(), manual_heard_s=10.0)
REPORTS = ReportTimes(0).report(1, 9.9)


def hand(words: ServerWords = WORDS, now_s: float = 10.0) -> Hand | None:
    return hand_on(None, words, REPORTS, now_s, stands=True)


def test_a_fresh_hand_on_a_held_car_counts() -> None:
    assert hand() == Hand(curvature_from_steering(0.4), 0.1)


@pytest.mark.parametrize(
    "words",
    [
        replace(WORDS, connected=False),
        replace(WORDS, release=None),
        replace(WORDS, release=HELD.model_copy(update={"hold": False})),
        replace(WORDS, release_heard_s=10.0 - LINK_TIMEOUT_S - 0.01),
        replace(WORDS, manual=None),
        replace(WORDS, manual=manual().model_copy(update={"released": True})),
        replace(WORDS, manual_heard_s=10.0 - HAND_TIMEOUT_S - 0.01),
        WORDS.disconnected(),
    ],
)
def test_any_other_has_let_go(words: ServerWords) -> None:
    assert hand(words) is None
    rolling = hand_on(Hand(1.5, 0.1), words, REPORTS, 10.0, stands=False)
    assert rolling == Hand(1.5, 0.0, has_let_go=True), "it keeps its curve until it stands"


@pytest.mark.parametrize("answers", [0, 2, -5, 100])
def test_what_answers_no_known_report_is_late(answers: int) -> None:
    found = hand(replace(WORDS, manual=manual(answers=answers)))
    assert found is not None
    assert (found.is_late, found.speed_mps) == (True, 0.0)


def test_what_answers_an_old_report_is_late_although_it_has_just_come() -> None:
    found = hand(replace(WORDS, manual_heard_s=10.5, release_heard_s=10.5), now_s=9.9 + HAND_LATEST_S + 0.01)
    assert found is not None
    assert found.is_late


@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=60))
def test_reports_are_remembered_for_as_long_as_they_are_recent(periods_s: list[float]) -> None:
    times, made_s, now_s = ReportTimes(0), {}, 5.0
    for sequence, period_s in enumerate(periods_s, start=1):
        now_s += period_s
        times, made_s[sequence] = times.report(sequence, now_s), now_s
    for sequence, at_s in made_s.items():
        recent = now_s - at_s <= HAND_LATEST_S
        assert times.age_s(sequence, now_s) == (now_s - at_s if recent else math.inf)


def test_out_of_order_and_doubled_messages_are_ignored() -> None:
    words = ServerWords(connected=True)
    for drive, sequence, counts in (
        (1, 5, True),
        (1, 5, False),
        (1, 4, False),
        (1, 6, True),
        (2, 1, True),
        (1, 7, False),
    ):
        before = words.manual
        words = words.hear(manual(sequence, drive=drive), 1.0 + sequence)
        assert (words.manual != before) is counts
    assert words.disconnected().hear(manual(1, drive=1), 9.0).manual is not None, "another server counts anew"


def test_an_older_server_is_told_nothing_new() -> None:
    """It would refuse the key; it never sends what makes a car use it."""
    report = Report(sequence=1, mode=DriveMode.IDLE, position=None, speed_mps=0.0, battery_percent=50, battery_v=11)
    assert "limited_by" not in report.model_dump_json()
    assert FROM_CAR.validate_json(report.model_dump_json()) == report
    limited = report.model_copy(update={"limited_by": HandLimit.ROAD})
    assert FROM_CAR.validate_json(limited.model_dump_json()) == limited


# How it drives


class Driven:
    """The double with a hand on it. It follows its line whatever the hand steers."""

    def __init__(self, city: City) -> None:
        self.double = Double(city, ROUTE, s_m=0.3, lateral_m=0.0, heading_rad=0.0)
        self.double.find_itself()
        self.order = order_along(city, ROUTE)
        self.release = HELD
        self.words = ServerWords(connected=True, welcome=Welcome(city=city.name), order=self.order)
        self.speed_mps = 0.3
        self.may_leave_lane = False
        self.hears = True

    def run(self, seconds: float) -> Report:
        for _ in range(round(seconds / TICK_S)):
            now_s, sequence = self.double.now_s, self.double.state.sequence
            if self.hears:
                self.words = replace(self.words, release=self.release, release_heard_s=now_s)
                said = manual(sequence, answers=sequence, speed_mps=self.speed_mps, leave=self.may_leave_lane)
                self.words = self.words.hear(said, now_s)
            report = self.double.tick(self.words).report
        return report


@pytest.fixture
def driven(city: City) -> Driven:
    return Driven(city)


def test_it_drives_at_most_at_walking_pace_and_starts_and_stops_as_gently_as_the_pilot(driven: Driven) -> None:
    report = driven.run(1.5)
    assert (report.mode, report.limited_by) == (DriveMode.MANUAL, HandLimit.SPEED)
    assert driven.double.speed_mps == pytest.approx(HAND_MPS, abs=0.005)
    driven.speed_mps = 0.05
    report = driven.run(1.0)
    assert (report.limited_by, round(driven.double.speed_mps, 2)) == (None, 0.05)
    speeds_mps = [outputs.speed_mps for outputs in driven.double.history]
    steps_mps = [after - before for before, after in pairwise(speeds_mps)]
    assert -DECELERATION_MPS2 * TICK_S - 1e-9 <= min(steps_mps) <= max(steps_mps) <= 0.4 * TICK_S + 1e-9


def test_the_fastest_by_hand_is_a_setting(city: City) -> None:
    driven = Driven(city)
    driven.double.pilot = Pilot(city, limits=SpeedLimits(hand_mps=0.04))
    driven.run(1.5)
    assert driven.double.speed_mps == pytest.approx(0.04, abs=0.003)


def test_the_wheels_turn_as_the_hand_wants(driven: Driven) -> None:
    driven.run(1.0)
    outputs = driven.double.history[-1]
    assert outputs.curvature_per_m == curvature_from_steering(0.4)
    assert outputs.left_rad_s > outputs.right_rad_s


def test_it_stops_when_the_hand_falls_silent(driven: Driven) -> None:
    driven.run(1.5)
    from_m = driven.double.s_m
    driven.hears = False
    driven.run(HAND_TIMEOUT_S + TICK_S + BRAKING_S)
    assert driven.double.speed_mps < 0.01
    assert driven.double.s_m - from_m < 0.05


@pytest.mark.parametrize("fault", ["faults", "board", "camera"])
def test_faults_stop_it_at_once(driven: Driven, fault: str) -> None:
    driven.run(1.5)
    if fault == "faults":
        driven.double.faults = ("board: emergency stop",)
        report = driven.run(TICK_S)
    else:
        for _ in range(6):
            said = replace(driven.words, release_heard_s=driven.double.now_s, manual_heard_s=driven.double.now_s)
            report = driven.double.tick(said, board=fault != "board", frame=fault != "camera").report
    assert (report.mode, driven.double.history[-1].speed_mps) == (DriveMode.STOPPED, 0.0)
    assert report.faults


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(index=st.integers(0, 2), s_m=st.floats(0.0, 1.2))
def test_never_passes_the_road_that_was_granted(city: City, index: int, s_m: float) -> None:
    driven = Driven(city)
    line, start_m = driven.double.line, driven.double.s_m
    driven.release = HELD.model_copy(update={"index": index, "s_m": s_m})
    report = driven.run(20.0)
    limit_m = line.edge_start_m(index) + min(s_m, city.edges[ROUTE[index]].curve.length_m - STOP_LINE_GAP_M)
    assert driven.double.s_m < max(start_m, limit_m) + 0.02
    assert report.limited_by in (HandLimit.ROAD, HandLimit.SPEED)


def test_another_order_grants_nothing(driven: Driven) -> None:
    driven.release = HELD.model_copy(update={"order_id": "another"})
    from_m = driven.double.s_m
    assert driven.run(2.0).limited_by is HandLimit.ROAD
    assert driven.double.s_m == from_m


def test_a_car_ahead_stops_it(driven: Driven) -> None:
    driven.run(1.0)
    ahead_m = DEFAULT_VEHICLE.front_overhang_m + STOP_GAP_M
    driven.double.cars = (CarSighting(0.9, ahead_m, 0.07, -0.07),)
    assert driven.run(1.5).limited_by is HandLimit.CAR
    assert driven.double.speed_mps < 0.02


def test_when_released_from_hold_it_stands_before_it_drives_by_itself(driven: Driven) -> None:
    driven.run(1.5)
    driven.release = HELD.model_copy(update={"hold": False})
    modes = []
    slowest_mps = 1.0
    for _ in range(40):
        modes.append(driven.run(TICK_S).mode)
        slowest_mps = min(slowest_mps, driven.double.speed_mps)
    assert slowest_mps < 0.015
    assert modes[-1] is DriveMode.DRIVING
    assert list(dict.fromkeys(modes)) == [DriveMode.MANUAL, DriveMode.DRIVING]


def test_outside_its_lane_it_waits_until_it_may_and_then_creeps(driven: Driven) -> None:
    driven.double.lateral_m = 0.2
    from_m = driven.double.s_m
    report = driven.run(1.0)
    assert (report.limited_by, driven.double.s_m) == (HandLimit.OFF_LANE, from_m)
    assert report.position is not None
    driven.may_leave_lane = True
    report = driven.run(1.5)
    assert report.limited_by is HandLimit.OFF_LANE
    assert driven.double.speed_mps == pytest.approx(CREEP_MPS, abs=0.01)


def test_off_the_map_it_says_so_and_looks_for_its_place_once_the_hand_is_gone(driven: Driven) -> None:
    driven.double.lateral_m = 0.4
    driven.may_leave_lane = True
    report = driven.run(1.0)
    assert (report.mode, report.position, report.limited_by) == (DriveMode.MANUAL, None, HandLimit.OFF_LANE)
    assert driven.double.state.localisation.hypotheses is None, "signs seen from beside the lane would mislead it"
    driven.double.lateral_m = 0.0
    driven.hears = False
    report = driven.run(3.0)
    assert report.position is not None
    assert report.mode is DriveMode.STOPPED
