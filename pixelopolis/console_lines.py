"""Lines that somebody types while a program runs, for its event loop."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable


def read_lines(take: Callable[[str], object], loop: asyncio.AbstractEventLoop) -> None:
    """Call `take` in the loop with each line of standard input, until that ends.

    A program in the background of a terminal reads nothing, as the terminal would stop it for that.
    """
    if sys.stdin is None or _is_in_background():
        return
    threading.Thread(target=_read, args=(take, loop), daemon=True).start()


def _is_in_background() -> bool:
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp()
    except OSError:  # a terminal, but not the one that controls this program
        return False


def _read(take: Callable[[str], object], loop: asyncio.AbstractEventLoop) -> None:
    for line in sys.stdin:
        if loop.is_closed():
            return
        loop.call_soon_threadsafe(take, line)
