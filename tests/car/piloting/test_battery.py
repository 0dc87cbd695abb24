"""The battery's gauge: what it makes of voltages that sag, tremble, fall and are swapped."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.piloting.battery import FIT_PERCENT, LOW_PERCENT, BatteryGauge, battery_percent

PERIOD_S = 0.05


def watched(gauge: BatteryGauge, voltages_v: list[float], period_s: float = PERIOD_S) -> BatteryGauge:
    for voltage_v in voltages_v:
        gauge = gauge.step(voltage_v, gauge.stepped_s + period_s)
    return gauge


@given(st.floats(0, 20))
def test_percent_stays_within_its_bounds(voltage_v: float) -> None:
    assert 0 <= battery_percent(voltage_v) <= 100
    assert battery_percent(voltage_v + 0.1) >= battery_percent(voltage_v)


def test_nothing_is_known_at_first() -> None:
    gauge = BatteryGauge().step(0.0, 1.0)
    assert (gauge.percent, gauge.left_s, gauge.is_low) == (0.0, None, False)


def test_the_first_measurement_counts_at_once() -> None:
    gauge = BatteryGauge().step(11.4, 7.0)
    assert gauge.percent == pytest.approx(55.0)
    assert BatteryGauge().step(10.5, 7.0).is_low


def test_a_start_that_makes_the_voltage_sag_does_not_make_a_car_low() -> None:
    rested = watched(BatteryGauge(), [10.95] * 400)
    assert not watched(rested, [10.5] * 40).is_low  # two seconds
    assert watched(rested, [10.5] * 2000).is_low


def test_low_is_low_until_there_is_clearly_more() -> None:
    low = watched(BatteryGauge(), [10.7] * 200)
    assert low.percent < LOW_PERCENT
    assert low.is_low
    rested = watched(low, [10.9] * 8000)
    assert LOW_PERCENT < rested.percent < FIT_PERCENT
    assert rested.is_low


@given(st.lists(st.floats(9.0, 12.6), min_size=1, max_size=60), st.floats(0.01, 30.0))
def test_low_follows_percent(voltages_v: list[float], period_s: float) -> None:
    gauge = BatteryGauge()
    for voltage_v in voltages_v:
        gauge = gauge.step(voltage_v, gauge.stepped_s + period_s)
        assert gauge.is_low or gauge.percent >= LOW_PERCENT
        assert not gauge.is_low or gauge.percent < FIT_PERCENT
        assert gauge.left_s is None or gauge.left_s >= 0


def test_another_pack_is_noticed_at_once() -> None:
    low = watched(BatteryGauge(), [10.6] * 4000)
    swapped = low.step(12.4, low.stepped_s + 30.0)
    assert swapped.percent > 90
    assert not swapped.is_low
    assert swapped.left_s is None  # what the old one told does not count


def test_a_pack_that_is_out_for_a_while_is_forgotten() -> None:
    low = watched(BatteryGauge(), [10.6] * 200)
    out = watched(low, [0.2] * 10)
    assert (out.percent, out.left_s) == (0.0, None)
    assert out.is_low  # what comes back may be the same pack
    assert out.step(10.7, out.stepped_s + 1.0).is_low
    assert not out.step(12.0, out.stepped_s + 1.0).is_low


@pytest.mark.parametrize("minutes", [30, 120])
def test_time_left_is_told_from_use(minutes: int) -> None:
    """A pack that goes evenly from 80 to 40 percent in so many minutes has as long again to nothing."""
    rng = random.Random(minutes)
    gauge, seconds = BatteryGauge(), minutes * 60
    for second in range(seconds + 1):
        percent = 80.0 - 40.0 * second / seconds
        gauge = gauge.step(_voltage_v(percent) - rng.uniform(0.0, 0.06), float(second))
    assert gauge.left_s == pytest.approx(seconds, rel=0.25)


def _voltage_v(percent: float) -> float:
    """The voltage of a charge, by halving."""
    low_v, high_v = 9.9, 12.6
    for _ in range(40):
        middle_v = (low_v + high_v) / 2
        low_v, high_v = (middle_v, high_v) if battery_percent(middle_v) < percent else (low_v, middle_v)
    return low_v


def test_time_left_is_not_told_too_early() -> None:
    assert watched(BatteryGauge(), [11.5] * 100, period_s=0.5).left_s is None
    assert watched(BatteryGauge(), [11.5] * 100, period_s=1.0).left_s is not None
