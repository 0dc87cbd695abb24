"""Whether board, battery and motors answer as they should, and whether the right wheel turns the right way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from car.check.result import Finding, complaints
from car.piloting.battery import LOW_PERCENT, battery_percent
from firmware_bridge.board import Board
from firmware_bridge.state import BoardState

EXCHANGES = 20
LONGEST_EXCHANGE_S = 0.02
HOTTEST_MOTOR_C = 65.0
ADVICE = "see which part answers with `pixelopolis board ping`, then its cable, its supply and the emergency stop"

TURN_RAD_S = 1.5
TURN_S = 1.0
EXCHANGE_PERIOD_S = 0.02
LEAST_TURN_RAD = 0.5 * TURN_RAD_S * TURN_S  # the rest is for starting
MOST_STRAY_RAD = 0.1

Ask = Callable[[str], bool]


@contextmanager
def _opened(url: str) -> Iterator[Board]:
    board = Board.open(url)
    try:
        yield board
    finally:
        board.close()


def check_board(url: str) -> Finding:
    """Exchanges, battery and motors; the wheels stand.

    Raises:
        BoardError: if it does not answer as it should.
    """
    times_s = []
    with _opened(url) as board:
        for _ in range(EXCHANGES):
            started_s = time.perf_counter()
            state = board.exchange(0.0, 0.0)
            times_s.append(time.perf_counter() - started_s)
    slowest_s = float(np.quantile(times_s, 0.9))
    hottest_c = max(state.left.temperature_c, state.right.temperature_c)
    percent = battery_percent(state.battery_v)
    return Finding(
        f"battery {state.battery_v:.1f} V ({percent:.0f} %), motors {hottest_c:.0f} °C, "
        f"{slowest_s * 1e3:.1f} ms per exchange",
        complaints(
            (percent >= LOW_PERCENT, f"below {LOW_PERCENT:.0f} % a car takes nobody on board: swap the battery"),
            (hottest_c <= HOTTEST_MOTOR_C, f"let the motors cool below {HOTTEST_MOTOR_C:.0f} °C"),
            (
                slowest_s <= LONGEST_EXCHANGE_S,
                f"{LONGEST_EXCHANGE_S * 1e3:.0f} ms are the most: no hub, a short cable, the port's latency_timer at 1",
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Turn:
    name: str
    left: int  # 1 if this wheel is to turn, else 0
    right: int


TURNS = (_Turn("left", 1, 0), _Turn("right", 0, 1))


def check_wheels(url: str, ask: Ask | None = None) -> Finding:
    """Turn each wheel forwards and back, and see whether its encoder says so. The car must stand on blocks.

    Args:
        url: of the board.
        ask: puts a question to somebody who looks at the wheels, as encoders cannot tell left from right.

    Raises:
        BoardError: if it does not answer as it should.
    """
    found: list[str] = []
    wrong: list[str] = []
    with _opened(url) as board:
        for turn in TURNS:
            ahead = _turned(board, turn, TURN_RAD_S)
            back = _turned(board, turn, -TURN_RAD_S)
            found.append(f"{turn.name} {ahead[turn.right]:+.1f} and {back[turn.right]:+.1f} rad")
            wrong += _wrong_with(turn, ahead, back)
            if ask is not None and not ask(f"Did the {turn.name} wheel, and only it, turn forwards, then back?"):
                wrong.append(
                    f"it was not the {turn.name} wheel that turned, or it began backwards: the left motor must have "
                    "id 1, the right one id 2"
                )
    return Finding(", ".join(found), tuple(wrong))


def _turned(board: Board, turn: _Turn, speed_rad_s: float) -> tuple[float, float]:
    """How far left and right wheel have turned when one was told to for a while."""
    before = board.exchange(0.0, 0.0)
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < TURN_S:
        board.exchange(turn.left * speed_rad_s, turn.right * speed_rad_s)
        time.sleep(EXCHANGE_PERIOD_S)
    after = board.exchange(0.0, 0.0)
    return _angles(before, after)


def _angles(before: BoardState, after: BoardState) -> tuple[float, float]:
    return (
        after.left.position_rad - before.left.position_rad,
        after.right.position_rad - before.right.position_rad,
    )


def _wrong_with(turn: _Turn, ahead: tuple[float, float], back: tuple[float, float]) -> tuple[str, ...]:
    own, other = turn.right, turn.left
    stray_rad = max(abs(ahead[other]), abs(back[other]))
    return complaints(
        (
            ahead[own] >= LEAST_TURN_RAD and back[own] <= -LEAST_TURN_RAD,
            f"the {turn.name} wheel does not turn as told: see that it is free, and its motor in velocity mode",
        ),
        (stray_rad <= MOST_STRAY_RAD, f"the other wheel turned with the {turn.name} one: lift the car off the ground"),
    )
