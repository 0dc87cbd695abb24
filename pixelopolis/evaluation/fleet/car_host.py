"""One car: the very control loop, pilot and eyes of a real one as a process that starts, dies and starts again."""

from __future__ import annotations

import random
from collections.abc import Callable

from car.board_keeper import BoardKeeper
from car.camera.frame import Frame
from car.control_loop import ControlLoop, Listeners
from car.piloting.pilot import Pilot
from car.wheels import Odometer
from city.city import City
from fleet.clock import Clock
from fleet.messages import Hello, Report
from pixelopolis.evaluation.fleet.board import LockstepBoard
from pixelopolis.evaluation.fleet.line import Line
from pixelopolis.evaluation.fleet.server_host import ServerHost
from pixelopolis.evaluation.fleet.starting import device_of
from pixelopolis.evaluation.fleet.surrogate.scene import Scene
from pixelopolis.evaluation.fleet.vision import VisionKit

RESTART_S = 4.0  # a supervisor's 2 s (pixelopolis.demo.fleet.RESTART_DELAY_S) and 2 s to load the networks


class _Camera:
    """The newest picture; whoever waits for it never waits, as the simulation asks when it is due."""

    def __init__(self, kit: VisionKit) -> None:
        self._kit = kit
        self._frame: Frame | None = None
        self.scene: Scene | None = None
        self.is_frozen = False

    @property
    def error(self) -> str | None:
        """Always None: a frozen camera does not say so."""
        return None

    def take(self, scene: Scene) -> None:
        """Take a picture, unless frozen."""
        if not self.is_frozen:
            sequence = 0 if self._frame is None else self._frame.sequence + 1
            self.scene = scene
            self._frame = Frame(self._kit.picture(scene), sequence, scene.captured_s)

    def wait_newer(self, sequence: int, timeout_s: float) -> Frame | None:  # noqa: ARG002  # see above
        """The newest picture if it is newer."""
        return self._frame if self._frame is not None and self._frame.sequence > sequence else None


class CarHost:
    """Runs one car process after the other on the same board and camera."""

    def __init__(
        self,
        car_id: str,
        city: City,
        board: LockstepBoard,
        server: ServerHost,
        kit: VisionKit,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self.car_id = car_id
        self.board = board
        self._city = city
        self._server = server
        self._kit = kit
        self._clock = clock
        self._rng = rng
        self._camera = _Camera(kit)
        self._start_s: float | None = clock.now_s()
        self._loop: ControlLoop | None = None
        self.line = self._new_line()
        self.report: Report | None = None  # what it last made, told or not

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._loop is not None

    def kill(self, down_s: float = RESTART_S) -> None:
        """End the process at once; another one is started after `down_s`."""
        if self._loop is not None:
            self.line.hang_up()
        self._loop, self.report = None, None
        self._start_s = self._clock.now_s() + down_s

    def freeze_camera(self, is_frozen: bool) -> None:
        """Whether the camera gives no new pictures."""
        self._camera.is_frozen = is_frozen

    def take_picture(self, scene: Callable[[], Scene]) -> None:
        """The camera's moment."""
        if self._loop is not None:
            self._camera.take(scene())

    def control(self) -> None:
        """One step of the control loop; a process that is due is started instead."""
        if self._loop is not None:
            self._loop.step()
        elif self._start_s is not None and self._clock.now_s() >= self._start_s:
            self._start()

    def _start(self) -> None:
        was_cut, late_s = self.line.is_cut, self.line.late_s  # faults of the network outlive a process
        self.line = self._new_line()
        self.line.is_cut, self.line.late_s = was_cut, late_s
        self._camera.scene = None
        self._start_s = None
        self._loop = ControlLoop(
            self._camera,
            self._kit.eyes(lambda: self._camera.scene, self._rng),
            Pilot(self._city),
            BoardKeeper(self.board.open, Odometer()),
            self.line.words,
            Listeners(self._take_report, lambda _: None),
            self._clock,
        )

    def _take_report(self, report: Report) -> None:
        self.report = report
        self.line.publish(report)

    def _new_line(self) -> Line:
        hello = Hello(car_id=self.car_id, device_id=device_of(self.car_id), software="evaluation")
        return Line(hello, self._server, self._clock, self._rng)
