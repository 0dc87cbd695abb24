"""Makes the faults of a schedule happen, ends them, and notes when what they hit is back in service."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from city.geometry import Pose
from fleet.clock import Clock
from fleet.messages import DriveMode
from pixelopolis.evaluation.fleet.car_host import CarHost
from pixelopolis.evaluation.fleet.closures import Closures
from pixelopolis.evaluation.fleet.faults import Fault, FaultKind
from pixelopolis.evaluation.fleet.obstacles import Obstacles
from pixelopolis.evaluation.fleet.server_host import RESTART_S, ServerHost
from server.fleet_control.fleet_state import FleetState
from sim.world import World

EMPTY_CHARGE = 0.08  # below the 15 % from which a car counts as low
LATE_S = 1.0  # each message, at most; a car stops after 0.7 s without a release
MOVED_M = 0.10  # farther than a car rolls on after a fault
GIVEN_UP_S = 600.0  # a car that is not back by then is stranded


@dataclass
class Case:
    """A fault and what came of it."""

    fault: Fault
    over_s: float | None = None  # when the fault itself was over; None before that
    back_s: float | None = None  # when all that it hit was back in service
    edge: int | None = None  # that was blocked or closed
    given_up: bool = False
    skipped: bool = False  # it could not be done without hurting anybody, or the server did not take it
    left_at: dict[str, Pose] = field(default_factory=dict)  # where the cars were when it was over

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.back_s is not None or self.given_up or self.skipped

    @property
    def recovery_s(self) -> float | None:
        """From the end of the fault to being back."""
        return None if self.back_s is None or self.over_s is None else self.back_s - self.over_s


class Chaos:
    """Carries a schedule out."""

    def __init__(
        self,
        cars: Mapping[str, CarHost],
        server: ServerHost,
        world: World,
        obstacles: Obstacles,
        closures: Closures,
        clock: Clock,
    ) -> None:
        self.cases: list[Case] = []
        self._cars = cars
        self._server = server
        self._world = world
        self._obstacles = obstacles
        self._closures = closures
        self._clock = clock
        self._waiting: list[Case] = []
        self._active: list[Case] = []

    def schedule(self, faults: Sequence[Fault]) -> None:
        """Let these happen, in the order in which they begin."""
        self.cases = [Case(fault) for fault in faults]
        self._waiting = list(self.cases)

    @property
    def active_cases(self) -> int:
        """Faults of which something that they hit is not back yet."""
        return len(self._active)

    async def step(self) -> None:
        """Begin, end and judge what is due."""
        now_s = self._clock.now_s()
        while self._waiting and self._waiting[0].fault.start_s <= now_s:
            case = self._waiting.pop(0)
            await self._begin(case)
            if not case.skipped:
                self._active.append(case)
        for case in self._active:
            if case.over_s is None and now_s >= self._due_s(case.fault):
                if not await self._end(case):
                    continue
                case.over_s = now_s
                case.left_at = {car_id: self._world.pose(car_id) for car_id in self._cars}
            elif case.over_s is not None:
                self._judge(case, now_s)
        self._active = [case for case in self._active if not case.is_closed]

    def _due_s(self, fault: Fault) -> float:
        return fault.start_s + RESTART_S if fault.kind is FaultKind.KILL_SERVER else fault.end_s

    async def _begin(self, case: Case) -> None:
        fault = case.fault
        match fault.kind:
            case FaultKind.KILL_CAR:
                self._cars[fault.car_id].kill()
            case FaultKind.KILL_SERVER:
                self._server.kill()
            case FaultKind.CUT_LINK:
                self._cars[fault.car_id].line.is_cut = True
            case FaultKind.DELAY_MESSAGES:
                self._cars[fault.car_id].line.late_s = LATE_S
            case FaultKind.EMPTY_BATTERY:
                self._cars[fault.car_id].board.battery.charge = EMPTY_CHARGE
            case FaultKind.FREEZE_CAMERA:
                self._cars[fault.car_id].freeze_camera(True)
            case FaultKind.BLOCK_ROAD if fault.edge is not None:
                case.edge = self._obstacles.put(fault.edge)
                case.skipped = case.edge is None
            case FaultKind.CLOSE_ROAD if fault.edge is not None:
                case.edge = await self._closures.close(fault.edge)
                case.skipped = case.edge is None

    async def _end(self, case: Case) -> bool:
        """Mend what does not mend itself; whether that could be done now."""
        fault = case.fault
        match fault.kind:
            case FaultKind.KILL_SERVER:
                await self._server.start()
            case FaultKind.CUT_LINK:
                self._cars[fault.car_id].line.is_cut = False
            case FaultKind.DELAY_MESSAGES:
                self._cars[fault.car_id].line.late_s = 0.0
            case FaultKind.FREEZE_CAMERA:
                self._cars[fault.car_id].freeze_camera(False)
            case FaultKind.BLOCK_ROAD if case.edge is not None:
                self._obstacles.take_away(case.edge)
            case FaultKind.CLOSE_ROAD if case.edge is not None:
                return await self._closures.open(case.edge)
        return True

    def _judge(self, case: Case, now_s: float) -> None:
        dispatcher = self._server.dispatcher
        if dispatcher is not None:
            concerned = {case.fault.car_id} if case.fault.car_id else set(self._cars) - self._hit(case)
            concerned = {car_id for car_id in concerned if not self._is_back(case, dispatcher.fleet, car_id)}
            if not concerned:
                case.back_s = now_s
                return
        case.given_up = case.over_s is not None and now_s - case.over_s > GIVEN_UP_S

    def _hit(self, case: Case) -> set[str]:
        """Cars that another fault keeps."""
        return {other.fault.car_id for other in self._active if other is not case}

    def _is_back(self, case: Case, fleet: FleetState, car_id: str) -> bool:
        """Whether a car works, may take visitors, and has moved since the fault or stands where it was to go."""
        car = fleet.cars.get(car_id)
        host = self._cars[car_id]
        knows_place = host.report is not None and host.report.position is not None  # by its present process
        if car is None or not car.is_fit or car.report is None or not knows_place:
            return False
        if case.fault.kind is FaultKind.EMPTY_BATTERY and host.board.battery.charge <= EMPTY_CHARGE:
            return False
        here, there = self._world.pose(car_id), case.left_at[car_id]
        moved = math.hypot(here.x_m - there.x_m, here.y_m - there.y_m) > MOVED_M
        return moved or car.report.mode is DriveMode.ARRIVED
