"""Schedules of faults: by seed, every kind, nothing hit twice at a time."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from city.files import load_city
from pixelopolis.evaluation.fleet.faults import CALM_S, FaultKind, draw_faults

CITY = load_city("pixelopolis")
CARS = tuple(f"car-{k}" for k in range(1, 9))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_schedule_is_drawn_from_its_seed(seed: int) -> None:
    faults = draw_faults(100, 7200.0, CITY, CARS, seed)
    assert faults == draw_faults(100, 7200.0, CITY, CARS, seed)
    assert len(faults) == 100
    assert [fault.start_s for fault in faults] == sorted(fault.start_s for fault in faults)
    assert all(CALM_S <= fault.start_s <= fault.end_s for fault in faults)
    assert max(fault.start_s for fault in faults) < 7200.0
    counts = Counter(fault.kind for fault in faults)
    assert set(counts) == set(FaultKind)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_car_comes_to_rest_between_two_faults() -> None:
    faults = draw_faults(100, 7200.0, CITY, CARS, 1)
    for car_id in CARS:
        mine = [fault for fault in faults if fault.car_id == car_id]
        assert all(later.start_s - sooner.end_s >= CALM_S for sooner, later in itertools.pairwise(mine))


def test_other_seeds_give_other_faults() -> None:
    assert draw_faults(10, 600.0, CITY, CARS, 1) != draw_faults(10, 600.0, CITY, CARS, 2)
    assert draw_faults(0, 600.0, CITY, CARS, 1) == ()
