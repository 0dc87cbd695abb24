"""The emulated board and motors on their own time: safety, registers, physics."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.emulator.battery import Battery, open_circuit_v
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.motor import Motor
from firmware_bridge.protocol import BROADCAST_ID, ErrorCode, Instruction, Packet, Parser
from firmware_bridge.registers import (
    BOARD_ID,
    LEFT_ID,
    RIGHT_ID,
    VELOCITY_UNIT_RAD_S,
    BoardErrorBits,
    BoardRegisters,
    ButtonBits,
    MotorErrorBits,
    MotorRegisters,
    Register,
)

STEP_S = 0.01


class Host:
    """Talks to an emulator packet by packet, and lets its time pass."""

    def __init__(self, emulator: BoardEmulator) -> None:
        self.emulator = emulator
        self.beats = 0

    def send(self, device_id: int, instruction: int, parameters: bytes = b"") -> list[Packet]:
        return Parser().feed(self.emulator.receive(Packet(device_id, instruction, parameters).encode()))

    def write(self, device_id: int, register: Register, value: int) -> int | None:
        """The error number, or None if nobody answered."""
        answers = self.send(
            device_id, Instruction.WRITE, register.address.to_bytes(2, "little") + register.encode(value)
        )
        return answers[0].parameters[0] & ~ErrorCode.ALERT if answers else None

    def read(self, device_id: int, register: Register) -> int:
        parameters = register.address.to_bytes(2, "little") + register.size.to_bytes(2, "little")
        answer = self.send(device_id, Instruction.READ, parameters)[0]
        assert answer.parameters[0] & ~ErrorCode.ALERT == 0
        return register.decode(answer.parameters[1:], register.address)

    def beat(self) -> None:
        self.beats = (self.beats + 1) % 256
        assert self.write(BOARD_ID, BoardRegisters.HEARTBEAT, self.beats) == 0

    def run(self, duration_s: float, beating: bool = True) -> None:
        for k in range(round(duration_s / STEP_S)):
            if beating and k % 4 == 0:
                self.beat()
            self.emulator.step(STEP_S)

    def drive(self, left_units: int, right_units: int) -> None:
        """Power on and both wheels turning forward."""
        assert self.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1) == 0
        self.run(0.3)
        for motor_id, units in ((LEFT_ID, left_units), (RIGHT_ID, -right_units)):
            assert self.write(motor_id, MotorRegisters.OPERATING_MODE, 1) == 0
            assert self.write(motor_id, MotorRegisters.TORQUE_ENABLE, 1) == 0
            assert self.write(motor_id, MotorRegisters.GOAL_VELOCITY, units) == 0
        self.run(0.4)


@pytest.fixture
def host() -> Host:
    return Host(BoardEmulator())


def test_driving_turns_both_wheels_forward(host: Host) -> None:
    host.drive(180, 150)
    assert host.emulator.left_velocity_rad_s == pytest.approx(180 * VELOCITY_UNIT_RAD_S, rel=0.01)
    assert host.emulator.right_velocity_rad_s == pytest.approx(150 * VELOCITY_UNIT_RAD_S, rel=0.01)
    assert host.read(LEFT_ID, MotorRegisters.PRESENT_VELOCITY) == pytest.approx(180, abs=2)


@pytest.mark.parametrize("seed", range(100))
def test_silence_stops_the_wheels(seed: int) -> None:
    rng = random.Random(seed)
    host = Host(BoardEmulator())
    host.drive(rng.randint(60, 240), rng.randint(60, 240))
    host.run(rng.uniform(0, 0.5))
    host.beat()
    silent_s = 0.0
    while host.read(BOARD_ID, BoardRegisters.MOTOR_POWER):
        host.run(STEP_S, beating=False)  # reading goes on: only a changing heartbeat counts
        silent_s += STEP_S
        assert silent_s <= 0.3 + 2 * STEP_S
    host.run(0.2, beating=False)
    assert abs(host.emulator.left_velocity_rad_s) < 0.1
    assert abs(host.emulator.right_velocity_rad_s) < 0.1
    assert host.read(BOARD_ID, BoardRegisters.ERRORS) & BoardErrorBits.HOST_LOST


def test_the_same_heartbeat_again_is_silence(host: Host) -> None:
    host.drive(100, 100)
    for _ in range(40):
        host.write(BOARD_ID, BoardRegisters.HEARTBEAT, host.beats)
        host.run(STEP_S, beating=False)
    assert host.read(BOARD_ID, BoardRegisters.MOTOR_POWER) == 0


def test_a_lost_host_is_remembered_until_cleared(host: Host) -> None:
    host.drive(100, 100)
    host.run(0.5, beating=False)
    host.beat()
    assert host.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL
    host.run(0.5)
    assert host.emulator.left_velocity_rad_s == pytest.approx(0, abs=1e-3)
    assert host.write(BOARD_ID, BoardRegisters.CLEAR_ERRORS, 1) == 0
    assert host.read(BOARD_ID, BoardRegisters.ERRORS) == 0
    assert host.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1) == 0
    host.run(0.5)
    assert host.emulator.left_velocity_rad_s == pytest.approx(0, abs=1e-3), "power alone moves nothing"


def test_the_enable_button_is_an_emergency_stop(host: Host) -> None:
    host.drive(100, 100)
    host.emulator.buttons &= ~ButtonBits.ENABLE
    host.run(0.2)
    assert abs(host.emulator.left_velocity_rad_s) < 0.05
    assert host.read(BOARD_ID, BoardRegisters.ERRORS) == BoardErrorBits.EMERGENCY_STOP
    host.write(BOARD_ID, BoardRegisters.CLEAR_ERRORS, 1)
    assert host.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1) == ErrorCode.RESULT_FAIL


def test_goals_are_refused_while_the_power_is_off(host: Host) -> None:
    assert host.write(LEFT_ID, MotorRegisters.GOAL_VELOCITY, 100) is None, "an unpowered motor is silent"
    host.drive(0, 0)
    host.emulator.table[BoardRegisters.MOTOR_POWER.address] = 0
    assert host.write(LEFT_ID, MotorRegisters.GOAL_VELOCITY, 100) == ErrorCode.ACCESS


def test_the_bus_watchdog_trips_and_must_be_cleared(host: Host) -> None:
    host.drive(100, 100)
    host.write(LEFT_ID, MotorRegisters.BUS_WATCHDOG, 10)
    for _ in range(40):
        host.emulator.left.step(STEP_S, 12.0)
    assert host.emulator.left.get(MotorRegisters.BUS_WATCHDOG) == -1
    assert abs(host.emulator.left_velocity_rad_s) < 0.1
    assert host.write(LEFT_ID, MotorRegisters.GOAL_VELOCITY, 100) == ErrorCode.DATA_RANGE
    assert host.write(LEFT_ID, MotorRegisters.BUS_WATCHDOG, 0) == 0
    assert host.write(LEFT_ID, MotorRegisters.GOAL_VELOCITY, 100) == 0


def test_access_rules(host: Host) -> None:
    host.drive(50, 50)
    assert host.write(LEFT_ID, MotorRegisters.OPERATING_MODE, 3) == ErrorCode.ACCESS, "torque is on"
    assert host.write(LEFT_ID, MotorRegisters.PRESENT_VELOCITY, 3) == ErrorCode.ACCESS
    assert host.write(LEFT_ID, MotorRegisters.GOAL_VELOCITY, 400) == ErrorCode.DATA_LIMIT
    assert host.write(BOARD_ID, BoardRegisters.BATTERY_MV, 3) == ErrorCode.ACCESS
    assert host.send(BOARD_ID, Instruction.READ, bytes([80, 0, 200, 0]))[0].parameters[0] == ErrorCode.DATA_LENGTH
    assert host.send(BOARD_ID, 0x42)[0].parameters[0] == ErrorCode.INSTRUCTION
    assert host.send(77, Instruction.PING) == []


def test_a_broadcast_ping_finds_all_three(host: Host) -> None:
    host.drive(0, 0)
    assert [p.id for p in host.send(BROADCAST_ID, Instruction.PING)] == [BOARD_ID, LEFT_ID, RIGHT_ID]


def test_a_group_read_answers_in_the_order_asked(host: Host) -> None:
    host.drive(0, 0)
    wanted = b"".join(bytes([k, 0, 0, 2, 0]) for k in (RIGHT_ID, BOARD_ID, LEFT_ID))
    assert [p.id for p in host.send(BROADCAST_ID, Instruction.BULK_READ, wanted)] == [RIGHT_ID, BOARD_ID, LEFT_ID]
    wanted = bytes([0, 0, 2, 0, LEFT_ID, 99, RIGHT_ID])
    assert [p.id for p in host.send(BROADCAST_ID, Instruction.SYNC_READ, wanted)] == [LEFT_ID, RIGHT_ID]


@given(st.binary(max_size=200))
def test_garbage_moves_nothing_and_raises_nothing(data: bytes) -> None:
    emulator = BoardEmulator()
    emulator.receive(data)
    for _ in range(5):
        emulator.step(STEP_S)
    assert (emulator.left_velocity_rad_s, emulator.right_velocity_rad_s) == (0.0, 0.0)


@given(st.integers(0, 254), st.sampled_from(Instruction), st.binary(max_size=40))
def test_wellformed_nonsense_raises_nothing(device_id: int, instruction: Instruction, parameters: bytes) -> None:
    host = Host(BoardEmulator())
    host.send(device_id, instruction, parameters)
    host.drive(0, 0) if not host.emulator.table[BoardRegisters.ERRORS.address] else None
    host.send(device_id, instruction, parameters)
    host.run(0.05)


def powered_motor(units: int) -> Motor:
    motor = Motor(LEFT_ID)
    motor.power(True)
    motor.step(0.3, 12.0)
    motor.write(MotorRegisters.OPERATING_MODE.address, b"\x01")
    motor.write(MotorRegisters.TORQUE_ENABLE.address, b"\x01")
    motor.write(MotorRegisters.GOAL_VELOCITY.address, MotorRegisters.GOAL_VELOCITY.encode(units))
    return motor


def test_a_motor_follows_with_its_time_constant() -> None:
    motor = powered_motor(180)
    for _ in range(4):
        motor.step(STEP_S, 12.0)
    assert motor.velocity_rad_s == pytest.approx(180 * VELOCITY_UNIT_RAD_S * (1 - 2.71828**-1), rel=0.02)


def test_a_weak_battery_limits_the_speed() -> None:
    motor = powered_motor(265)
    for _ in range(100):
        motor.hear()
        motor.step(STEP_S, 6.0)
    assert motor.velocity_rad_s == pytest.approx(6.0 * 0.534, rel=0.02)


def test_a_blocked_motor_overloads_and_lets_go_until_it_restarts() -> None:
    motor = powered_motor(100)
    for _ in range(400):
        motor.hear()
        motor.step(STEP_S, 12.0, load_nm=1.5)
    assert motor.get(MotorRegisters.HARDWARE_ERROR) & MotorErrorBits.OVERLOAD
    assert motor.get(MotorRegisters.TORQUE_ENABLE) == 0
    assert motor.write(MotorRegisters.TORQUE_ENABLE.address, b"\x01") == ErrorCode.RESULT_FAIL
    motor.reboot()
    motor.step(0.3, 12.0)
    assert motor.write(MotorRegisters.TORQUE_ENABLE.address, b"\x01") == 0


def test_a_hot_motor_lets_go() -> None:
    motor = powered_motor(100)
    motor.temperature_c = 73.0
    motor.step(STEP_S, 12.0)
    assert motor.get(MotorRegisters.HARDWARE_ERROR) & MotorErrorBits.OVERHEATING


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_charge_is_never_less_voltage(a: float, b: float) -> None:
    assert (open_circuit_v(a) <= open_circuit_v(b)) == (a <= b) or open_circuit_v(a) == open_circuit_v(b)


def test_current_empties_and_sags_the_battery() -> None:
    battery = Battery(charge=0.5)
    before_v = battery.voltage_v
    battery.step(3600.0, 1.5)
    assert battery.charge == pytest.approx(0.0)
    assert battery.voltage_v == pytest.approx(9.9 - 1.5 * 0.15)
    assert before_v > 11.0


def test_a_low_battery_is_told_but_does_not_cut_the_power(host: Host) -> None:
    host.drive(100, 100)
    host.emulator.battery.charge = 0.01
    host.run(0.3)
    assert host.read(BOARD_ID, BoardRegisters.ERRORS) == BoardErrorBits.LOW_BATTERY
    assert host.read(BOARD_ID, BoardRegisters.MOTOR_POWER) == 1
