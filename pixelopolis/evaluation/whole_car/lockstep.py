"""Time that passes only when the car waits for it, and a camera on that time."""

from __future__ import annotations

from collections.abc import Callable

from car.camera.frame import Frame, Picture
from fleet.clock import ManualClock

STEP_S = 0.01
FRAME_PERIOD_S = 0.04
EPSILON_S = 1e-9


class LockstepTime(ManualClock):
    """A clock that moves a world along."""

    def __init__(self, step: Callable[[float], None]) -> None:
        super().__init__()
        self._step = step

    def pass_time(self, duration_s: float) -> None:
        """Let time pass, in steps that the world can take."""
        left_s = duration_s
        while left_s > EPSILON_S:
            step_s = min(STEP_S, left_s)
            self._step(step_s)
            self.advance(step_s)
            left_s -= step_s


class LockstepCamera:
    """Takes a picture every `FRAME_PERIOD_S`; who waits for it lets the time pass until then."""

    def __init__(self, time: LockstepTime, take: Callable[[], Picture]) -> None:
        self._time = time
        self._take = take
        self._due_s = FRAME_PERIOD_S
        self._sequence = 0

    @property
    def error(self) -> str | None:
        """Always None: it never fails."""
        return None

    def wait_newer(self, sequence: int, timeout_s: float) -> Frame | None:  # noqa: ARG002  # each picture is new
        """The next picture; None if it is not due in time."""
        wait_s = self._due_s - self._time.now_s()
        if wait_s > timeout_s:
            self._time.pass_time(timeout_s)
            return None
        self._time.pass_time(max(0.0, wait_s))
        self._due_s = max(self._due_s, self._time.now_s()) + FRAME_PERIOD_S
        self._sequence += 1
        return Frame(self._take(), self._sequence, self._time.now_s())
