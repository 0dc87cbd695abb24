"""One ride of the whole car, in lockstep: the very loop that drives a real one, on a simulated board and camera."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from car.board_keeper import BoardKeeper
from car.camera.frame import Frame, Picture
from car.config import CarConfig
from car.control_loop import ControlLoop, Listeners
from car.perception.eyes import Eyes
from car.perception.perception import Perception
from car.piloting.orders import ServerWords
from car.piloting.pilot import Pilot
from car.run import open_eyes
from car.wheels import Odometer
from city.city import City, Command
from city.files import load_city
from city.route_line import RouteLine
from firmware_bridge.board import Board
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.handlers.protocol_lockstep import LockstepBoard, offer, withdraw
from fleet.messages import Position, Release, Search, Welcome
from models.detector.pictures.truth import frame_boxes
from models.lane.evaluation.conditions import ORDINARY_CAMERA
from models.lane.photographing.photographer import own_photographer
from models.lane.photographing.scenes import HELD_OUT_SEED
from pixelopolis.evaluation.whole_car.encounters import SIGHT_FROM_M
from pixelopolis.evaluation.whole_car.leader import Leader
from pixelopolis.evaluation.whole_car.lockstep import LockstepCamera, LockstepTime
from pixelopolis.evaluation.whole_car.moments import Ahead, Moment, Ride
from server.traffic.planning import make_order
from sim.expert import wandering_route
from sim.render.camera import CameraView
from sim.render.car_mesh import CAR_PAINTS, CarInstance
from sim.world import World

CAR, LEADER = "car-1", "car-2"
WHEEL_MISMATCH = 0.02
START_STATION_M = 0.12
LEADER_AHEAD_M = (1.2, 2.4)
ROUTE_EDGES = 40
END_MARGIN_M = 0.5
LOOK_S = 0.02  # from a picture to the wheel command, on a small computer
SEARCH_M = 2.0
STANDING_MPS = 0.005
HARDNESS = 0.5


@dataclass(frozen=True, slots=True)
class RidePlan:
    """What to drive; the same plan gives the same ride."""

    seed: int
    index: int
    city: str
    look: str | None  # one of `models.lane.photographing.looks`, on top of a random one
    with_leader: bool
    seconds: float


def ride(plan: RidePlan, detector: Path | None = None) -> Ride:
    """Drive a plan.

    Args:
        plan: what to drive.
        detector: a .tflite with its .json; the shipped one when not given.

    Raises:
        CityError: if there is no such city.
        ModelError: if a model cannot be used.
        RenderError: if this machine cannot render.
    """
    config = CarConfig() if detector is None else CarConfig(detector_model=detector)
    return _Stage(plan, config).drive()


class _Stage:
    """A world with a car in it, and who writes down what happens."""

    def __init__(self, plan: RidePlan, config: CarConfig) -> None:
        self._plan, self._config = plan, config
        self._rng = np.random.default_rng([HELD_OUT_SEED, plan.seed, plan.index, 7])
        self._city: City = load_city(plan.city)
        edges = sorted(self._city.edges)
        start = edges[int(self._rng.integers(len(edges)))]
        self._line = RouteLine(self._city, wandering_route(self._city, start, ROUTE_EDGES, self._rng))
        self._leader = self._new_leader() if plan.with_leader else None
        self._boards = {name: self._new_board(k) for k, name in enumerate((CAR, LEADER) if self._leader else (CAR,))}
        starts = {CAR: self._line.pose_at(START_STATION_M)}
        if self._leader is not None:
            starts[LEADER] = self._leader.pose
        self._world = World(self._city, plan.seed, self._boards, starts)
        self._time = LockstepTime(self._step)
        self._eyes = _TimedEyes(open_eyes(config), self._time)
        self._station_m = START_STATION_M
        self._mounting = ORDINARY_CAMERA.sample(self._rng)
        self._photographer = own_photographer()
        self._photographer.set_up(self._city, self._rng, HARDNESS, look=plan.look, held_out=True)
        self._paint = int(self._rng.integers(len(CAR_PAINTS)))
        self._order = make_order(self._city, f"ride-{plan.index}", self._line.edges)
        self._taken: Moment | None = None
        self._moments: list[Moment] = []

    def drive(self) -> Ride:
        """Until the time is over, the route is, or the car has left it."""
        url = offer(CAR, LockstepBoard(self._boards[CAR].receive, self._time.pass_time))
        loop = ControlLoop(
            LockstepCamera(self._time, self._take),
            self._eyes,
            Pilot(self._city),
            BoardKeeper(lambda: Board.open(url, clock=self._time), Odometer()),
            self._words,
            Listeners(lambda _: None, lambda _: None),
            self._time,
        )
        ended = "time"
        while self._time.now_s() < self._plan.seconds and ended == "time":
            self._taken = self._eyes.seen = None
            loop.step()
            self._note(loop)
            ended = self._ended() or ended
        withdraw(CAR)
        return Ride(
            self._city,
            self._line,
            self._config.camera.geometry(),
            tuple(self._moments),
            ended,
            self._world.collisions,
        )

    def _new_leader(self) -> Leader:
        return Leader(self._line, self._rng, START_STATION_M + float(self._rng.uniform(*LEADER_AHEAD_M)))

    def _new_board(self, number: int) -> BoardEmulator:
        left, right = self._rng.uniform(1 - WHEEL_MISMATCH, 1 + WHEEL_MISMATCH, 2).tolist()
        return BoardEmulator(seed=self._plan.seed + number, left_gain=left, right_gain=right)

    def _step(self, duration_s: float) -> None:
        if self._leader is not None:
            stands = abs(self._world.truth(CAR).speed_mps) < STANDING_MPS
            self._leader.step(duration_s, self._station_m, stands)
            if not self._leader.stands:
                self._world.place(LEADER, self._leader.pose)
        self._world.step(duration_s)

    def _words(self) -> ServerWords:
        """A server that lets the car drive all of the route."""
        now_s, line = self._time.now_s(), self._line
        last = len(line.edges) - 1
        return ServerWords(
            connected=True,
            welcome=Welcome(city=self._city.name, last_position=Position(edge=line.edges[0], s_m=START_STATION_M)),
            order=self._order,
            release=Release(order_id=self._order.order_id, index=last, s_m=line.edge_end_m(last)),
            release_heard_s=now_s,
            search=Search(distance_m=SEARCH_M),
            search_heard_s=now_s,
        )

    def _take(self) -> Picture:
        """A picture, and the truth of this moment."""
        pose = self._world.pose(CAR)
        self._station_m = self._line.project(pose.x_m, pose.y_m, self._station_m).s_m
        others = self._others()
        seat, camera = self._mounting.seat(pose), self._mounting.camera
        ahead = self._ahead(CameraView.on_car(seat, camera), others)
        self._taken = Moment(self._time.now_s(), pose, self._station_m, None, None, None, ahead=ahead)
        return self._photographer.take(seat, camera, others, self._rng)

    def _others(self) -> list[CarInstance]:
        return [] if self._leader is None else [CarInstance(LEADER, self._leader.pose, self._paint)]

    def _ahead(self, view: CameraView, others: list[CarInstance]) -> Ahead | None:
        if self._leader is None:
            return None
        gap_m = self._leader.gap_m(self._station_m)
        in_sight = False
        if gap_m <= SIGHT_FROM_M:
            ids = self._photographer.ids(view, others)
            boxes = frame_boxes(ids, view, self._city.signs, [car.pose for car in others])
            in_sight = any(box.label == "Car" and not box.difficult for box in boxes)
        return Ahead(self._leader.pose, gap_m, self._leader.stands, in_sight)

    def _note(self, loop: ControlLoop) -> None:
        """Put what the car made of the picture beside the truth."""
        if self._taken is None:
            return
        state, seen = loop.state, self._eyes.seen
        track = state.localisation.track
        self._moments.append(
            replace(
                self._taken,
                believed=None if track is None else track.position(self._city),
                signs=None if seen is None else seen.signs,
                cars=None if seen is None else seen.cars,
                seen_gap_m=state.traffic.seen_gap_m,
                blocked=state.traffic.blocked,
            )
        )

    def _ended(self) -> str | None:
        here = self._line.project(self._world.pose(CAR).x_m, self._world.pose(CAR).y_m, self._station_m)
        if abs(here.lateral_m) > self._city.lane_width_m / 2:
            return "lost"
        return "route" if self._station_m > self._line.length_m - END_MARGIN_M else None


class _TimedEyes:
    """Eyes that take as long as a small computer's."""

    def __init__(self, eyes: Eyes, time: LockstepTime) -> None:
        self._eyes, self._time = eyes, time
        self.seen: Perception | None = None

    def look(self, frame: Frame, command: Command) -> Perception:
        """What is on the frame."""
        self._time.pass_time(LOOK_S)
        self.seen = self._eyes.look(frame, command)
        return self.seen
