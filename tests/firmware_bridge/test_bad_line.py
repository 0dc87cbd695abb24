"""The client on a line that loses, breaks, delays and repeats replies: in lockstep, thousands of exchanges."""

from __future__ import annotations

import random

import pytest

from firmware_bridge.board import Board
from firmware_bridge.emulator.faults import LineFaults
from firmware_bridge.errors import BoardError, NotRespondingError, PowerOffError, StaleReplyError
from firmware_bridge.registers import LEFT_ID, RIGHT_ID, VELOCITY_UNIT_RAD_S
from firmware_bridge.state import BoardState, MotorState
from tests.firmware_bridge.conftest import CYCLE_S, RIG_URL, Rig

OLDEST_S = 0.01  # a value may be that old when it is returned


def cycle(rig: Rig, left_rad_s: float, right_rad_s: float) -> BoardState:
    """One control step: time passes, then an exchange whose every value is compared with the truth."""
    state = rig.drive(left_rad_s, right_rad_s, cycles=1)
    emulator = rig.emulator
    assert 0 <= emulator.uptime_s - state.uptime_s <= OLDEST_S
    assert state.battery_v == pytest.approx(emulator.battery.voltage_v, abs=0.2)  # it sags
    assert (state.power_on, state.errors, state.buttons) == (True, 0, 5)
    compare_wheel(state.left, emulator.left.position_rad, emulator.left_velocity_rad_s)
    compare_wheel(state.right, -emulator.right.position_rad, emulator.right_velocity_rad_s)
    return state


def compare_wheel(told: MotorState, position_rad: float, velocity_rad_s: float) -> None:
    assert told.hardware_error == 0
    assert told.velocity_rad_s == pytest.approx(velocity_rad_s, abs=1.5 + VELOCITY_UNIT_RAD_S)
    assert told.position_rad == pytest.approx(position_rad, abs=abs(velocity_rad_s) * OLDEST_S + 0.02)


def test_lockstep_takes_no_time_of_its_own(rig: Rig) -> None:
    before_s = rig.emulator.uptime_s
    for _ in range(50):
        cycle(rig, 3.0, 3.0)
    assert rig.emulator.uptime_s - before_s == pytest.approx(50 * CYCLE_S)


@pytest.mark.parametrize(
    ("seed", "cycles"),
    [(0, 300), (1, 300), pytest.param(2, 10_000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])],
)
def test_no_wrong_value_is_accepted_and_the_board_comes_back(rig: Rig, seed: int, cycles: int) -> None:
    rng = random.Random(seed)
    rig.emulator.faults = LineFaults(drop=0.05, corrupt=0.05, late=0.05, duplicate=0.05, one_behind=0.05)
    accepted = failed = 0
    while accepted + failed < cycles:
        try:
            cycle(rig, rng.uniform(-5, 5), rng.uniform(-5, 5))
            accepted += 1
        except (StaleReplyError, NotRespondingError):
            failed += 1
        except BoardError:
            failed += 1
            rig.recover()
    assert failed > cycles / 6, "the line was bad"
    assert accepted > cycles / 3
    rig.emulator.faults = LineFaults()
    rig.recover()
    assert cycle(rig, 1.0, 1.0).errors == 0


@pytest.mark.parametrize("held_id", [LEFT_ID, RIGHT_ID])
@pytest.mark.parametrize("cycle_s", [0.01, 0.02, 0.04])
def test_a_motor_that_is_always_one_answer_behind_is_never_believed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, held_id: int, cycle_s: float
) -> None:
    """The board's own answers are fresh, so only the motor's clock can tell."""
    cycle(rig, 2.0, 2.0)
    motor = rig.emulator.left if held_id == LEFT_ID else rig.emulator.right
    fresh = motor.read
    held: list[tuple[int, bytes]] = []

    def one_behind(address: int, size: int) -> tuple[int, bytes]:
        held.append(fresh(address, size))
        return held[-2] if len(held) > 1 else held[-1]

    monkeypatch.setattr(motor, "read", one_behind)
    rig.board.exchange(2.0, 2.0)
    for _ in range(5):
        rig.emulator.step(cycle_s)
        with pytest.raises(StaleReplyError, match=f"device {held_id} answered an earlier request"):
            rig.board.exchange(2.0, 2.0)


def test_an_acknowledgement_is_no_data(rig: Rig) -> None:
    """With every reply one behind, a read gets the answer to the write before it, which is shorter."""
    rig.emulator.faults.one_behind = 1.0
    with pytest.raises(BoardError):
        rig.board.recover()


def test_garbage_on_the_line_is_skipped_or_noticed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(1)
    answer = rig.emulator.receive
    monkeypatch.setattr(rig.emulator, "receive", lambda data: rng.randbytes(rng.randrange(12)) + answer(data))
    for _ in range(100):
        try:
            cycle(rig, rng.uniform(-5, 5), 2.0)
        except (StaleReplyError, NotRespondingError):
            continue
        except BoardError:
            rig.recover()


def test_with_the_cars_settings_silence_stops_the_wheels_within_300_ms(rig: Rig) -> None:
    rng = random.Random(2)
    slowest_s = 0.0
    for _ in range(100):
        cycle(rig, rng.uniform(3, 6), rng.uniform(3, 6))
        rig.drive(rng.uniform(3, 6), rng.uniform(3, 6), cycles=rng.randrange(8, 20))
        silent_since_s = rig.emulator.uptime_s
        while rig.emulator.left_velocity_rad_s or rig.emulator.right_velocity_rad_s:
            rig.emulator.step(0.01)
        slowest_s = max(slowest_s, rig.emulator.uptime_s - silent_since_s)
        with pytest.raises(PowerOffError, match="no heartbeat came in time"):
            rig.board.exchange(1.0, 1.0)
        rig.board.recover()
    assert slowest_s <= 0.3


def test_opening_with_short_time_outs_survives_the_motors_start(rig: Rig) -> None:
    rig.board.close()
    board = Board.open(RIG_URL, heartbeat_timeout_s=0.1, clock=rig.clock)
    assert board.exchange(1.0, 1.0).power_on
    board.close()


def test_positions_go_on_after_a_power_cut(rig: Rig) -> None:
    for _ in range(100):
        before = cycle(rig, 4.0, 4.0)
    rig.emulator.cut_power()
    with pytest.raises(PowerOffError, match="lost their power"):
        rig.board.exchange(4.0, 4.0)
    rig.recover()
    after = cycle(rig, 0.0, 0.0)
    assert before.left.position_rad < after.left.position_rad < before.left.position_rad + 2.0


def test_a_dead_board_is_given_up_at_once(rig: Rig) -> None:
    rig.emulator.faults.unplugged = True
    before_s = rig.emulator.uptime_s
    with pytest.raises(NotRespondingError, match="device 200") as caught:
        rig.board.exchange(1.0, 1.0)
    assert caught.value.device_id == 200
    assert rig.emulator.uptime_s - before_s < 0.3
