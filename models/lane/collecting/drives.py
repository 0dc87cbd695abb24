"""Frames along drives: somebody steers, the expert says what would have been right (DAgger, Ross et al. 2011)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from car.perception.lane import LaneModel
from city.city import City, Command
from city.route_line import RouteLine
from models.lane.closed_loop.drive import Mechanics
from models.lane.closed_loop.journey import BgrFrame, Journey, Moment, PilotHabits
from models.lane.collecting.approaches import CommandWindow
from models.lane.collecting.notebook import Notebook
from models.lane.photographing.photographer import Photographer
from models.lane.photographing.scenes import CameraSpread, Leader, Mounting
from sim.expert import wandering_route

FRAME_PERIOD_S = 0.08  # every second camera frame
ROUTE_EDGES = 8
DELAY_S, MISMATCH = (0.05, 0.10), 0.035
PUSH_SHARE = 0.04  # of frames at which a push begins
PUSH_STEERING = 0.7
PUSH_FRAMES = (2, 8)
RESCUE_LATERAL_M = 0.10  # from here on the expert steers until the car is back
RESCUED_LATERAL_M = 0.03

Driver = Callable[[BgrFrame, Moment], float]  # steering for what is seen
NewDriver = Callable[[], Driver]  # one who has seen nothing yet, for each drive


def expert_driver() -> Driver:
    """The expert itself, for data that starts from nothing but has frames in a row."""
    return lambda _, moment: moment.label.steering


def model_driver(path: Path) -> NewDriver:
    """A trained model at the wheel.

    Raises:
        ModelError: if the file cannot be used.
    """
    model = LaneModel(path, memory_every=1)  # these frames are as far apart as those it learnt from

    def new() -> Driver:
        model.reset()
        return lambda frame, moment: model.look(frame, moment.command).steering

    return new


def photograph_drives(
    city: City, wanted: int, book: Notebook, photographer: Photographer, driver: NewDriver, rng: np.random.Generator
) -> None:
    """Drive through the city until `book` holds `wanted` frames, with pushes off the line now and then."""
    edges = sorted(city.edges)
    drive = 0
    while len(book) < wanted:
        start = edges[int(rng.integers(len(edges)))]
        line = RouteLine(city, wandering_route(city, start, ROUTE_EDGES, rng))
        window = CommandWindow.sample(rng)
        journey = Journey(
            city,
            line,
            Mechanics.sample(rng, DELAY_S, MISMATCH),
            frame_period_s=FRAME_PERIOD_S,
            habits=PilotHabits(window.before_stop_line_m, window.past_movement_m),
            start_lateral_m=float(rng.normal(0, 0.03)),
            start_heading_rad=float(rng.normal(0, 0.1)),
        )
        photographer.change_exposure(rng)
        seat = _Seat(book, photographer, driver(), line, drive, rng)
        journey.drive((wanted - len(book)) * FRAME_PERIOD_S - 1e-6, seat.steer)
        drive += 1


class _Seat:
    """Where a drive's frames are taken and its steering is decided."""

    def __init__(
        self,
        book: Notebook,
        photographer: Photographer,
        driver: Driver,
        line: RouteLine,
        drive: int,
        rng: np.random.Generator,
    ) -> None:
        self._book, self._photographer, self._driver = book, photographer, driver
        self._drive, self._rng = drive, rng
        self._mounting: Mounting = CameraSpread().sample(rng)
        self._leader = Leader.sample(line, rng)
        self._pushes = _Pushes(rng)

    def steer(self, moment: Moment) -> float:
        cars = self._leader.seen_from(moment.label.station_m)
        frame = self._photographer.take(self._mounting.seat(moment.pose), self._mounting.camera, cars, self._rng)
        self._book.note(frame, moment.label, moment.command, drive=self._drive)
        return self._pushes.applied(self._driver(frame, moment), moment)


class _Pushes:
    """Disturbs a driver at random, and lets the expert take over when the car is about to leave its lane."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._frames_left = 0
        self._push = 0.0
        self._rescuing = False

    def applied(self, steering: float, moment: Moment) -> float:
        """The steering to use instead of the driver's."""
        label = moment.label
        limit_m = RESCUED_LATERAL_M if self._rescuing else RESCUE_LATERAL_M
        self._rescuing = abs(label.lateral_m) > limit_m
        if self._rescuing:
            self._frames_left = 0
            return label.steering
        turning = moment.command in (Command.LEFT, Command.RIGHT)  # where a car sees least of where it is
        if self._frames_left == 0 and not turning and self._rng.random() < PUSH_SHARE:
            self._frames_left = int(self._rng.integers(*PUSH_FRAMES))
            self._push = float(self._rng.uniform(-PUSH_STEERING, PUSH_STEERING))
        if self._frames_left > 0:
            self._frames_left -= 1
            return steering + self._push
        return steering
