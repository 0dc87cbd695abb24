"""How long it takes from a picture to the wheels, and how regularly the wheels hear from the car."""

from __future__ import annotations

import math
from collections import deque

from pydantic import BaseModel, ConfigDict

DEADLINE_S = 0.05  # longest pause allowed between two wheel commands
REMEMBERED = 1500  # newest samples that count: a minute at 25 Hz
RATE_OVER = 50  # of them that the rate is taken from


class LoopTimes(BaseModel):
    """Statistics of the control loop; times in milliseconds, None before there are any."""

    model_config = ConfigDict(frozen=True)

    steps: int
    frames: int
    rate_hz: float | None
    frame_to_wheels_p50_ms: float | None
    frame_to_wheels_p99_ms: float | None
    frame_to_wheels_max_ms: float | None
    step_p50_ms: float | None
    step_p99_ms: float | None
    deadline_ms: float
    missed_deadlines: int
    missed_share: float


class LoopTimer:
    """Collects samples; written by the control loop, read by anyone."""

    def __init__(self) -> None:
        self._delays_s: deque[float] = deque(maxlen=REMEMBERED)
        self._works_s: deque[float] = deque(maxlen=REMEMBERED)
        self._written_s: deque[float] = deque(maxlen=REMEMBERED)
        self._missed = self._steps = self._frames = 0

    def record(self, captured_s: float | None, started_s: float, written_s: float) -> None:
        """Note a wheel command: when its picture was taken (None: no new one), and when its step began and ended."""
        if self._written_s and written_s - self._written_s[-1] > DEADLINE_S:
            self._missed += 1
        self._steps += 1
        self._written_s.append(written_s)
        if captured_s is not None:
            self._frames += 1
            self._delays_s.append(written_s - captured_s)
            self._works_s.append(written_s - started_s)

    @property
    def rate_hz(self) -> float | None:
        """Wheel commands per second over the newest two seconds or so."""
        written_s = self._written_s
        count = min(RATE_OVER, len(written_s))
        if count < 2 or written_s[-1] <= written_s[-count]:
            return None
        return (count - 1) / (written_s[-1] - written_s[-count])

    def summary(self) -> LoopTimes:
        """Statistics so far; percentiles over the newest minute."""
        delays_s, works_s = sorted(self._delays_s), sorted(self._works_s)
        return LoopTimes(
            steps=self._steps,
            frames=self._frames,
            rate_hz=self.rate_hz,
            frame_to_wheels_p50_ms=_percentile_ms(delays_s, 0.50),
            frame_to_wheels_p99_ms=_percentile_ms(delays_s, 0.99),
            frame_to_wheels_max_ms=_percentile_ms(delays_s, 1.0),
            step_p50_ms=_percentile_ms(works_s, 0.50),
            step_p99_ms=_percentile_ms(works_s, 0.99),
            deadline_ms=DEADLINE_S * 1e3,
            missed_deadlines=self._missed,
            missed_share=self._missed / self._steps if self._steps else 0.0,
        )


def _percentile_ms(ordered_s: list[float], share: float) -> float | None:
    """Nearest-rank percentile."""
    if not ordered_s:
        return None
    return ordered_s[max(0, math.ceil(share * len(ordered_s)) - 1)] * 1e3
