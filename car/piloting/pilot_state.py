"""What goes into a step of the pilot, what it remembers, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

from car.localisation.lane_place import LanePlace
from car.localisation.localiser import Localisation
from car.perception.perception import Perception
from car.perception.seen import LaneView
from car.piloting.battery import BatteryGauge
from car.piloting.hand import Hand, ReportTimes
from car.piloting.orders import Course, ServerWords
from car.piloting.traffic import Traffic
from car.wheels import Odometry
from city.city import Command
from fleet.messages import Report
from fleet.steering import curvature_from_steering


@dataclass(frozen=True, slots=True)
class PilotInputs:
    """Everything that a step may know."""

    perception: Perception | None  # of a picture that is new since the last step
    odometry: Odometry | None  # None while the board does not answer
    server: ServerWords
    faults: tuple[str, ...] = ()  # of board, camera or perception: the car must not drive
    battery_v: float = 0.0  # as last measured; 0 before that
    control_rate_hz: float | None = None


@dataclass(frozen=True, slots=True)
class RefusedOrder:
    """An order that does not fit where the car is."""

    order_id: str
    edge: int
    next_edge: int | None
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class PilotState:
    """Everything that a step remembers."""

    localisation: Localisation = field(default_factory=Localisation)
    course: Course | None = None
    index: int = 0  # step of the course on which the car is
    refused: RefusedOrder | None = None
    arrived: bool = False
    lane: LaneView | None = None
    captured_s: float | None = None
    traffic: Traffic = field(default_factory=Traffic)
    battery: BatteryGauge = field(default_factory=BatteryGauge)
    signs_seen: tuple[str, ...] = ()
    speed_mps: float = 0.0  # as last commanded
    search_start_m: float | None = None  # odometer when the search for a place began
    command: Command = Command.FOLLOW
    stepped_s: float | None = None
    reports: ReportTimes = field(default_factory=ReportTimes)
    hand: Hand | None = None  # of an operator, while it is on the car
    lane_place: LanePlace | None = None  # only then, and only while the place on the map is known

    @property
    def sequence(self) -> int:
        """Of the newest report."""
        return self.reports.sequence

    @property
    def curvature_per_m(self) -> float:
        """What the hand on the car wants, else the lane model; left positive."""
        if self.hand is not None:
            return self.hand.curvature_per_m
        return 0.0 if self.lane is None else curvature_from_steering(self.lane.steering)


@dataclass(frozen=True, slots=True)
class PilotOutputs:
    """What to do and what to say."""

    left_rad_s: float
    right_rad_s: float
    speed_mps: float
    curvature_per_m: float
    command: Command  # for the lane model's next picture
    report: Report
