"""Real time in steps: how many are due, and how much time had to be given up."""

from __future__ import annotations

import math


class Pace:
    """Keeps a simulation in step with a clock. When it falls too far behind, it gives up time instead of racing."""

    def __init__(self, now_s: float, step_s: float = 0.01, max_steps: int = 5) -> None:
        """Start at `now_s`; at most `max_steps` steps of `step_s` are made up for at once."""
        self.step_s = step_s
        self.lag_s = 0.0
        self._max_steps = max_steps
        self._done_s = now_s

    def steps_due(self, now_s: float) -> int:
        """How many steps to take now. What lies beyond `max_steps` is added to `lag_s` and never made up for."""
        due = max(0, math.floor((now_s - self._done_s) / self.step_s + 1e-9))
        dropped = max(0, due - self._max_steps)
        self.lag_s += dropped * self.step_s
        self._done_s += due * self.step_s
        return due - dropped

    def wait_s(self, now_s: float) -> float:
        """Time until the next step is due, 0 if one is."""
        return max(0.0, self._done_s + self.step_s - now_s)
