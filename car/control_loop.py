"""The control loop: newest picture in, wheels out, in one thread, at least every 50 ms."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from car.board_keeper import BoardKeeper
from car.camera.frame import Frame
from car.perception.perception import Perception
from car.piloting.orders import ServerWords
from car.piloting.pilot import Pilot
from car.piloting.pilot_state import PilotInputs, PilotOutputs, PilotState
from car.snapshot import Snapshot
from car.timing import LoopTimer
from city.city import Command
from fleet.clock import Clock
from fleet.messages import Report

# After the last wheel command; then the wheels hear from the car even without a new picture. Leaves 20 ms of the
# deadline for a picture that comes just before.
FRAME_WAIT_S = 0.030


class FrameFeed(Protocol):
    """Where frames come from."""

    @property
    def error(self) -> str | None:
        """Why no frames come."""
        ...

    def wait_newer(self, sequence: int, timeout_s: float) -> Frame | None:
        """The newest frame once its sequence is above `sequence`; None if none comes in time."""
        ...


class Sight(Protocol):
    """What makes sense of frames."""

    def look(self, frame: Frame, command: Command) -> Perception:
        """What is on the frame."""
        ...


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who wants to know: called in every step, must return at once."""

    report: Callable[[Report], None]
    snapshot: Callable[[Snapshot], None]


class ControlLoop:
    """Owns eyes, pilot and board."""

    def __init__(
        self,
        feed: FrameFeed,
        sight: Sight,
        pilot: Pilot,
        board: BoardKeeper,
        words: Callable[[], ServerWords],
        listeners: Listeners,
        clock: Clock,
    ) -> None:
        self._feed = feed
        self._sight = sight
        self._pilot = pilot
        self._board = board
        self._words = words
        self._listeners = listeners
        self._clock = clock
        self._state = PilotState()
        self._frame: Frame | None = None
        self._detected: Perception | None = None
        self._written_s = clock.now_s()
        self.timer = LoopTimer()

    @property
    def state(self) -> PilotState:
        """What the pilot knows."""
        return self._state

    def run(self, stopping: threading.Event) -> None:
        """Drive until `stopping` is set; then stop the wheels and let the board go, whatever happened."""
        gc.collect()
        gc.freeze()  # what lives as long as the car need not be walked through again by every collection
        try:
            while not stopping.is_set():
                self.step()
        finally:
            self._board.close()

    def step(self) -> PilotOutputs:
        """Wait for a picture, but not too long, and move the wheels."""
        left_s = self._written_s + FRAME_WAIT_S - self._clock.now_s()
        frame = self._feed.wait_newer(self._frame.sequence if self._frame else -1, max(0.0, left_s))
        started_s = self._clock.now_s()
        command = self._state.command
        perception = None if frame is None else self._sight.look(frame, command)
        reading = self._board.reading
        inputs = PilotInputs(
            perception=perception,
            odometry=reading.odometry,
            server=self._words(),
            faults=reading.faults,
            battery_v=reading.battery_v,
            control_rate_hz=self.timer.rate_hz,
        )
        self._state, outputs = self._pilot.step(self._state, inputs, self._clock.now_s())
        self._board.exchange(outputs.left_rad_s, outputs.right_rad_s, started_s)
        self._written_s = self._clock.now_s()
        self.timer.record(frame.captured_s if frame else None, started_s, self._written_s)
        self._listeners.report(outputs.report)
        if frame is not None and perception is not None:
            self._show(frame, perception, outputs, command)
        return outputs

    def _show(self, frame: Frame, perception: Perception, outputs: PilotOutputs, command: Command) -> None:
        self._frame = frame
        if perception.signs is not None or self._detected is None:
            self._detected = perception
        course = self._state.course
        place = course.order.place if course else None
        self._listeners.snapshot(Snapshot(frame, self._detected, outputs, place, self._written_s, command))
