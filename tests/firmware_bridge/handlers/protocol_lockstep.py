"""`lockstep://name`: a port straight into an emulator, whose time passes only while its host waits.

The very client that drives a car runs against it, faster than real time and the same every time.
"""

from __future__ import annotations

from firmware_bridge.emulator.board import BoardEmulator

WAIT_S = 0.002

emulators: dict[str, BoardEmulator] = {}


class EmulatorClock:
    """The emulator's time, as the host's clock."""

    def __init__(self, emulator: BoardEmulator) -> None:
        self._emulator = emulator

    def now_s(self) -> float:
        return self._emulator.uptime_s


class Serial:
    """What the client needs of pyserial's port."""

    def __init__(self, _port: None, **_options: float | bool) -> None:
        self.port = ""
        self._replies = b""

    def open(self) -> None:
        self._emulator = emulators[self.port.removeprefix("lockstep://")]

    def close(self) -> None:
        pass

    def reset_input_buffer(self) -> None:
        self._replies = b""

    def write(self, data: bytes | list[int]) -> int:
        self._replies += self._emulator.receive(bytes(data))
        return len(data)

    def read(self, size: int) -> bytes:
        if not self._replies:
            self._emulator.step(WAIT_S)
            self._replies += self._emulator.receive(b"")  # late replies come by themselves
        taken, self._replies = self._replies[:size], self._replies[size:]
        return taken
