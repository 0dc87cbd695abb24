"""How near cars come to each other, and who touched."""

from __future__ import annotations

import pytest

from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE
from pixelopolis.evaluation.fleet.closeness import NO_GAP, ClosenessWatch, Touch

BUMPER_TO_BUMPER_M = DEFAULT_VEHICLE.length_m
NOBODY_TOUCHED = {"car-1": 0, "car-2": 0, "car-3": 0}


def row(*gaps_m: float) -> dict[str, Pose]:
    """Cars one behind the other."""
    places_m = [0.0]
    for gap_m in gaps_m:
        places_m.append(places_m[-1] + BUMPER_TO_BUMPER_M + gap_m)
    return {f"car-{k}": Pose(x_m, 0.0, 0.0) for k, x_m in enumerate(places_m, 1)}


def test_the_smallest_gap_of_all_times_and_pairs_is_kept() -> None:
    watch = ClosenessWatch()
    for now_s, gaps_m in ((1.0, (0.2, 0.12)), (2.0, (0.07, 0.12)), (3.0, (0.09, 0.08))):
        watch.look(now_s, row(*gaps_m), NOBODY_TOUCHED)
    assert watch.smallest.gap_m == pytest.approx(0.07)
    assert (watch.smallest.car_ids, watch.smallest.at_s) == (("car-1", "car-2"), 2.0)
    assert watch.touches == []


def test_cars_that_are_never_near_have_no_gap() -> None:
    watch = ClosenessWatch()
    watch.look(1.0, row(3.0, 3.0), NOBODY_TOUCHED)
    assert watch.smallest == NO_GAP


def test_a_touch_is_told_once_with_who_took_part() -> None:
    watch = ClosenessWatch()
    watch.look(1.0, row(0.0), {"car-1": 0, "car-2": 0})
    for now_s in (2.0, 3.0):
        watch.look(now_s, row(0.0), {"car-1": 1, "car-2": 1})
    watch.look(4.0, row(0.1), {"car-1": 2, "car-2": 1})
    assert watch.touches == [Touch(("car-1", "car-2"), 2.0), Touch(("car-1",), 4.0)]
    assert watch.smallest.gap_m == pytest.approx(0.0, abs=1e-9)
