"""Operators who drive cars by hand: who has which wheel, what is passed on, and what they are shown."""

from __future__ import annotations

import itertools

from city.city import Command
from fleet.clock import Clock
from fleet.driving import Denial, DriveView, HandCommand, HandReleased
from fleet.faults import fault_codes
from fleet.messages import HAND_LATEST_S, DriveMode
from server.dispatch.car_lines import CarLines
from server.fleet_control.car_state import CarState
from server.fleet_control.fleet_state import FleetState
from server.fleet_control.hand import Hand
from server.rides.under_way import UnknownError

MESSAGES = {
    Denial.OPEN: "hold the switch to drive",
    Denial.NOT_HELD: "the car drives by itself: hold it first",
    Denial.ALL_STOPPED: "all cars are stopped",
    Denial.HELD_AGAIN: "somebody has held the car: let go of the switch",
    Denial.SILENT: "nothing was heard for too long: let go of the switch, then hold it again",
    Denial.LATE: "what was heard came too late: let go of the switch, then hold it again",
    Denial.CAR_SILENT: "the car is silent",
    Denial.FAULT: "the car has a fault",
    Denial.OTHER_OUT: "another car is driven outside its lane, and all others have to stand",
}


class WheelTakenError(Exception):
    """Another operator drives the car; the message says who."""


class DriveDesk:
    """Passes on what hands say at once: it grants nothing, so it waits for no store."""

    def __init__(self, fleet: FleetState, lines: CarLines, clock: Clock) -> None:
        self._fleet = fleet
        self._lines = lines
        self._clock = clock
        self._numbers = itertools.count(1)

    def take(self, car_id: str, operator: str) -> Hand:
        """Give the wheel of a car to an operator; a page of the same one that does not drive is turned out.

        Raises:
            UnknownError: if there is no such car.
            WheelTakenError: if another operator has it.
        """
        car = self._car(car_id)
        former = car.hand
        if former is not None and (former.operator != operator or former.is_gripped):
            raise WheelTakenError(f"{former.operator} drives {car_id}: only one can")
        car.hand = Hand(next(self._numbers), operator)
        return car.hand

    def leave(self, car_id: str, hand: Hand) -> None:
        """Take the wheel back; the car stops."""
        car = self._car(car_id)
        if car.hand is hand:
            hand.let_go()
            self._stop(car, hand)
            car.hand = None

    def has_wheel(self, car_id: str, hand: Hand) -> bool:
        """Whether no other hand has taken the wheel."""
        return self._car(car_id).hand is hand

    def hear(self, car_id: str, hand: Hand, said: HandCommand | HandReleased) -> None:
        """Take what a hand says, and pass it on if it counts."""
        car, now_s = self._car(car_id), self._clock.now_s()
        if car.hand is not hand:
            return
        if isinstance(said, HandReleased):
            hand.let_go()
        elif hand.hear(said, self._denial(car, now_s), now_s):
            self._wish(car, hand, said.turn)
            self._tell(car, hand, said)
        self._stop(car, hand)

    def watch(self) -> None:
        """End the grips that do not count any more; to be called often."""
        now_s = self._clock.now_s()
        for car in self._fleet.cars.values():
            if car.hand is not None:
                car.hand.watch(self._denial(car, now_s), now_s)
                self._stop(car, car.hand)

    def view(self, car_id: str, hand: Hand) -> DriveView:
        """What the operator is shown now."""
        car, now_s = self._car(car_id), self._clock.now_s()
        denial = None if hand.is_gripped else hand.ended_by or self._denial(car, now_s) or Denial.OPEN
        report, edges, movements = car.report, car.step_edges, self._fleet.city.movements
        faults = () if report is None else report.faults
        choice = self._open_choice(car)
        return DriveView(
            number=hand.new_view(now_s),
            obeyed=denial is None,
            denial=denial,
            message="" if denial is None else MESSAGES[denial],
            mode=None if report is None else report.mode,
            speed_mps=0.0 if report is None else report.speed_mps,
            limited_by=None if report is None else report.limited_by,
            wait_reason=car.wait_reason,
            faults=faults,
            fault_codes=fault_codes(faults),
            place_known=report is not None and report.position is not None,
            turn=movements[edges[0], edges[1]].command if len(edges) > 1 else None,
            choice=None if choice is None else movements[choice].command,
            choices=() if choice is None else tuple(way.command for way in self._fleet.city.successors(choice[0])),
        )

    def _car(self, car_id: str) -> CarState:
        if car_id not in self._fleet.cars:
            raise UnknownError(f"there is no car {car_id}")
        return self._fleet.cars[car_id]

    def _stop(self, car: CarState, hand: Hand) -> None:
        if hand.has_to_stop:
            self._tell(car, hand, None)

    def _denial(self, car: CarState, now_s: float) -> Denial | None:
        """Why a hand does not count now."""
        acts = self._fleet.acts
        if acts.stopped:
            return Denial.ALL_STOPPED
        if car.car_id not in acts.held_cars:
            return Denial.NOT_HELD
        if car.report is None or now_s - car.last_seen_s > HAND_LATEST_S:
            return Denial.CAR_SILENT
        if car.report.mode is DriveMode.STOPPED:
            return Denial.FAULT
        return Denial.OTHER_OUT if self._fleet.clearance.halts(car.car_id) else None

    def _wish(self, car: CarState, hand: Hand, turn: Command | None) -> None:
        choice = self._open_choice(car)
        if turn is None or choice is None:
            return
        for way in self._fleet.city.successors(choice[0]):
            if way.command is turn:
                hand.way = (way.from_edge, way.to_edge)

    def _open_choice(self, car: CarState) -> tuple[int, int] | None:
        """The first edge ahead with several ways on of which none is granted yet, and where the car's order goes."""
        holding = self._fleet.right_of_way.holdings.get(car.car_id)
        if holding is None:
            return None
        ahead = itertools.pairwise(car.step_edges[len(holding.way) - 1 :])
        return next((way for way in ahead if len(self._fleet.city.successors(way[0])) > 1), None)

    def _tell(self, car: CarState, hand: Hand, command: HandCommand | None) -> None:
        if car.report is None:
            return
        is_clear = self._fleet.clearance.is_given(car.car_id, self._fleet.cars, self._clock.now_s())
        self._lines.pass_on(car.car_id, hand.manual(car.report.sequence, command, may_leave_lane=is_clear))
