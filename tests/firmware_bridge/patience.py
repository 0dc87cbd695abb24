"""Waiting in real time for what has to come about, on a machine that may be busy with other things."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from firmware_bridge.errors import BoardError

PATIENCE_S = 20.0


def until(condition: Callable[[], object], attempt: Callable[[], object] = lambda: None) -> None:
    """Try until it is so; a reply that a busy machine makes late is no failure here."""
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        with contextlib.suppress(BoardError):
            attempt()
        if condition():
            return
        assert time.monotonic() < deadline_s, "it did not come about"
        time.sleep(0.01)  # the other side lives in real time
