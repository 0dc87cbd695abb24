"""The project's client drives the firmware's core, with the emulator's motors behind it: in lockstep, no real time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware_bridge.board import Board
from firmware_bridge.emulator.handlers.protocol_lockstep import LockstepBoard, offer, withdraw
from firmware_bridge.errors import EmergencyStopError, NotRespondingError, PowerOffError
from firmware_bridge.link import DeviceLink
from firmware_bridge.protocol import Instruction, Packet, Parser
from firmware_bridge.registers import (
    BOARD_ID,
    BOARD_MODEL,
    LEFT_ID,
    MOTOR_MODEL,
    RIGHT_ID,
    BoardErrorBits,
    BoardRegisters,
    ButtonBits,
    MotorRegisters,
)
from firmware_bridge.state import BoardState
from tests.firmware_bridge.firmware_lockstep import Firmware, FirmwareCar

STOP = bytes([104, 0, 4, 0, LEFT_ID, 0, 0, 0, 0, RIGHT_ID, 0, 0, 0, 0])
CYCLE_S = 0.02


@pytest.fixture
def program(firmware_programs: Path) -> Path:
    return firmware_programs / "lockstep"


@dataclass
class FirmwareRig:
    """A car's client at the firmware."""

    car: FirmwareCar
    url: str
    link: DeviceLink

    def open(self) -> Board:
        return Board.open(self.url, clock=self.car)

    def wait(self, duration_s: float) -> None:
        for _ in range(round(duration_s / 0.01)):
            self.car.step(0.01)

    def drive(self, board: Board, left_rad_s: float, right_rad_s: float, cycles: int) -> BoardState:
        for _ in range(cycles):
            self.wait(CYCLE_S)
            state = board.exchange(left_rad_s, right_rad_s)
        return state

    def bus_packets(self) -> list[Packet]:
        """What has gone to the motors since the last call."""
        heard, self.car.bus.heard = self.car.bus.heard, b""
        return Parser().feed(heard)


@pytest.fixture
def rig(program: Path) -> Iterator[FirmwareRig]:
    with Firmware(program) as firmware:
        car = FirmwareCar(firmware)
        url = offer("firmware", LockstepBoard(car.receive, car.step))
        yield FirmwareRig(car, url, DeviceLink(url, car))
        withdraw("firmware")


def test_a_ping_finds_the_board_and_then_the_motors(rig: FirmwareRig) -> None:
    assert rig.link.ping(BOARD_ID) == BOARD_MODEL
    with pytest.raises(NotRespondingError):
        rig.link.ping(LEFT_ID)
    rig.link.write(BOARD_ID, BoardRegisters.HEARTBEAT_TIMEOUT_MS, 5000)
    rig.link.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1)
    rig.wait(0.3)
    assert [rig.link.ping(motor_id) for motor_id in (LEFT_ID, RIGHT_ID)] == [MOTOR_MODEL] * 2


def test_wheels_turn_as_asked_and_are_read_back(rig: FirmwareRig) -> None:
    board = rig.open()
    state = rig.drive(board, 3.0, 4.0, cycles=30)
    assert rig.car.bus.left_velocity_rad_s == pytest.approx(3.0, rel=0.02)
    assert rig.car.bus.right_velocity_rad_s == pytest.approx(4.0, rel=0.02)
    assert state.left.velocity_rad_s == pytest.approx(3.0, rel=0.02)
    assert state.right.velocity_rad_s == pytest.approx(4.0, rel=0.02)
    assert (state.power_on, state.errors, state.buttons) == (True, 0, 5)
    assert state.battery_v == pytest.approx(rig.car.bus.battery.voltage_v, abs=0.2)
    assert state.uptime_s == pytest.approx(rig.car.now_s(), abs=0.01)
    board.close()
    rig.wait(0.2)
    assert not rig.car.has_power()
    assert rig.car.bus.left_velocity_rad_s == 0.0


def test_silence_stops_the_wheels_then_cuts_the_power_and_is_latched(rig: FirmwareRig) -> None:
    board = rig.open()
    rig.drive(board, 4.0, 4.0, cycles=10)
    rig.bus_packets()
    rig.wait(0.2)
    assert rig.car.has_power(), "the time-out is 200 ms"
    rig.car.step(0.001)
    assert rig.car.has_power(), "the motors are told first"
    assert [(p.instruction, p.parameters) for p in rig.bus_packets()] == [(Instruction.SYNC_WRITE, STOP)]
    assert rig.car.bus.left.get(MotorRegisters.GOAL_VELOCITY) == 0
    rig.car.step(0.001)
    assert not rig.car.has_power()
    rig.wait(0.2)
    assert rig.car.bus.left_velocity_rad_s == rig.car.bus.right_velocity_rad_s == 0.0
    for _ in range(3):
        with pytest.raises(PowerOffError, match="no heartbeat came in time"):
            board.exchange(4.0, 4.0)
    assert not rig.car.has_power()
    board.recover()
    assert rig.drive(board, 4.0, 4.0, cycles=20).left.velocity_rad_s > 3.0


def test_the_same_heartbeat_again_is_silence(rig: FirmwareRig) -> None:
    rig.open()
    rig.link.write(BOARD_ID, BoardRegisters.HEARTBEAT, 77)
    for _ in range(25):
        assert rig.car.has_power() or rig.link.read(BOARD_ID, BoardRegisters.ERRORS) == BoardErrorBits.HOST_LOST
        rig.wait(0.01)
        rig.link.write(BOARD_ID, BoardRegisters.HEARTBEAT, 77)
    assert not rig.car.has_power()


def test_goals_do_not_reach_motors_without_power(rig: FirmwareRig) -> None:
    goal = (MotorRegisters.GOAL_VELOCITY, 100)
    torque = (MotorRegisters.TORQUE_ENABLE, 1)
    with pytest.raises(NotRespondingError):
        rig.link.write(LEFT_ID, *goal)
    rig.link.write_many({LEFT_ID: goal, RIGHT_ID: goal})
    assert rig.bus_packets() == []
    rig.link.write_many({BOARD_ID: (BoardRegisters.HEARTBEAT, 9), LEFT_ID: goal, RIGHT_ID: torque})
    assert [p.parameters for p in rig.bus_packets()] == [bytes([RIGHT_ID, 64, 0, 1, 0, 1])]
    assert rig.link.read(BOARD_ID, BoardRegisters.HEARTBEAT) == 9


def test_no_goal_follows_the_order_to_stop(rig: FirmwareRig) -> None:
    rig.drive(rig.open(), 3.0, 3.0, cycles=2)
    rig.bus_packets()
    rig.link.write_many({LEFT_ID: (MotorRegisters.GOAL_VELOCITY, 90), BOARD_ID: (BoardRegisters.MOTOR_POWER, 0)})
    assert [p.parameters for p in rig.bus_packets()] == [STOP]


def test_the_enable_button_stops_and_a_bounce_does_not(rig: FirmwareRig) -> None:
    board = rig.open()
    rig.drive(board, 4.0, 4.0, cycles=5)
    rig.car.buttons &= ~ButtonBits.ENABLE
    rig.car.step(0.015)
    rig.car.buttons |= ButtonBits.ENABLE
    rig.drive(board, 4.0, 4.0, cycles=5)
    rig.car.buttons &= ~ButtonBits.ENABLE
    rig.car.step(0.03)
    assert not rig.car.has_power()
    with pytest.raises(EmergencyStopError):
        board.exchange(4.0, 4.0)
    with pytest.raises(EmergencyStopError):
        board.recover()
    rig.car.buttons |= ButtonBits.ENABLE
    rig.wait(0.05)
    board.recover()
    rig.drive(board, 1.0, 1.0, cycles=2)


@pytest.mark.parametrize("button", [ButtonBits.ENABLE, ButtonBits.POWER_SWITCH])
def test_power_needs_both_buttons(rig: FirmwareRig, button: ButtonBits) -> None:
    rig.car.buttons &= ~button
    rig.wait(0.05)
    with pytest.raises(EmergencyStopError):
        rig.open()
    assert not rig.car.has_power()


def test_a_chattering_button_does_not_hide_that_another_was_let_go(rig: FirmwareRig) -> None:
    board = rig.open()
    rig.drive(board, 4.0, 4.0, cycles=5)
    rig.car.buttons &= ~ButtonBits.ENABLE
    for _ in range(4):
        rig.car.buttons ^= ButtonBits.RESET
        rig.car.step(0.01)
    assert not rig.car.has_power()


def test_motors_that_all_fall_silent_lose_their_power(rig: FirmwareRig) -> None:
    board = rig.open()
    rig.car.bus.faults.unplugged = True
    for _ in range(60):
        rig.link.write(BOARD_ID, BoardRegisters.HEARTBEAT, rig.car.uptime_ms % 256)
        with pytest.raises(NotRespondingError):
            rig.link.ping(LEFT_ID, tries=1)
        if not rig.car.has_power():
            break
    assert rig.link.read(BOARD_ID, BoardRegisters.ERRORS) == BoardErrorBits.BUS_SILENT
    with pytest.raises(PowerOffError, match="lost their power"):
        board.exchange(0.0, 0.0)


def test_garbage_from_both_sides_is_skipped(rig: FirmwareRig) -> None:
    rng = random.Random(3)
    board = rig.open()
    through = 0
    for _ in range(100):
        rig.car.receive(rng.randbytes(rng.randrange(1, 300)))
        rig.car.firmware.command(b"b", rng.randbytes(rng.randrange(1, 100)))
        rig.wait(0.04)  # what looked like the beginning of a packet is dropped
        through += board.exchange(2.0, 2.0).power_on
    assert through == 100


def test_a_packet_right_behind_garbage_is_found(rig: FirmwareRig) -> None:
    ping = Packet(BOARD_ID, Instruction.PING).encode()
    for garbage in (b"\xff\xff\xfd", b"\xff\xff\xfd\x00\xc8\x02\x00", ping[:-1] + b"\x00", bytes(500)):
        assert [p.id for p in Parser().feed(rig.car.receive(garbage + ping))] == [BOARD_ID]


def test_a_packet_cut_off_is_given_up_after_a_gap(rig: FirmwareRig) -> None:
    beginning = Packet(LEFT_ID, Instruction.WRITE, bytes(100)).encode()[:30]
    ping = Packet(BOARD_ID, Instruction.PING).encode()
    assert rig.car.receive(beginning + ping) == b"", "it may be the packet's inside"
    assert rig.car.receive(ping * 10) != b""
    rig.car.receive(beginning)
    rig.car.step(0.021)
    assert len(rig.car.receive(ping)) == 14


def test_stuffed_packets_are_understood_passed_on_and_sent(rig: FirmwareRig) -> None:
    rig.open()
    rig.bus_packets()
    three = (64).to_bytes(2, "little") + b"\xff\xff\xfd"  # power, LED, and a time-out of 0x01fd ms
    rig.link.write(BOARD_ID, BoardRegisters.HEARTBEAT_TIMEOUT_MS, 0x0100)
    request = Packet(BOARD_ID, Instruction.WRITE, three).encode()
    assert b"\xff\xff\xfd\xfd" in request
    assert Parser().feed(rig.car.receive(request)) == [Packet(BOARD_ID, Instruction.STATUS, b"\0")]
    answer = rig.car.receive(Packet(BOARD_ID, Instruction.READ, bytes([64, 0, 4, 0])).encode())
    assert b"\xff\xff\xfd\xfd\x01" in answer
    assert Parser().feed(answer)[0].parameters == b"\0\xff\xff\xfd\x01"
    to_motor = Packet(LEFT_ID, Instruction.WRITE, bytes([84, 0]) + b"\xff\xff\xfd").encode()
    assert len(Parser().feed(rig.car.receive(to_motor))) == 1
    assert rig.car.bus.heard == to_motor


def test_a_battery_is_low_until_it_has_recovered(rig: FirmwareRig) -> None:
    def errors_at(voltage_v: float) -> int:
        raw = round(voltage_v * 1000 * 4095 / 17600)
        rig.car.firmware.command(b"i", b"\x05" + raw.to_bytes(2, "little"))
        rig.car.firmware.command(b"t", (250).to_bytes(2, "little"))
        answer = rig.car.receive(Packet(BOARD_ID, Instruction.READ, bytes([70, 0, 6, 0])).encode())
        data = Parser().feed(answer)[0].parameters[1:]
        assert int.from_bytes(data[4:6], "little") == pytest.approx(voltage_v * 1000, abs=3)
        return data[0]

    def cleared_errors_at(voltage_v: float) -> int:
        errors_at(voltage_v)
        rig.car.receive(Packet(BOARD_ID, Instruction.WRITE, bytes([69, 0, 1])).encode())
        return errors_at(voltage_v)

    assert errors_at(10.25) == 0
    assert errors_at(10.15) == BoardErrorBits.LOW_BATTERY
    assert errors_at(12.0) == BoardErrorBits.LOW_BATTERY, "latched"
    assert cleared_errors_at(12.0) == 0
    assert errors_at(10.15) == BoardErrorBits.LOW_BATTERY
    assert cleared_errors_at(10.4) == BoardErrorBits.LOW_BATTERY, "still low"
    assert cleared_errors_at(10.6) == 0


def test_the_leds_show_what_goes_on(rig: FirmwareRig) -> None:
    def shown(duration_ms: int) -> str:
        seen = []
        for _ in range(duration_ms // 50):
            rig.car.step(0.05)
            seen.append("#" if rig.car.pins & 2 else ".")
        return "".join(seen)

    assert "#########.........." in shown(2000), "idle"
    rig.open()
    rig.car.step(0.001)
    assert rig.car.pins == 15, "power, status and motor LED, fan"
    rig.wait(0.3)
    assert "##..##.." in shown(600), "an error"
    rig.link.write(BOARD_ID, BoardRegisters.LED, 1)
    assert shown(300) == "######"
