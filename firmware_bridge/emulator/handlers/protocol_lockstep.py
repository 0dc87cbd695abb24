"""`lockstep://name`: a port straight into an emulated board, whose time passes only while its host waits.

The very client that drives a car runs against it, faster than real time and the same every time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import serial

WAIT_S = 0.002


@dataclass(frozen=True, slots=True)
class LockstepBoard:
    """A board as the port needs it."""

    receive: Callable[[bytes], bytes]  # bytes of the host in, the answer out; late answers come by themselves
    step: Callable[[float], None]  # lets so many seconds pass, for the board or for a whole world round it


_boards: dict[str, LockstepBoard] = {}


def offer(name: str, board: LockstepBoard) -> str:
    """Offer a board at a port of that name, in place of any before; returns the port's URL."""
    if __package__ not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append(__package__)
    _boards[name] = board
    return f"lockstep://{name}"


def withdraw(name: str) -> None:
    """Offer it no more; ports that are open stay so."""
    _boards.pop(name, None)


class Serial:
    """What the client needs of pyserial's port."""

    def __init__(self, _port: None, **_options: float | bool) -> None:
        self.port = ""
        self._replies = b""

    def open(self) -> None:
        """Find the board; raises KeyError if there is none of that name."""
        self._board = _boards[self.port.removeprefix("lockstep://")]

    def close(self) -> None:
        """Nothing is held."""

    def reset_input_buffer(self) -> None:
        """Forget what was not read."""
        self._replies = b""

    def write(self, data: bytes | list[int]) -> int:
        """Hand bytes to the board; returns how many."""
        self._replies += self._board.receive(bytes(data))
        return len(data)

    def read(self, size: int) -> bytes:
        """At most `size` bytes that have come; if there are none, some time passes first."""
        if not self._replies:
            self._board.step(WAIT_S)
            self._replies += self._board.receive(b"")
        taken, self._replies = self._replies[:size], self._replies[size:]
        return taken
