"""How full a three-cell lithium-ion pack is, by its voltage, and for how long it will last."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from firmware_bridge.state import PACK_ABSENT_V

# Typical open-circuit voltages of three Li-ion cells; under the car's small load the sag is below 0.1 V.
VOLTAGES_V = (9.9, 10.5, 10.8, 11.1, 11.4, 11.7, 12.0, 12.6)
PERCENTS = (0.0, 5.0, 15.0, 35.0, 55.0, 72.0, 85.0, 100.0)

LOW_PERCENT = 15.0  # a ride across the city takes less than 1 % of a 3000 mAh pack
FIT_PERCENT = 25.0  # above LOW_PERCENT, so that a car does not waver between the two
SMOOTHING_S = 20.0  # longer than a start or a turn makes the voltage sag
SWAP_V = 0.4  # more than rest lets a voltage rise
RATE_SMOOTHING_S = 300.0
FIRST_RATE_AFTER_S = 60.0  # before, nothing is said of the time left
LEAST_RATE_PER_S = 100.0 / (24 * 3600)  # a full pack lasts a day at most


def battery_percent(voltage_v: float) -> float:
    """Charge in percent, 0 to 100."""
    if not VOLTAGES_V[0] < voltage_v < VOLTAGES_V[-1]:
        return PERCENTS[0] if voltage_v <= VOLTAGES_V[0] else PERCENTS[-1]
    k = bisect_right(VOLTAGES_V, voltage_v)
    share = (voltage_v - VOLTAGES_V[k - 1]) / (VOLTAGES_V[k] - VOLTAGES_V[k - 1])
    return PERCENTS[k - 1] + share * (PERCENTS[k] - PERCENTS[k - 1])


@dataclass(frozen=True, slots=True)
class BatteryGauge:
    """What is known of the pack in the car. Pure: `step` gives the next one.

    Attributes:
        voltage_v: smoothed; None before the first measurement and while there is no pack.
        is_low: the car should take nobody on board any more; stays until a pack has clearly more charge.
        used_s: for how long this pack has been watched.
        rate_per_s: smoothed percent that a second takes.
        stepped_s: time of the last measurement.
    """

    voltage_v: float | None = None
    is_low: bool = False
    used_s: float = 0.0
    rate_per_s: float = 0.0
    stepped_s: float = 0.0

    def step(self, voltage_v: float, now_s: float) -> BatteryGauge:
        """Take a measurement; another pack is noticed by its voltage."""
        if voltage_v < PACK_ABSENT_V:
            return replace(self, voltage_v=None, stepped_s=now_s)
        if self.voltage_v is None or voltage_v > self.voltage_v + SWAP_V:
            return BatteryGauge(voltage_v, _is_low(self.is_low, battery_percent(voltage_v)), stepped_s=now_s)
        passed_s = max(0.0, now_s - self.stepped_s)
        smoothed_v = self.voltage_v + (voltage_v - self.voltage_v) * passed_s / (SMOOTHING_S + passed_s)
        used_s = self.used_s + passed_s
        rate_per_s = self.rate_per_s
        if passed_s > 0:
            taken = (battery_percent(self.voltage_v) - battery_percent(smoothed_v)) / passed_s
            # A plain mean at first, so that the first seconds do not count for more than later ones.
            rate_per_s += (taken - rate_per_s) * passed_s / min(used_s, RATE_SMOOTHING_S)
        return BatteryGauge(smoothed_v, _is_low(self.is_low, battery_percent(smoothed_v)), used_s, rate_per_s, now_s)

    @property
    def percent(self) -> float:
        """Charge, 0 to 100; 0 when nothing is known."""
        return 0.0 if self.voltage_v is None else battery_percent(self.voltage_v)

    @property
    def left_s(self) -> float | None:
        """For how long the pack lasts at the present use, to nothing; None before that can be told."""
        if self.voltage_v is None or self.used_s < FIRST_RATE_AFTER_S:
            return None
        return self.percent / max(LEAST_RATE_PER_S, self.rate_per_s)


def _is_low(was_low: bool, percent: float) -> bool:
    return percent < (FIT_PERCENT if was_low else LOW_PERCENT)
