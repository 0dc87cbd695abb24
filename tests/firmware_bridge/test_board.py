"""The client against the emulator: driving, odometry, and every way in which board and motors refuse to drive."""

from __future__ import annotations

import math

import pytest

from firmware_bridge.board import MAX_GOAL, Board
from firmware_bridge.errors import (
    BoardSilentError,
    DisconnectedError,
    EmergencyStopError,
    MotorFaultError,
    NoBatteryError,
    NotRespondingError,
    PowerOffError,
    StaleReplyError,
    WrongDeviceError,
)
from firmware_bridge.registers import (
    LEFT_ID,
    PULSES_PER_TURN,
    RIGHT_ID,
    VELOCITY_UNIT_RAD_S,
    BoardErrorBits,
    BoardRegisters,
    ButtonBits,
    MotorErrorBits,
    MotorRegisters,
    Register,
)
from tests.firmware_bridge.conftest import RIG_URL, Rig


def test_wheels_turn_as_asked_and_are_read_back(rig: Rig) -> None:
    state = rig.drive(3.0, 4.0, cycles=30)
    assert rig.emulator.left_velocity_rad_s == pytest.approx(3.0 * 1.01, rel=0.01)
    assert rig.emulator.right_velocity_rad_s == pytest.approx(4.0 * 0.99, rel=0.01)
    assert state.left.velocity_rad_s == pytest.approx(3.03, rel=0.01)
    assert state.right.velocity_rad_s == pytest.approx(3.96, rel=0.01)
    assert 0 < state.left.position_rad < state.right.position_rad
    assert (state.power_on, state.errors) == (True, 0)
    assert 11.0 < state.battery_v < 12.6
    assert state.left.voltage_v == pytest.approx(state.battery_v, abs=0.1)


def test_backwards_is_backwards_on_both_sides(rig: Rig) -> None:
    state = rig.drive(-2.0, -3.0, cycles=30)
    assert rig.emulator.right_velocity_rad_s < rig.emulator.left_velocity_rad_s < -1.9
    assert state.right.velocity_rad_s < state.left.velocity_rad_s < -1.9
    assert state.right.position_rad < state.left.position_rad < 0


def test_only_the_right_motor_is_mounted_mirror_wise(rig: Rig) -> None:
    rig.drive(2.0, 2.0)
    assert rig.emulator.left.get(MotorRegisters.GOAL_VELOCITY) == round(2.0 / VELOCITY_UNIT_RAD_S)
    assert rig.emulator.right.get(MotorRegisters.GOAL_VELOCITY) == -round(2.0 / VELOCITY_UNIT_RAD_S)


def test_more_than_the_motors_can_is_cut_off(rig: Rig) -> None:
    rig.drive(100.0, -100.0)
    assert rig.emulator.left.get(MotorRegisters.GOAL_VELOCITY) == MAX_GOAL
    assert rig.emulator.right.get(MotorRegisters.GOAL_VELOCITY) == MAX_GOAL


def test_odometry_counts_on_when_the_motors_counter_wraps(rig: Rig) -> None:
    rig.drive(0.0, 0.0)
    rig.emulator.left.position_rad += (2**31 - 20) * 2 * math.pi / PULSES_PER_TURN
    jumped = rig.drive(0.0, 0.0, cycles=1)
    after = rig.drive(6.0, 6.0, cycles=30)
    assert jumped.left.position_rad > 1e6
    assert 0.5 < after.left.position_rad - jumped.left.position_rad < 10.0


def test_a_silent_host_loses_the_power_and_gets_it_back(rig: Rig) -> None:
    rig.drive(4.0, 4.0, cycles=5)
    rig.wait(0.4)
    assert rig.emulator.left_velocity_rad_s == 0.0
    with pytest.raises(PowerOffError, match=f"{RIG_URL}: it cut the motor power"):
        rig.board.exchange(4.0, 4.0)
    with pytest.raises(PowerOffError, match="it cut the motor power"):
        rig.board.exchange(4.0, 4.0)
    rig.board.recover()
    assert rig.drive(4.0, 4.0, cycles=20).left.velocity_rad_s > 3.0


def test_the_emergency_stop_is_said_and_can_be_left(rig: Rig) -> None:
    rig.emulator.buttons &= ~ButtonBits.ENABLE
    with pytest.raises(EmergencyStopError, match="enable button"):
        rig.drive(4.0, 4.0, cycles=5)
    with pytest.raises(EmergencyStopError, match="enable button"):
        rig.board.recover()
    assert rig.emulator.get(BoardRegisters.MOTOR_POWER) == 0
    rig.emulator.buttons |= ButtonBits.ENABLE
    rig.board.recover()
    rig.drive(1.0, 1.0)


def test_a_motor_fault_names_the_motor_and_is_left_by_a_restart(rig: Rig) -> None:
    rig.drive(1.0, 1.0)
    rig.emulator.right.fail(MotorErrorBits.OVERHEATING)
    with pytest.raises(MotorFaultError, match="motor 2 has hardware error 0x04") as caught:
        rig.board.exchange(1.0, 1.0)
    assert caught.value.device_id == RIGHT_ID
    with pytest.raises(MotorFaultError, match="starting again"):
        rig.board.recover()
    rig.recover()
    rig.drive(1.0, 1.0)


@pytest.mark.parametrize(
    ("register", "value", "what"),
    [
        (MotorRegisters.BUS_WATCHDOG, -1, "watchdog -1, not 10, goal 42, not 83"),
        (MotorRegisters.BUS_WATCHDOG, 0, "watchdog 0, not 10"),
        (MotorRegisters.TORQUE_ENABLE, 0, "torque 0, not 1"),
    ],
)
def test_a_motor_that_does_not_take_commands_is_noticed(rig: Rig, register: Register, value: int, what: str) -> None:
    rig.drive(1.0, 1.0)
    rig.emulator.left.write(register.address, register.encode(value))
    with pytest.raises(MotorFaultError, match=rf"motor 1 does not take commands \({what}\)"):
        rig.board.exchange(2.0, 2.0)
    rig.board.recover()
    rig.drive(2.0, 2.0)


def test_a_motor_that_restarts_unasked_is_noticed_and_brought_back(rig: Rig) -> None:
    before = rig.drive(3.0, 3.0, cycles=100)
    rig.emulator.left.reboot()
    rig.wait(0.1)
    with pytest.raises(StaleReplyError, match=r"device 1 .* has just restarted"):
        rig.board.exchange(3.0, 3.0)
    rig.recover()
    assert abs(rig.drive(0.0, 0.0).left.position_rad - before.left.position_rad) < 1.0


def test_a_motors_clock_that_jumps_is_not_believed(rig: Rig) -> None:
    rig.drive(1.0, 1.0)
    rig.emulator.right._uptime_s -= 0.02
    with pytest.raises(StaleReplyError, match="device 2 answered an earlier request, or has just restarted"):
        rig.board.exchange(1.0, 1.0)


def test_motor_clocks_may_drift_apart(rig: Rig) -> None:
    for _ in range(200):
        rig.emulator.left._uptime_s += 0.0004  # two percent
        rig.drive(1.0, 1.0, cycles=1)


def test_a_power_cut_is_noticed(rig: Rig) -> None:
    rig.drive(1.0, 1.0)
    rig.emulator.cut_power()
    with pytest.raises(PowerOffError, match="lost their power"):
        rig.board.exchange(1.0, 1.0)
    rig.board.recover()
    rig.drive(1.0, 1.0)


def test_power_that_somebody_switched_off_is_noticed(rig: Rig) -> None:
    rig.emulator.table[BoardRegisters.MOTOR_POWER.address] = 0
    with pytest.raises(PowerOffError, match="motor power is off"):
        rig.drive(1.0, 1.0)


@pytest.mark.parametrize("device_id", [LEFT_ID, RIGHT_ID])
def test_a_silent_motor_is_named(rig: Rig, device_id: int) -> None:
    rig.drive(1.0, 1.0)
    rig.emulator.faults.silent_ids.add(device_id)
    with pytest.raises(NotRespondingError, match=f"device {device_id}") as caught:
        rig.board.exchange(1.0, 1.0)
    assert caught.value.device_id == device_id
    with pytest.raises(NotRespondingError, match=f"device {device_id}"):
        rig.board.recover()
    rig.emulator.faults.silent_ids.clear()
    rig.board.recover()
    rig.drive(1.0, 1.0)


def test_a_dead_board_is_given_up_soon(rig: Rig) -> None:
    rig.emulator.faults.unplugged = True
    before_s = rig.emulator.uptime_s
    with pytest.raises(BoardSilentError, match=f"{RIG_URL}: device 200"):
        rig.board.exchange(1.0, 1.0)
    assert rig.emulator.uptime_s - before_s < 0.3


def test_one_lost_reply_is_asked_for_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.drive(2.0, 2.0)
    answer = rig.emulator.receive
    lost: list[bytes] = []

    def lose_one(data: bytes) -> bytes:
        reply = answer(data)
        if reply and not lost:
            lost.append(reply)
            return b""
        return reply

    monkeypatch.setattr(rig.emulator, "receive", lose_one)
    assert rig.drive(2.0, 2.0).power_on
    assert lost


def test_another_device_at_the_port_is_refused(rig: Rig) -> None:
    rig.emulator.table[:2] = b"\x01\x02"
    with pytest.raises(WrongDeviceError, match="device 200 is model 513, not 60200"):
        Board.open(RIG_URL, clock=rig.clock)


def test_a_motor_of_another_kind_is_refused(rig: Rig) -> None:
    rig.emulator.right.table[:2] = b"\xb0\x04"
    with pytest.raises(WrongDeviceError, match="device 2 is model 1200, not 1060"):
        rig.board.recover()


def test_opening_with_a_short_heartbeat_survives_the_motors_start(rig: Rig) -> None:
    rig.board.close()
    board = Board.open(RIG_URL, heartbeat_timeout_s=0.1, clock=rig.clock)
    assert board.exchange(1.0, 1.0).power_on
    assert rig.emulator.get(BoardRegisters.HEARTBEAT_TIMEOUT_MS) == 100
    board.close()


def test_closing_stops_the_wheels_and_never_raises(rig: Rig) -> None:
    rig.drive(4.0, 4.0, cycles=10)
    rig.board.close()
    rig.wait(0.1)
    assert rig.emulator.left_velocity_rad_s == 0.0
    assert rig.emulator.get(BoardRegisters.MOTOR_POWER) == 0
    rig.board.close()


def test_a_closed_board_can_be_recovered(rig: Rig) -> None:
    rig.board.close()
    with pytest.raises(DisconnectedError, match="the port is closed"):
        rig.board.exchange(1.0, 1.0)
    rig.board.recover()
    rig.drive(1.0, 1.0)


def test_a_low_battery_is_told_and_stops_nothing(rig: Rig) -> None:
    rig.emulator.battery.charge = 0.01
    state = rig.drive(2.0, 2.0, cycles=20)
    assert state.errors == BoardErrorBits.LOW_BATTERY
    assert state.battery_v < 10.2
    rig.board.recover()
    rig.drive(2.0, 2.0, cycles=20)


def test_a_pack_that_is_taken_out_is_told_and_another_one_drives_on(rig: Rig) -> None:
    rig.drive(2.0, 2.0, cycles=20)
    rig.emulator.battery.present = False
    with pytest.raises(NoBatteryError, match=r"no battery \(0\.0 V\): put a charged pack in"):
        rig.drive(2.0, 2.0, cycles=20)
    with pytest.raises(NoBatteryError):
        rig.board.recover()
    rig.emulator.battery.present = True
    rig.board.recover()
    assert rig.drive(2.0, 2.0, cycles=20).left.velocity_rad_s > 1.0


def test_no_port_is_said() -> None:
    with pytest.raises(DisconnectedError, match="/dev/ttyNone"):
        Board.open("/dev/ttyNone")
    with pytest.raises(DisconnectedError, match=r"socket://127\.0\.0\.1:1"):
        Board.open("socket://127.0.0.1:1")
    with pytest.raises(DisconnectedError, match="nonsense://x"):
        Board.open("nonsense://x")
