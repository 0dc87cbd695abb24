"""The board without bytes beside the emulated one with its client: same wheels, same safety stop."""

from __future__ import annotations

import pytest

from firmware_bridge.board import Board
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.handlers import protocol_lockstep
from firmware_bridge.errors import PowerOffError
from fleet.clock import ManualClock
from pixelopolis.evaluation.fleet.board import HEARTBEAT_TIMEOUT_S, LockstepBoard
from pixelopolis.evaluation.whole_car.lockstep import LockstepTime

STEP_S = 0.01


class Bench:
    def __init__(self, charge: float = 0.9) -> None:
        self.clock = ManualClock()
        self.board = LockstepBoard((1.02, 0.99), charge, self.clock.now_s)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            self.board.step(STEP_S)


def test_wheels_turn_as_those_of_the_emulated_board() -> None:
    bench, emulator = Bench(), BoardEmulator(left_gain=1.02, right_gain=0.99)
    time = LockstepTime(emulator.step)
    url = protocol_lockstep.offer("bench", protocol_lockstep.LockstepBoard(emulator.receive, time.pass_time))
    real = Board.open(url, clock=time)
    port = bench.board.open()
    for goals in [(4.0, 4.0)] * 20 + [(1.0, 5.0)] * 20 + [(0.0, 0.0)] * 20:
        here, there = port.exchange(*goals), real.exchange(*goals)
        assert here.left.velocity_rad_s == pytest.approx(there.left.velocity_rad_s, abs=0.3)
        assert here.right.velocity_rad_s == pytest.approx(there.right.velocity_rad_s, abs=0.3)
        assert here.battery_v == pytest.approx(there.battery_v, abs=0.1)
        bench.run(0.04)
        time.pass_time(0.04)
    assert (bench.board.left_velocity_rad_s, bench.board.right_velocity_rad_s) == (0.0, 0.0)
    turned = real.exchange(0.0, 0.0), port.exchange(0.0, 0.0)
    assert turned[1].left.position_rad == pytest.approx(turned[0].left.position_rad, rel=0.03)
    assert turned[1].right.position_rad == pytest.approx(turned[0].right.position_rad, rel=0.03)
    real.close()
    protocol_lockstep.withdraw("bench")


def test_silence_stops_the_wheels_and_takes_the_power() -> None:
    bench = Bench()
    port = bench.board.open()
    port.exchange(4.0, 4.0)
    bench.run(HEARTBEAT_TIMEOUT_S - 0.02)
    assert bench.board.left_velocity_rad_s > 3.5
    bench.run(0.3)
    assert (bench.board.left_velocity_rad_s, bench.board.right_velocity_rad_s) == (0.0, 0.0)
    with pytest.raises(PowerOffError):
        port.exchange(4.0, 4.0)
    bench.board.recover()
    port.exchange(4.0, 4.0)
    bench.run(0.1)
    assert bench.board.left_velocity_rad_s > 3.0


def test_an_empty_battery_makes_weak_wheels_and_driving_empties_it() -> None:
    full, empty = Bench(0.9), Bench(0.0)
    before = full.board.battery.charge
    for bench in (full, empty):
        port = bench.board.open()
        for _ in range(250):
            port.exchange(4.0, 4.0)
            bench.run(0.04)
    assert full.board.battery.charge < before
    assert empty.board.battery.voltage_v < 10.0 < full.board.battery.voltage_v
