"""Whether a motor's reply belongs to this request. Packets carry no number, but every device has a clock."""

from __future__ import annotations

from collections.abc import Mapping

TICK_RANGE = 32768  # the motors' clock starts again from zero there
# How old a reply may be at most. Less than the period of a control loop of up to 100 Hz, so that no reply to an
# earlier request passes; more than what lies between the board's and the last motor's part of one answer.
SLACK_MS = 8.0
RESTART_MS = 100.0  # less than what a start sets a motor's clock back
DRIFT_SHARE = 0.25  # how fast the expected difference follows: motors' oscillators differ by up to a percent or so


class ClockWatch:
    """Compares the motors' clocks with the board's, whose reply is known to be fresh."""

    def __init__(self) -> None:
        self._offsets_ms: dict[int, float] = {}

    def set(self, uptime_ms: int, ticks_ms: Mapping[int, int]) -> set[int]:
        """Take clocks that were read just now, on a line known to be clean, as the measure of all later ones.

        Returns the ids of devices that have started since the last time, or were not known.
        """
        started = {k for k, tick_ms in ticks_ms.items() if not self._runs_on(k, tick_ms - uptime_ms)}
        self._offsets_ms = {k: float((tick_ms - uptime_ms) % TICK_RANGE) for k, tick_ms in ticks_ms.items()}
        return started

    def stale(self, uptime_ms: int, ticks_ms: Mapping[int, int]) -> int | None:
        """The id of a device whose clock does not fit the board's; None if all do. Follows slow drift."""
        slips_ms = {k: self._slip_ms(k, tick_ms - uptime_ms) for k, tick_ms in ticks_ms.items()}
        worst = max(slips_ms, key=lambda k: abs(slips_ms[k]))
        if abs(slips_ms[worst]) > SLACK_MS:
            return worst
        for k, slip_ms in slips_ms.items():
            self._offsets_ms[k] = (self._offsets_ms[k] + DRIFT_SHARE * slip_ms) % TICK_RANGE
        return None

    def _runs_on(self, device_id: int, offset_ms: int) -> bool:
        return device_id in self._offsets_ms and abs(self._slip_ms(device_id, offset_ms)) <= RESTART_MS

    def _slip_ms(self, device_id: int, offset_ms: int) -> float:
        half = TICK_RANGE / 2
        return (offset_ms - self._offsets_ms[device_id] + half) % TICK_RANGE - half
