"""Ctrl-C, which reaches all processes of a command, stops a piece of work, never the handing over of its result."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class _Interrupts:
    """Ctrl-C in a worker.

    It reaches all processes at once. Raised anywhere, it could hit a worker in the middle of writing a result, and the
    first process would wait for the rest of it for ever.
    """

    def __init__(self) -> None:
        self._came = False
        self._heeded = False

    def listen(self) -> None:
        """Begin to listen in this process; Ctrl-C is only noted from now on."""
        signal.signal(signal.SIGINT, self._come)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Ctrl-C raises KeyboardInterrupt in here, also one that came before."""
        self._heeded = True
        try:
            if self._came:
                raise KeyboardInterrupt
            yield
        finally:
            self._heeded = False

    def _come(self, *_: object) -> None:
        self._came = True
        if self._heeded:
            raise KeyboardInterrupt


interrupts = _Interrupts()


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Processes that start meanwhile hold Ctrl-C back too, until they listen; nobody's is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
