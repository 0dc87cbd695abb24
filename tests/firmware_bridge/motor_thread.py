"""The emulator's motors at the far end of a bus, in real time, in a thread of their own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

from firmware_bridge.protocol import Packet
from tests.firmware_bridge.firmware_lockstep import MotorBus

LONGEST_STEP_S = 0.02  # when this thread is held up for longer, the motors' time is, too: no packet breaks off
STEP_S = 0.005
LOOK_S = 0.02
RETURN_DELAY_S = 0.001  # a bus needs time to turn round; a real one has its wire's, of 10 µs a byte


class RecordingBus(MotorBus):
    """Motors that remember what they have answered last."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.answers: dict[int, bytes] = {}  # data of each motor's last answer

    def _handle(self, packet: Packet) -> list[Packet]:
        replies = super()._handle(packet)
        self.answers |= {reply.id: reply.parameters[1:] for reply in replies}
        return replies


class MotorThread:
    """Serves a connected socket until it is closed; `has_power` is asked for the pin that switches the motors."""

    def __init__(self, bus: socket.socket, has_power: Callable[[], bool] = lambda: True) -> None:
        self.motors = RecordingBus()
        self._bus = bus
        self._has_power = has_power
        self._ending = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._bus.settimeout(STEP_S)
        before_s = looked_s = time.monotonic()
        with self._bus:
            while not self._ending:
                try:
                    answer = self.motors.receive(self._bus.recv(4096))
                    if answer:
                        time.sleep(RETURN_DELAY_S)
                        self._bus.sendall(answer)
                except TimeoutError:
                    pass
                except OSError:
                    return
                now_s = time.monotonic()
                if now_s - looked_s >= LOOK_S:
                    self.motors.supply(self._has_power())
                    looked_s = now_s
                self.motors.step(min(now_s - before_s, LONGEST_STEP_S))
                before_s = now_s

    def close(self) -> None:
        """End it."""
        self._ending = True
        self._thread.join(10)
