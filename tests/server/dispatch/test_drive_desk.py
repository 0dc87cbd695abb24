"""Who has which wheel, what is passed on to the car, and how the fleet's rules take it."""

from __future__ import annotations

from functools import partial

import pytest

from city.city import City, Command
from fleet.clock import ManualClock
from fleet.driving import Denial, HandCommand, HandReleased
from fleet.messages import DriveMode, HandLimit, Manual, Search
from fleet.views import CarStatus
from pixelopolis.bench.served.car_double import CarDouble
from server.dispatch import views
from server.dispatch.car_lines import CarLines
from server.dispatch.dispatcher import Act
from server.dispatch.drive_desk import DriveDesk, WheelTakenError
from server.fleet_control.car_state import FREE_SEARCH_M
from server.fleet_control.clearance import KEPT_S, STANDS_AFTER_S
from server.fleet_control.hand import Hand
from server.fleet_control.operations import hold_car, release_car, resume_all, stop_all
from server.rides.under_way import UnknownError
from tests.server.scene import Scene

STEP_S = 0.1


class _Lines(CarLines):
    """Keeps what is passed on, and lets the doubles hear it."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self.passed: list[Manual] = []

    def pass_on(self, car_id: str, manual: Manual) -> None:
        self.passed.append(manual)
        next(car for car in self._scene.cars if car.car_id == car_id).hear(manual)


class Cockpit:
    """A scene with a desk, and an operator who drives `car-0`."""

    def __init__(self, city: City) -> None:
        self.scene = Scene(city)
        self.clock = ManualClock(self.scene.now_s)
        self.lines = _Lines(self.scene)
        self.desk = DriveDesk(self.scene.fleet, self.lines, self.clock)
        self.sequence = 0
        self.hand: Hand | None = None

    def sit_down(self, car: CarDouble) -> Hand:
        self.scene.go(0.2)
        hold_car(self.scene.fleet, car.car_id)
        self.scene.go(0.2)
        self.hand = self.desk.take(car.car_id, "alice")
        return self.hand

    def say(self, turn: Command | None = None) -> Denial | None:
        """One command, and what is seen afterwards."""
        assert self.hand is not None
        self.clock.advance(max(0.0, self.scene.now_s - self.clock.now_s()))
        number = self.desk.view("car-0", self.hand).number
        self.sequence += 1
        said = HandCommand(steering=0.0, speed_mps=0.1, sequence=self.sequence, state=number, turn=turn)
        self.desk.hear("car-0", self.hand, said)
        return self.desk.view("car-0", self.hand).denial

    def let_go(self) -> None:
        assert self.hand is not None
        self.desk.hear("car-0", self.hand, HandReleased(released=True))

    def may_leave_lane(self) -> bool:
        """As the car was told last."""
        return self.lines.passed[-1].may_leave_lane

    def drive(self, seconds: float, turn: Command | None = None) -> None:
        """Commands in every step, which the cars obey."""
        for _ in range(round(seconds / STEP_S)):
            self.say(turn)
            self.scene.go()
            for car in self.scene.cars:
                car.drive(0.03)


@pytest.fixture
def cockpit(city: City) -> Cockpit:
    return Cockpit(city)


def test_one_operator_at_a_wheel(cockpit: Cockpit) -> None:
    hand = cockpit.sit_down(cockpit.scene.car(2, 0.2))
    with pytest.raises(WheelTakenError, match="alice drives car-0: only one can"):
        cockpit.desk.take("car-0", "bob")
    with pytest.raises(UnknownError, match="there is no car car-9"):
        cockpit.desk.take("car-9", "bob")
    cockpit.desk.leave("car-0", hand)
    assert cockpit.desk.take("car-0", "bob").number > hand.number


def test_another_page_of_the_same_operator_takes_over_a_wheel_that_is_not_gripped(cockpit: Cockpit) -> None:
    first = cockpit.sit_down(cockpit.scene.car(2, 0.2))
    cockpit.say()
    with pytest.raises(WheelTakenError):
        cockpit.desk.take("car-0", "alice")
    cockpit.let_go()
    second = cockpit.desk.take("car-0", "alice")
    assert not cockpit.desk.has_wheel("car-0", first)
    cockpit.desk.leave("car-0", first)
    assert cockpit.desk.has_wheel("car-0", second)


@pytest.mark.parametrize(
    ("act", "take_back", "denial"),
    [
        (partial(release_car, car_id="car-0"), None, Denial.NOT_HELD),
        (stop_all, resume_all, Denial.ALL_STOPPED),
        (partial(hold_car, car_id="car-0"), None, Denial.HELD_AGAIN),
    ],
)
def test_only_a_car_that_is_held_by_itself_obeys(
    cockpit: Cockpit, act: Act, take_back: Act | None, denial: Denial
) -> None:
    cockpit.sit_down(cockpit.scene.car(2, 0.2))
    assert cockpit.say() is None
    assert [manual.released for manual in cockpit.lines.passed] == [False]
    act(cockpit.scene.fleet)
    cockpit.desk.watch()
    assert [manual.released for manual in cockpit.lines.passed] == [False, True]
    if take_back is not None:
        take_back(cockpit.scene.fleet)
    hold_car(cockpit.scene.fleet, "car-0")
    assert cockpit.say() is denial, "the switch was not let go"
    cockpit.let_go()
    assert cockpit.say() is None


def test_a_car_that_is_silent_or_at_fault_does_not_obey(cockpit: Cockpit) -> None:
    car = cockpit.scene.car(2, 0.2)
    cockpit.sit_down(car)
    assert cockpit.say() is None
    cockpit.scene.go(0.8, silent=(car,))
    assert cockpit.say() is Denial.CAR_SILENT
    cockpit.let_go()
    assert cockpit.say() is Denial.CAR_SILENT
    cockpit.let_go()
    car.mode = DriveMode.STOPPED
    cockpit.scene.go(0.2)
    assert cockpit.say() is Denial.FAULT


def test_nothing_changes_for_a_car_whose_wheel_nobody_touches(cockpit: Cockpit) -> None:
    car = cockpit.scene.car(2, 0.2)
    cockpit.scene.go(0.2)
    cockpit.scene.book("museum")
    cockpit.scene.go(0.2)
    order = car.order
    cockpit.hand = cockpit.desk.take("car-0", "alice")
    assert cockpit.say() is Denial.NOT_HELD
    hold_car(cockpit.scene.fleet, "car-0")
    cockpit.scene.go(0.2)
    assert car.order == order
    assert not views.car_view(cockpit.scene.fleet, cockpit.scene.fleet.cars["car-0"], cockpit.scene.now_s).driven


def test_it_is_granted_road_only_while_the_switch_is_held(cockpit: Cockpit) -> None:
    car = cockpit.scene.car(2, 0.44)
    cockpit.scene.car(6, 0.2)
    cockpit.sit_down(car)
    holding = cockpit.scene.fleet.right_of_way.holdings["car-0"]
    cockpit.scene.go(5.0)
    assert cockpit.scene.fleet.right_of_way.holdings["car-0"] == holding
    cockpit.drive(10.0)
    assert car.edges_entered > 0
    cockpit.let_go()
    edge, s_m = car.edge, car.s_m
    for _ in range(50):
        cockpit.scene.drive(0.1)
    assert (car.edge, car.s_m) == (edge, s_m)


def test_others_keep_off_its_road_as_from_any_car_that_is_held(cockpit: Cockpit) -> None:
    car, other = cockpit.scene.car(2, 0.44), cockpit.scene.car(1, 0.3)
    cockpit.sit_down(car)
    closed: set[int] = set()
    for _ in range(150):
        cockpit.drive(STEP_S)
        road = cockpit.scene.fleet.right_of_way.holdings["car-0"].edges
        assert road <= cockpit.scene.fleet.closed_edges(cockpit.scene.now_s)
        assert other.edge not in road
        closed |= road
    assert len(closed) > 1


def test_the_operator_chooses_the_turn(cockpit: Cockpit) -> None:
    car = cockpit.scene.car(2, 0.2)
    hand = cockpit.sit_down(car)
    cockpit.say()
    cockpit.scene.go(0.1)
    view = cockpit.desk.view("car-0", hand)
    assert view.choices == (Command.FORWARD, Command.LEFT)
    for wished in (Command.LEFT, Command.FORWARD, Command.LEFT):
        cockpit.say(wished)
        cockpit.scene.go(0.1)
        assert cockpit.desk.view("car-0", hand).choice is wished
    cockpit.say(Command.RIGHT)
    assert cockpit.desk.view("car-0", hand).choice is Command.LEFT
    assert car.order is not None
    cockpit.drive(20.0)
    assert 15 in [step.edge for step in car.order.steps] or car.edge in (15, 14)
    assert hand.way is None


def test_a_wish_for_a_closed_edge_is_not_followed(cockpit: Cockpit) -> None:
    car = cockpit.scene.car(2, 0.2)
    hand = cockpit.sit_down(car)
    cockpit.scene.fleet.acts = cockpit.scene.fleet.acts.close(15)
    cockpit.drive(0.5, Command.LEFT)
    assert cockpit.desk.view("car-0", hand).choice is Command.FORWARD


def test_outside_its_lane_all_others_stand_first(cockpit: Cockpit) -> None:
    car, other, third = cockpit.scene.car(2, 0.2), cockpit.scene.car(6, 0.2), cockpit.scene.car(5, 0.2)
    cockpit.sit_down(car)
    cockpit.drive(1.0)
    car.is_out_of_lane = True
    cockpit.drive(STANDS_AFTER_S - 0.2)
    assert not cockpit.may_leave_lane()
    assert other.release is not None
    assert (other.release.hold, other.release.reason) == (True, "another car is outside its lane")
    cockpit.drive(1.0)
    assert cockpit.may_leave_lane()
    third.mode = DriveMode.DRIVING  # it does not stand, whatever it was told
    cockpit.scene.hear(third)
    cockpit.say()
    assert not cockpit.may_leave_lane()
    shown = cockpit.scene.fleet.cars["car-0"]
    assert (shown.status, shown.search_m) == (CarStatus.LOCALISING, FREE_SEARCH_M)
    assert cockpit.hand is not None
    cockpit.desk.leave("car-0", cockpit.hand)
    cockpit.scene.go(KEPT_S - 0.2)
    assert other.release.hold, "the car may be braking still"
    cockpit.scene.go(0.5)
    assert not other.release.hold


def test_a_car_that_was_driven_off_the_map_may_stand_anywhere(cockpit: Cockpit) -> None:
    """It keeps its road, and counts as one of which nothing is known, until it has found its place."""
    car, other = cockpit.scene.car(2, 0.2), cockpit.scene.car(5, 0.3)
    cockpit.sit_down(car)
    cockpit.drive(0.5)
    car.is_out_of_lane = True
    cockpit.drive(2.0)
    cockpit.let_go()
    release_car(cockpit.scene.fleet, "car-0")
    cockpit.scene.drive(KEPT_S + 6.0)
    fleet = cockpit.scene.fleet
    assert [car_id for car_id, known in fleet.cars.items() if known.is_out_of_lane] == ["car-0"]
    assert 2 in fleet.right_of_way.holdings["car-0"].edges
    assert isinstance(fleet.guidance(fleet.cars["car-0"]).search, Search)
    assert fleet.right_of_way.holdings["car-1"].passage is None, "nobody enters a node"
    assert views.car_view(fleet, fleet.cars["car-0"], cockpit.scene.now_s).x_m is None
    restarted = cockpit.scene.restarted()
    assert (restarted.cars["car-0"].position, "car-0" in restarted.right_of_way.holdings) == (None, False)
    cockpit.scene.fleet = fleet
    car.is_out_of_lane, car.mode = False, DriveMode.IDLE
    cockpit.scene.drive(5.0)
    assert [car_id for car_id, known in fleet.cars.items() if known.is_out_of_lane] == []
    assert other.edge != 5


def test_the_page_is_told_what_limits_the_car(cockpit: Cockpit) -> None:
    car = cockpit.scene.car(2, 0.2)
    hand = cockpit.sit_down(car)
    cockpit.drive(0.5)
    car.is_out_of_lane = True
    cockpit.drive(0.2)
    view = cockpit.desk.view("car-0", hand)
    assert (view.obeyed, view.mode, view.limited_by) == (True, DriveMode.MANUAL, HandLimit.OFF_LANE)
    assert not view.place_known
