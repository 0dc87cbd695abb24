"""Round trips to an emulated board over TCP: one write of both wheels and one full read, at 100 Hz."""

from __future__ import annotations

import subprocess
import sys
import time

from firmware_bridge.board import Board
from pixelopolis.bench.figure import Figure, percentile

CYCLES = 500
PERIOD_S = 0.01


def bench_board() -> list[Figure]:
    """Exchange with an emulator in a process of its own."""
    command = [sys.executable, "-m", "pixelopolis", "board", "emulate", "--tcp", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:  # noqa: S603  # our own command
        try:
            if emulator.stdout is None:
                raise RuntimeError("the emulator has no standard output")
            url = emulator.stdout.readline().strip()
            board = Board.open(url, heartbeat_timeout_s=1.0)
            begun_s, busy_s = time.monotonic(), time.process_time()
            times_ms = [_timed_exchange_ms(board, begun_s + k * PERIOD_S) for k in range(CYCLES)]
            share = (time.process_time() - busy_s) / (time.monotonic() - begun_s)
            board.close()
        finally:
            emulator.terminate()
    return [
        Figure("board round trip p50", percentile(times_ms, 0.5), "ms"),
        Figure("board round trip p99", percentile(times_ms, 0.99), "ms"),
        Figure("board client at 100 Hz", 100 * share, "% of a core"),
    ]


def _timed_exchange_ms(board: Board, due_s: float) -> float:
    time.sleep(max(0.0, due_s - time.monotonic()))
    begun_s = time.perf_counter()
    board.exchange(2.0, 2.0)
    return (time.perf_counter() - begun_s) * 1e3
