"""The control loop on a manual clock, its figures, and how it keeps a board working."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.board_keeper import RECOVERY_PERIOD_S, BoardKeeper
from car.camera.frame import Frame
from car.control_loop import FRAME_WAIT_S, ControlLoop, Listeners
from car.perception.perception import Perception
from car.perception.seen import LaneView
from car.piloting.orders import ServerWords
from car.piloting.pilot import Pilot
from car.piloting.pilot_state import PilotInputs, PilotOutputs, PilotState
from car.snapshot import Snapshot
from car.timing import DEADLINE_S, LoopTimer
from car.wheels import WHEEL_LIMIT_MPS, Odometer, wheel_speeds_rad_s
from city.city import City, Command
from firmware_bridge.errors import (
    BoardError,
    DisconnectedError,
    NoBatteryError,
    NotRespondingError,
    PowerOffError,
    StaleReplyError,
)
from firmware_bridge.state import BoardState, MotorState
from fleet.clock import ManualClock
from fleet.messages import DriveMode, Report
from fleet.vehicle import DEFAULT_VEHICLE


@dataclass
class BoardStub:
    """A board whose replies the test scripts."""

    errors: list[BoardError | None] = field(default_factory=list)  # one for each exchange to come
    recoveries: list[BoardError | None] = field(default_factory=list)
    commands: list[tuple[float, float]] = field(default_factory=list)
    recovered: int = 0
    closed: int = 0
    position_rad: float = 0.0

    def exchange(self, left_rad_s: float, right_rad_s: float) -> BoardState:
        self.commands.append((left_rad_s, right_rad_s))
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        motor = MotorState(left_rad_s, self.position_rad, 0.0, 11.5, 30.0, 0)
        return BoardState(0.0, 0.0, motor, motor, 11.7, 0, True, 0)

    def recover(self) -> None:
        self.recovered += 1
        error = self.recoveries.pop(0) if self.recoveries else None
        if error is not None:
            raise error

    def close(self) -> None:
        self.closed += 1


def opener(board: BoardStub, failures: list[BoardError] | None = None) -> Callable[[], BoardStub]:
    """Opens the stub, after as many failures as given."""

    def open_board() -> BoardStub:
        if failures:
            raise failures.pop(0)
        return board

    return open_board


def test_the_board_is_opened_by_the_first_exchange() -> None:
    board = BoardStub()
    keeper = BoardKeeper(opener(board), Odometer())
    assert keeper.reading.faults == ("board: not open yet",)
    reading = keeper.exchange(1.0, 1.0, 0.0)
    assert reading.faults == ()
    assert reading.odometry is not None
    assert reading.battery_v == 11.7
    assert board.commands == [(0.0, 0.0)]  # the wheels were meant for a board that did not answer


def test_a_board_that_is_not_there_is_asked_twice_a_second() -> None:
    board = BoardStub()
    failures: list[BoardError] = [DisconnectedError("no port"), DisconnectedError("still no port")]
    keeper = BoardKeeper(opener(board, failures), Odometer())
    assert keeper.exchange(0, 0, 0.0).faults == ("no port",)
    assert keeper.exchange(0, 0, RECOVERY_PERIOD_S / 2).faults == ("no port",)
    assert len(failures) == 1
    assert keeper.exchange(0, 0, RECOVERY_PERIOD_S).faults == ("still no port",)
    assert keeper.exchange(0, 0, 2 * RECOVERY_PERIOD_S).faults == ()


def test_single_lost_replies_are_ridden_out() -> None:
    board = BoardStub()
    keeper = BoardKeeper(opener(board), Odometer())
    keeper.exchange(0, 0, 0.0)
    board.errors = [StaleReplyError("old"), None, NotRespondingError("gone"), NotRespondingError("gone"), None]
    assert all(keeper.exchange(1, 1, 0.1 * k).faults == () for k in range(5))
    board.errors = [NotRespondingError("gone")] * 3
    faults = [keeper.exchange(1, 1, 1.0 + 0.1 * k).faults for k in range(3)]
    assert faults == [(), (), ("gone",)]


@pytest.mark.parametrize("error", [PowerOffError("power is off"), DisconnectedError("unplugged")])
def test_a_fault_is_told_at_once_and_the_board_got_back(error: BoardError) -> None:
    board = BoardStub()
    keeper = BoardKeeper(opener(board), Odometer())
    keeper.exchange(0, 0, 0.0)
    board.errors = [error]
    reading = keeper.exchange(1, 1, 1.0)
    assert reading.faults == (str(error),)
    assert reading.odometry is None
    assert reading.battery_v == 11.7
    sent = len(board.commands)
    keeper.exchange(1, 1, 1.1)
    assert len(board.commands) == sent  # nothing before its time
    assert keeper.exchange(1, 1, 1.0 + RECOVERY_PERIOD_S).faults == ()
    assert board.commands[-1] == (0.0, 0.0)
    assert (board.recovered, board.closed) == (1, 0)


def test_a_pack_that_is_out_has_no_voltage() -> None:
    board = BoardStub()
    keeper = BoardKeeper(opener(board), Odometer())
    keeper.exchange(0, 0, 0.0)
    board.errors = [NoBatteryError("no battery")]
    reading = keeper.exchange(1, 1, 1.0)
    assert (reading.battery_v, reading.faults) == (0.0, ("no battery",))


def test_a_recovery_that_fails_says_the_newest_reason() -> None:
    board = BoardStub()
    keeper = BoardKeeper(opener(board), Odometer())
    keeper.exchange(0, 0, 0.0)
    board.errors, board.recoveries = [PowerOffError("off")], [PowerOffError("stays off")]
    keeper.exchange(0, 0, 1.0)
    assert keeper.exchange(0, 0, 2.0).faults == ("stays off",)
    assert keeper.exchange(0, 0, 3.0).faults == ()


def test_a_board_that_counts_anew_does_not_move_the_car() -> None:
    board = BoardStub(position_rad=5.0)
    keeper = BoardKeeper(opener(board), Odometer())
    keeper.exchange(0, 0, 0.0)
    board.position_rad = 6.0
    before = keeper.exchange(0, 0, 0.1).odometry
    assert before is not None
    assert before.distance_m == pytest.approx(DEFAULT_VEHICLE.wheel_radius_m)
    board.errors = [DisconnectedError("unplugged")]
    keeper.exchange(0, 0, 0.2)
    board.position_rad = 0.0
    after = keeper.exchange(0, 0, 1.0).odometry
    assert after is not None
    assert after.distance_m == before.distance_m


@given(st.floats(0.0, 0.3), st.floats(-6.0, 6.0))
def test_wheels_keep_the_curve_within_their_limit(speed_mps: float, curvature_per_m: float) -> None:
    left, right = wheel_speeds_rad_s(speed_mps, curvature_per_m)
    radius_m, track_m = DEFAULT_VEHICLE.wheel_radius_m, DEFAULT_VEHICLE.track_m
    assert max(abs(left), abs(right)) * radius_m <= WHEEL_LIMIT_MPS + 1e-9
    assert (right - left) * radius_m / track_m == pytest.approx(curvature_per_m * (left + right) / 2 * radius_m)


def test_wheel_odometry() -> None:
    odometer = Odometer()
    odometer.update(10.0, 20.0, 0.0, 0.0)
    reading = odometer.update(10.0, 21.0, 2.0, 4.0)
    assert reading.distance_m == pytest.approx(0.0315 / 2)
    assert reading.yaw_rad == pytest.approx(0.0315 / 0.125)
    assert reading.speed_mps == pytest.approx(3 * 0.0315)


@dataclass
class FeedStub:
    """Frames by script, on a manual clock: each entry is how long a frame takes, or None for none in time."""

    clock: ManualClock
    script: list[float | None]
    waits_s: list[float] = field(default_factory=list)
    sequence: int = 0
    error: str | None = None

    def wait_newer(self, sequence: int, timeout_s: float) -> Frame | None:
        assert sequence == (self.sequence or -1)
        self.waits_s.append(timeout_s)
        wait_s = self.script.pop(0) if self.script else 0.02
        if wait_s is None or wait_s > timeout_s:
            self.clock.advance(timeout_s)
            return None
        self.clock.advance(wait_s)
        self.sequence += 1
        return Frame(np.zeros((240, 320, 3), np.uint8), self.sequence, self.clock.now_s() - 0.01)


@dataclass
class SightStub:
    """Sees a straight lane and nothing else; takes its time."""

    clock: ManualClock
    takes_s: float = 0.005
    commands: list[Command] = field(default_factory=list)

    def look(self, frame: Frame, command: Command) -> Perception:
        self.commands.append(command)
        self.clock.advance(self.takes_s)
        return Perception(frame.captured_s, LaneView(0.0), (), ())


@dataclass
class Bench:
    """A control loop with everything round it scripted."""

    loop: ControlLoop
    clock: ManualClock
    feed: FeedStub
    board: BoardStub
    reports: list[Report]
    snapshots: list[Snapshot]
    sight: SightStub


class UndecidedPilot(Pilot):
    """Wants another turn after every step."""

    def step(self, state: PilotState, inputs: PilotInputs, now_s: float) -> tuple[PilotState, PilotOutputs]:
        state, outputs = super().step(state, inputs, now_s)
        command = tuple(Command)[state.sequence % len(Command)]
        return replace(state, command=command), replace(outputs, command=command)


@pytest.fixture
def bench(city: City) -> Bench:
    return make_bench(Pilot(city))


def make_bench(pilot: Pilot) -> Bench:
    clock, board = ManualClock(50.0), BoardStub()
    feed = FeedStub(clock, [])
    reports: list[Report] = []
    snapshots: list[Snapshot] = []
    sight = SightStub(clock)
    loop = ControlLoop(
        feed,
        sight,
        pilot,
        BoardKeeper(opener(board), Odometer()),
        ServerWords,
        Listeners(reports.append, snapshots.append),
        clock,
    )
    return Bench(loop, clock, feed, board, reports, snapshots, sight)


def test_each_frame_moves_the_wheels_and_is_told(bench: Bench) -> None:
    for _ in range(10):
        bench.loop.step()
    assert len(bench.board.commands) == 10
    assert [shown.frame.sequence for shown in bench.snapshots] == list(range(1, 11))
    assert len(bench.reports) == 10
    assert bench.reports[-1].mode is DriveMode.LOCALISING
    assert bench.loop.timer.summary().frame_to_wheels_p50_ms == pytest.approx(15.0)


def test_what_is_shown_names_the_command_that_its_picture_was_looked_at_with(city: City) -> None:
    bench = make_bench(UndecidedPilot(city))
    for _ in range(9):
        bench.loop.step()
    assert [shown.command for shown in bench.snapshots] == bench.sight.commands
    assert len(set(bench.sight.commands)) == len(Command)
    assert all(shown.command != shown.outputs.command for shown in bench.snapshots)


def test_without_frames_the_board_still_hears_from_the_car_in_time(bench: Bench) -> None:
    bench.loop.step()
    bench.feed.script = [None] * 20
    before_s = bench.clock.now_s()
    for _ in range(10):
        bench.loop.step()
    assert bench.clock.now_s() - before_s == pytest.approx(10 * FRAME_WAIT_S)
    assert len(bench.board.commands) == 11
    assert len(bench.snapshots) == 1
    assert bench.reports[-1].mode is DriveMode.STOPPED
    assert bench.loop.timer.summary().missed_deadlines == 0


def test_a_frame_is_awaited_only_as_long_as_the_deadline_allows(bench: Bench) -> None:
    bench.loop.step()
    bench.loop.step()
    assert bench.feed.waits_s[-1] == pytest.approx(FRAME_WAIT_S)
    bench.clock.advance(1.0)
    bench.loop.step()
    assert bench.feed.waits_s[-1] == 0.0


def test_running_ends_on_request_and_lets_the_board_go(bench: Bench) -> None:
    shown = bench.snapshots

    class StopAfter(threading.Event):
        def is_set(self) -> bool:
            return len(shown) >= 5

    bench.loop.run(StopAfter())
    assert bench.board.closed == 1
    assert len(shown) == 5


def test_whatever_goes_wrong_the_board_is_let_go(bench: Bench) -> None:
    bench.loop.step()
    bench.feed.script = []
    bench.feed.sequence = 99  # the stub's own check fails
    with pytest.raises(AssertionError):
        bench.loop.run(threading.Event())
    assert bench.board.closed == 1


def test_timing_figures() -> None:
    timer = LoopTimer()
    assert timer.summary().frame_to_wheels_p50_ms is None
    assert timer.rate_hz is None
    for k in range(100):
        timer.record(k * 0.04, k * 0.04 + 0.01, k * 0.04 + 0.02 + (0.03 if k == 50 else 0.0))
    timer.record(None, 5.0, 5.0)
    summary = timer.summary()
    assert (summary.steps, summary.frames) == (101, 100)
    assert summary.frame_to_wheels_p50_ms == pytest.approx(20.0)
    assert summary.frame_to_wheels_p99_ms == pytest.approx(20.0)
    assert summary.frame_to_wheels_max_ms == pytest.approx(50.0)
    assert summary.step_p50_ms == pytest.approx(10.0)
    assert summary.missed_deadlines == 2  # the late one, and the long pause at the end
    assert summary.missed_share == pytest.approx(2 / 101)
    assert summary.deadline_ms == DEADLINE_S * 1e3
    assert timer.rate_hz is not None
