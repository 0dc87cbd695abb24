"""Real time in steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.pace import Pace


def test_steps_follow_the_clock() -> None:
    pace = Pace(10.0)
    assert pace.steps_due(10.0) == 0
    assert pace.steps_due(10.025) == 2
    assert pace.wait_s(10.025) == pytest.approx(0.005)
    assert pace.steps_due(10.03) == 1
    assert pace.lag_s == 0


def test_a_long_gap_is_given_up_and_counted() -> None:
    pace = Pace(0.0, step_s=0.01, max_steps=5)
    assert pace.steps_due(1.0) == 5
    assert pace.lag_s == pytest.approx(0.95)
    assert pace.steps_due(1.01) == 1


@given(st.lists(st.floats(0.0, 0.2), max_size=50))
def test_no_time_is_lost_or_made(gaps_s: list[float]) -> None:
    pace, now_s, steps = Pace(0.0), 0.0, 0
    for gap_s in gaps_s:
        now_s += gap_s
        steps += pace.steps_due(now_s)
        assert 0 <= pace.wait_s(now_s) <= 0.0101
    assert steps * 0.01 + pace.lag_s == pytest.approx(now_s, abs=0.0101)
