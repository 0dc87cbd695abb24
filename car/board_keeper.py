"""Keeps the board working: exchanges with it, rides out single lost replies, recovers it, and says what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from car.wheels import Odometer, Odometry
from firmware_bridge.errors import BoardError, NoBatteryError, NotRespondingError, StaleReplyError
from firmware_bridge.state import BoardState

RECOVERY_PERIOD_S = 0.5
SINGLE_LOSSES = 2  # so many replies in a row may be lost before it counts as a fault

_log = logging.getLogger(__name__)


class BoardPort(Protocol):
    """What the car needs of an open board."""

    def exchange(self, left_rad_s: float, right_rad_s: float) -> BoardState:
        """Set both wheels and read everything; raises BoardError."""
        ...

    def recover(self) -> None:
        """Make it ready to drive again, at whatever port it is now; raises BoardError."""
        ...

    def close(self) -> None:
        """Stop the wheels and let go."""
        ...


@dataclass(frozen=True, slots=True)
class BoardReading:
    """The newest of what the board told; `odometry` is None while it tells nothing."""

    odometry: Odometry | None = None
    battery_v: float = 0.0
    faults: tuple[str, ...] = ()


class BoardKeeper:
    """Owned by the control loop's thread. Never raises for what a board does."""

    def __init__(self, open_board: Callable[[], BoardPort], odometer: Odometer) -> None:
        self._open_board = open_board
        self._odometer = odometer
        self._board: BoardPort | None = None
        self._retry_s = float("-inf")
        self._losses = 0
        self._reading = BoardReading(faults=("board: not open yet",))

    @property
    def reading(self) -> BoardReading:
        """What was told last."""
        return self._reading

    def exchange(self, left_rad_s: float, right_rad_s: float, now_s: float) -> BoardReading:
        """Set the wheels; while the board is at fault, try now and then to get it back instead."""
        try:
            if self._reading.faults:
                self._recover(now_s)
            elif self._board is not None:
                self._take(self._board.exchange(left_rad_s, right_rad_s))
        except (StaleReplyError, NotRespondingError) as error:
            self._losses += 1
            if self._losses > SINGLE_LOSSES or self._reading.faults:
                self._fail(error, now_s)
        except BoardError as error:
            self._fail(error, now_s)
        return self._reading

    def close(self) -> None:
        """Stop the wheels and let the board go."""
        board, self._board = self._board, None
        if board is not None:
            board.close()

    def _take(self, state: BoardState) -> None:
        odometry = self._odometer.update(
            state.left.position_rad,
            state.right.position_rad,
            state.left.velocity_rad_s,
            state.right.velocity_rad_s,
            state.time_s,
        )
        self._losses = 0
        self._reading = BoardReading(odometry, state.battery_v)

    def _recover(self, now_s: float) -> None:
        if now_s < self._retry_s:
            return
        self._retry_s = now_s + RECOVERY_PERIOD_S
        self._odometer.recount()
        if self._board is None:
            self._board = self._open_board()
        else:
            self._board.recover()
        self._take(self._board.exchange(0.0, 0.0))
        _log.info("board: ready, battery %.1f V", self._reading.battery_v)

    def _fail(self, error: BoardError, now_s: float) -> None:
        fault = str(error)
        if self._reading.faults != (fault,):
            _log.warning("%s", fault)
        if not self._reading.faults:
            self._retry_s = now_s + RECOVERY_PERIOD_S
        battery_v = 0.0 if isinstance(error, NoBatteryError) else self._reading.battery_v
        self._reading = BoardReading(None, battery_v, (fault,))
