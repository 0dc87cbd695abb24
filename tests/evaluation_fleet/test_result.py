"""From what happened to figures, and to whether all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.views import RideState
from pixelopolis.evaluation.fleet.chaos import Case
from pixelopolis.evaluation.fleet.closeness import NO_GAP, Gap, Touch
from pixelopolis.evaluation.fleet.faults import Fault, FaultKind
from pixelopolis.evaluation.fleet.plan import FleetPlan
from pixelopolis.evaluation.fleet.result import FleetResult
from pixelopolis.evaluation.fleet.text import result_lines
from pixelopolis.evaluation.fleet.trips import Trip, Wish
from pixelopolis.evaluation.fleet.watch import Wait

PLAN = FleetPlan(2, 1.0, "pixelopolis", faults=2)
ARRIVED = Trip("r1", Wish.RIDE, 1.0, "ride", "museum", "car-1", 2.0, 9.0, True, RideState.ENDED)
CANCELLED = Trip("r2", Wish.CANCEL_RIDING, 1.0, "ride", state=RideState.CANCELLED, cancelled=True)
NO_SHOW = Trip("r3", Wish.NEVER_CHOOSE, 1.0, "ride", state=RideState.CANCELLED)
KILLED = Case(Fault(FaultKind.KILL_CAR, 5.0, 5.0, "car-1"), over_s=5.0, back_s=12.0)
BLOCKED = Case(Fault(FaultKind.BLOCK_ROAD, 5.0, 9.0, edge=1), skipped=True)
GOOD = FleetResult(
    PLAN,
    [ARRIVED, CANCELLED, NO_SHOW],
    [KILLED, BLOCKED],
    collisions=0,
    lane_departures=0,
    deadlocks=0,
    longest_wait=Wait(3.0, "car-1", 1, 9.0),
    wait_bound_s=500.0,
    swaps=0,
    sim_seconds=60.0,
    seconds=2.0,
    smallest_gap=Gap(0.0512, ("car-1", "car-2"), 7.0),
    touches=(),
)
LOST = replace(ARRIVED, request_id="r4", arrived_s=None, state=RideState.CANCELLED)


def test_a_good_run() -> None:
    assert GOOD.all_well
    figures = GOOD.as_json()
    assert {key: figures[key] for key in ("trips", "arrived", "wrong_place", "lost_rides", "bookings")} == {
        "trips": 1,
        "arrived": 1,
        "wrong_place": 0,
        "lost_rides": 0,
        "bookings": 3,
    }
    assert figures["faults"] == [
        {"kind": "kill a car's process", "count": 1, "back": 1, "recovery_s_mean": 7.0, "recovery_s_max": 7.0}
    ]
    assert figures["problems"] == []


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, trips=[ARRIVED, LOST]),
        replace(GOOD, trips=[replace(ARRIVED, right_place=False)]),
        replace(GOOD, trips=[replace(ARRIVED, doubled=True)]),
        replace(GOOD, trips=[ARRIVED, replace(CANCELLED, state=RideState.RIDING)]),
        replace(GOOD, cases=[replace(KILLED, back_s=None, given_up=True)]),
        replace(GOOD, collisions=1),
        replace(GOOD, lane_departures=1),
        replace(GOOD, deadlocks=1),
        replace(GOOD, wait_bound_s=2.0),
    ],
)
def test_anything_wrong_is_not_well(bad: FleetResult) -> None:
    assert not bad.all_well


def test_what_went_wrong_is_told() -> None:
    wrong = replace(ARRIVED, request_id="r5", right_place=False)
    touch = Touch(("car-1", "car-2"), 12.34)
    bad = replace(GOOD, trips=[LOST, wrong], cases=[replace(KILLED, back_s=None)], collisions=1, touches=[touch])
    text = "\n".join(result_lines(bad))
    for part in (
        "ride r4",
        "ride r5 ended at the wrong place",
        "not back after: kill a car's process",
        "touched at 12.3 s: car-1 and car-2",
    ):
        assert part in text


def test_how_close_two_cars_came_is_told_if_there_were_two() -> None:
    assert "smallest gap between two cars: 5.1 cm (car-1 and car-2, at 7 s)" in result_lines(GOOD)
    assert GOOD.as_json()["smallest_gap_m"] == 0.051
    alone = replace(GOOD, smallest_gap=NO_GAP)
    assert not any("gap" in line for line in result_lines(alone))
    assert alone.as_json()["smallest_gap_m"] is None


def test_a_visitor_who_cancels_loses_no_ride() -> None:
    assert not CANCELLED.is_lost
    assert not NO_SHOW.is_lost
    assert LOST.is_lost
    assert replace(CANCELLED, cancelled=False).is_lost, "the server cancelled what nobody gave up"
