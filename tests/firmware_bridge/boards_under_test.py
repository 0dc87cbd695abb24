"""The three implementations of the board behind one face: the emulator, the firmware on this machine and in QEMU.

The first two are in lockstep with the test; QEMU's time is real time.
"""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.handlers.protocol_lockstep import LockstepBoard, offer, withdraw
from firmware_bridge.port import Clock, MonotonicClock
from firmware_bridge.protocol import Packet, Parser
from firmware_bridge.registers import ButtonBits
from tests.firmware_bridge.firmware_lockstep import FirmwareCar
from tests.firmware_bridge.firmware_qemu import QemuBoard

READY = ButtonBits.ENABLE | ButtonBits.POWER_SWITCH
PATIENCE_S = 1.0  # for an answer in real time; this machine may be busy
TRIES = 3  # QEMU that is held up within a packet for 20 ms gives it up, as it has to
QUIET_S = 0.15  # real time in which nothing must come
NAME = "under-test"


class BoardUnderTest(ABC):
    """A board with motors, and everything that can be done to it from outside.

    `slack_s` is how much later than told things may happen.
    """

    url: str
    clock: Clock
    motors: BoardEmulator
    slack_s = 0.0

    @abstractmethod
    def send(self, data: bytes, answers: int) -> bytes:
        """Send bytes; returns all that comes until so many packets have come; with none to come, until it is quiet."""

    @abstractmethod
    def now_s(self) -> float:
        """The board's own time."""

    @abstractmethod
    def wait(self, duration_s: float) -> None:
        """Let the board's time pass."""

    @abstractmethod
    def set_buttons(self, buttons: int) -> None:
        """Press and switch; bits of `ButtonBits`."""

    @abstractmethod
    def set_temperature_c(self, temperature_c: int) -> None:
        """Warm the board."""

    @abstractmethod
    def has_power(self) -> bool:
        """Whether the motors have power."""

    @abstractmethod
    def close(self) -> None:
        """End it."""

    @abstractmethod
    def hang_up(self) -> None:
        """Let go of the port, so that a client can have it."""

    def ask(self, packet: Packet, answers: int = 1) -> list[Packet]:
        """Send a packet; the answers."""
        return Parser().feed(self.send(packet.encode(), answers))


class EmulatorUnderTest(BoardUnderTest):
    """The emulator."""

    def __init__(self) -> None:
        self.motors = BoardEmulator()
        self.clock = self
        self.url = offer(NAME, LockstepBoard(self.motors.receive, self.motors.step))

    def now_s(self) -> float:
        return self.motors.uptime_s

    def send(self, data: bytes, answers: int) -> bytes:
        return self.motors.receive(data)

    def wait(self, duration_s: float) -> None:
        for _ in range(round(duration_s / 0.001)):
            self.motors.step(0.001)

    def set_buttons(self, buttons: int) -> None:
        self.motors.buttons = buttons

    def set_temperature_c(self, temperature_c: int) -> None:
        self.motors.temperature_c = temperature_c

    def has_power(self) -> bool:
        return self.motors.left.powered

    def hang_up(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        withdraw(NAME)


class HostBuildUnderTest(BoardUnderTest):
    """The firmware's core as a program of this machine."""

    def __init__(self, car: FirmwareCar) -> None:
        self._car = car
        self.motors = car.bus
        self.clock = self
        self.url = offer(NAME, LockstepBoard(car.receive, car.step))

    def now_s(self) -> float:
        return self._car.now_s()

    def send(self, data: bytes, answers: int) -> bytes:
        return self._car.receive(data)

    def wait(self, duration_s: float) -> None:
        for _ in range(round(duration_s / 0.001)):
            self._car.step(0.001)

    def set_buttons(self, buttons: int) -> None:
        self._car.buttons = buttons

    def set_temperature_c(self, temperature_c: int) -> None:
        self._car.firmware.command(b"c", temperature_c.to_bytes(1, signed=True) + b"\0")

    def has_power(self) -> bool:
        return self._car.has_power()

    def hang_up(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        withdraw(NAME)


class QemuUnderTest(BoardUnderTest):
    """The NUCLEO-F411RE's program in QEMU."""

    slack_s = 0.5

    def __init__(self, board: QemuBoard) -> None:
        self._board = board
        self.motors = board.motors
        self.clock = MonotonicClock()
        self.url = board.url
        self._connection: socket.socket | None = None

    def now_s(self) -> float:
        return self._board.milliseconds() / 1000

    def send(self, data: bytes, answers: int) -> bytes:
        if self._connection is None:
            host, port = self.url.removeprefix("socket://").split(":")
            self._connection = socket.create_connection((host, int(port)))
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(TRIES if answers else 1):
            if received := self._send_once(self._connection, data, answers):
                return received
        return b""

    @staticmethod
    def _send_once(connection: socket.socket, data: bytes, answers: int) -> bytes:
        connection.settimeout(PATIENCE_S if answers else QUIET_S)
        connection.sendall(data)
        parser, received = Parser(), b""
        while answers > 0 or not received:
            try:
                part = connection.recv(4096)
            except TimeoutError:
                break
            received += part
            answers -= len(parser.feed(part))
        return received

    def wait(self, duration_s: float) -> None:
        end_s = self.now_s() + duration_s
        while self.now_s() < end_s:
            time.sleep(0.001)

    def set_buttons(self, buttons: int) -> None:
        self._board.set_buttons(buttons)

    def set_temperature_c(self, temperature_c: int) -> None:
        self._board.set_temperature_c(temperature_c)

    def has_power(self) -> bool:
        return self._board.has_power()

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        self.hang_up()
