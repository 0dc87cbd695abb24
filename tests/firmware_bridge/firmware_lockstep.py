"""The firmware's core in lockstep, with the emulator's motors behind it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.protocol import Packet
from firmware_bridge.registers import BOARD_ID, BoardRegisters, ButtonBits

FULL_SCALE_MV = 17600
RAW_MAX = 4095


@dataclass(frozen=True, slots=True)
class Answer:
    """What the firmware does after one command."""

    to_host: bytes
    to_bus: bytes
    pins: int  # 1 motor power, 2 status LED, 4 motor LED, 8 fan


class Firmware:
    """The program `lockstep`."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(10) == 0, "the firmware has crashed"

    def command(self, letter: bytes, data: bytes) -> Answer:
        """Give a command; see host/lockstep.c."""
        assert self._process.stdin is not None
        self._process.stdin.write(letter + len(data).to_bytes(2, "little") + data)
        self._process.stdin.flush()
        return Answer(self._sized(), self._sized(), self._exactly(1)[0])

    def _sized(self) -> bytes:
        return self._exactly(int.from_bytes(self._exactly(2), "little"))

    def _exactly(self, size: int) -> bytes:
        assert self._process.stdout is not None
        data = self._process.stdout.read(size)
        assert len(data) == size, "the firmware has crashed"
        return data


class MotorBus(BoardEmulator):
    """The emulator's motors and battery without its board: device 200 does not answer, power is a pin."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.heard = b""  # all that came over the bus
        self.table[BoardRegisters.MOTOR_POWER.address] = 1  # this board forwards everything

    def _watch_host(self, dt_s: float) -> None:
        """The firmware does that."""

    def _handle(self, packet: Packet) -> list[Packet]:
        return [reply for reply in super()._handle(packet) if reply.id != BOARD_ID]

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the bus; return the motors' answers."""
        self.heard += data
        return super().receive(data)

    def supply(self, on: bool) -> None:
        """Switch the motors' supply."""
        for motor in (self.left, self.right):
            motor.power(on)


@dataclass
class FirmwareCar:
    """Firmware, motors and battery, as `LockstepBoard` needs them."""

    firmware: Firmware
    bus: MotorBus = field(default_factory=MotorBus)
    buttons: int = ButtonBits.ENABLE | ButtonBits.POWER_SWITCH
    pins: int = 0
    uptime_ms: int = 0
    _to_host: bytes = b""

    def now_s(self) -> float:
        """The board's time, as the host's clock."""
        return self.uptime_ms / 1000

    def has_power(self) -> bool:
        """The pin of the motors' power."""
        return bool(self.pins & 1)

    def receive(self, data: bytes) -> bytes:
        """Bytes of the host in, the answer out."""
        if data:
            self._do(b"h", data)
        answer, self._to_host = self._to_host, b""
        return answer

    def step(self, dt_s: float) -> None:
        """Let whole milliseconds pass."""
        duration_ms = round(dt_s * 1000)
        self.uptime_ms += duration_ms
        raw = round(self.bus.battery.voltage_v * 1000 * RAW_MAX / FULL_SCALE_MV)
        self._do(b"i", bytes([self.buttons]) + raw.to_bytes(2, "little"))
        self._do(b"t", duration_ms.to_bytes(2, "little"))
        self.bus.step(dt_s)

    def _do(self, letter: bytes, data: bytes) -> None:
        answer = self.firmware.command(letter, data)
        while True:
            self._to_host += answer.to_host
            if answer.pins & 1:
                self.bus.supply(True)
            replies = self.bus.receive(answer.to_bus) if answer.to_bus else b""
            self.pins = answer.pins
            if not self.has_power():
                self.bus.supply(False)
            if not replies:
                return
            answer = self.firmware.command(b"b", replies)
