"""The NUCLEO-F411RE's program, byte for byte as it is flashed, in QEMU: the client at one line, motors at the other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

import pytest

from firmware_bridge.bring_up import BringUp, Timeouts
from firmware_bridge.errors import BoardError
from firmware_bridge.link import DeviceLink
from firmware_bridge.port import MonotonicClock
from firmware_bridge.registers import (
    BOARD_ID,
    LEFT_ID,
    RIGHT_ID,
    Block,
    BoardRegisters,
    MotorRegisters,
)
from tests.firmware_bridge.firmware_qemu import QemuBoard
from tests.firmware_bridge.patience import until

pytestmark = pytest.mark.alone

FLASH_START = 0x08000000
SPANS = {BOARD_ID: (0, BoardRegisters.END), LEFT_ID: (64, 83), RIGHT_ID: (64, 83)}
NUCLEO_F411RE = 2
SLOWEST_HZ = 20.0
SLACK_MS = 1000.0  # QEMU may be held up for long on a busy machine; a real board is not


@pytest.fixture(autouse=True)
def _patient_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client, waiting longer than in a car; nothing else of it is changed."""
    monkeypatch.setattr("firmware_bridge.port.TIMEOUT_SLACK_MS", SLACK_MS)


@pytest.fixture
def client(qemu: QemuBoard) -> Iterator[DeviceLink]:
    """The client's link to the board in QEMU."""
    link = DeviceLink(qemu.url)
    yield link
    link.close()


def test_what_runs_is_what_is_flashed(qemu: QemuBoard, firmware_images: Path) -> None:
    program = (firmware_images / "nucleo_f411re.bin").read_bytes()
    program += bytes(-len(program) % 4)
    found = b"".join(qemu.test_port.read(FLASH_START + k).to_bytes(4, "little") for k in range(0, len(program), 4))
    assert found == program


def test_pins_follow_what_the_board_does(qemu: QemuBoard, client: DeviceLink) -> None:
    assert client.read(BOARD_ID, BoardRegisters.HARDWARE) == NUCLEO_F411RE
    assert [qemu.pin(name) for name in ("MOTOR_POWER", "MOTOR_LED", "FAN", "BUS_DIRECTION")] == [False] * 4
    qemu.set_temperature_c(50)
    until(lambda: qemu.pin("FAN"))
    qemu.set_battery_v(10.0)
    until(lambda: client.read(BOARD_ID, BoardRegisters.BATTERY_MV) == pytest.approx(10_000, abs=5))
    client.write(BOARD_ID, BoardRegisters.LED, 1)
    until(lambda: qemu.pin("STATUS_LED"))
    client.write(BOARD_ID, BoardRegisters.HEARTBEAT_TIMEOUT_MS, 3000)
    client.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1)
    assert qemu.pin("MOTOR_POWER")
    assert qemu.pin("MOTOR_LED")
    until(lambda: qemu.motors.left.awake)
    client.ping(LEFT_ID)
    assert not qemu.pin("BUS_DIRECTION"), "back to listening"


def test_its_clock_keeps_time(client: DeviceLink) -> None:
    """Ticks that come while the machine is busy elsewhere are lost, so it may be slow."""
    begun_s, begun_ms = time.monotonic(), client.read(BOARD_ID, BoardRegisters.UPTIME_MS)
    until(lambda: client.read(BOARD_ID, BoardRegisters.UPTIME_MS) >= begun_ms + 500)
    assert 0.45 < time.monotonic() - begun_s < 2.0


class Cycles:
    """Cycles of one velocity write and one full read, every payload compared with what was sent.

    When a busy machine holds QEMU up for 20 ms within a packet, the board drops that packet, as it has to. The client
    knows that by silence, or by the old heartbeat in the answer; such a cycle is `lost`, and made again.
    """

    def __init__(self, qemu: QemuBoard, client: DeviceLink, seed: int) -> None:
        self.done = self.lost = self.wrong = 0
        self._motors = qemu.motors
        self._rng = random.Random(seed)
        self._link = client
        self._clock = MonotonicClock()
        self._heartbeat = 0
        until(lambda: self._heartbeat, self._bring_up)

    def _bring_up(self) -> None:
        bring_up = BringUp(self._link, Timeouts(heartbeat_s=5.0, bus_watchdog_s=2.5), self._clock, self._heartbeat)
        bring_up.run()
        self._heartbeat = bring_up.heartbeat

    def run(self) -> None:
        """One cycle."""
        goals = {k: self._rng.randrange(-265, 266) for k in (LEFT_ID, RIGHT_ID)}
        self._heartbeat = (self._heartbeat + 1) % 256
        try:
            self._link.write_many(
                {
                    BOARD_ID: (BoardRegisters.HEARTBEAT, self._heartbeat),
                    **{k: (MotorRegisters.GOAL_VELOCITY, goal) for k, goal in goals.items()},
                }
            )
            answers = self._link.read_many(SPANS)
        except BoardError:
            self.lost += 1
            return
        if answers[BOARD_ID][BoardRegisters.HEARTBEAT] != self._heartbeat:
            self.lost += 1
            return
        self.done += 1
        self.wrong += not self._is_right(answers, goals)

    def _is_right(self, answers: dict[int, Block], goals: dict[int, int]) -> bool:
        """Whether the motors' data is what they have sent, and shows what was written; and the board's likewise."""
        board = answers[BOARD_ID]
        expected = {
            BoardRegisters.ID: BOARD_ID,
            BoardRegisters.MOTOR_POWER: 1,
            BoardRegisters.ERRORS: 0,
            BoardRegisters.CRC_ERRORS: 0,
            BoardRegisters.BUTTONS: 5,
        }
        motors = (LEFT_ID, RIGHT_ID)
        return (
            all(board[register] == value for register, value in expected.items())
            and all(answers[k].data == self._motors.answers[k] for k in motors)
            and all(answers[k][MotorRegisters.GOAL_VELOCITY] == goals[k] for k in motors)
        )


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_no_payload_is_wrong(
    qemu: QemuBoard, client: DeviceLink, count: int, record_property: Callable[[str, object], None]
) -> None:
    cycles = Cycles(qemu, client, seed=count)
    times_s = [time.monotonic()]
    while cycles.done < count:
        cycles.run()
        times_s.append(time.monotonic())
    tenths_s = quantiles((after - before for before, after in pairwise(times_s)), n=10)
    undisturbed_hz, median_hz = 1 / tenths_s[0], 1 / tenths_s[4]
    speed = f"median {median_hz:.0f} Hz, undisturbed {undisturbed_hz:.0f} Hz"
    record_property("cycles", f"{count}, {speed}, {cycles.lost} lost, {cycles.wrong} wrong")
    assert cycles.wrong == 0
    assert cycles.lost <= count // 20
    assert undisturbed_hz >= SLOWEST_HZ, "one cycle in ten is not held up by other work of the machine"
