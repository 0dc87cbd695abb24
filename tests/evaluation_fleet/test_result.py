"""From what happened to figures, and to whether all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet.views import RideState
from pixelopolis.evaluation.fleet.chaos import Case
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
    PLAN, [ARRIVED, CANCELLED, NO_SHOW], [KILLED, BLOCKED], 0, 0, 0, Wait(3.0, "car-1", 1, 9.0), 500.0, 0, 60.0, 2.0
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
    bad = replace(GOOD, trips=[LOST, wrong], cases=[replace(KILLED, back_s=None)])
    text = "\n".join(result_lines(bad))
    for part in ("ride r4", "ride r5 ended at the wrong place", "not back after: kill a car's process"):
        assert part in text


def test_a_visitor_who_cancels_loses_no_ride() -> None:
    assert not CANCELLED.is_lost
    assert not NO_SHOW.is_lost
    assert LOST.is_lost
    assert replace(CANCELLED, cancelled=False).is_lost, "the server cancelled what nobody gave up"
