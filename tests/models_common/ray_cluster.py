"""What tests do to Ray's processes on this machine: find them, and end one in the middle of its work."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_EVERY_S = 0.01
GIVEN_UP_AFTER_S = 120.0
AT_WORK = "ray::_piece"  # how Ray calls a worker at a piece of work


def workers_at_work() -> list[int]:
    """The process ids of those workers of this process's own clusters who are at a piece of work."""
    return [pid for pid in _descendants(os.getpid()) if _title(pid).startswith(AT_WORK)]


@contextmanager
def killing(choose: Callable[[], int | None]) -> Iterator[list[int]]:
    """Meanwhile, kill the first process that `choose` names, as the kernel would; yields whom it has hit."""
    killed: list[int] = []

    def look() -> None:
        ends_s = time.monotonic() + GIVEN_UP_AFTER_S
        while not killed and time.monotonic() < ends_s:
            pid = choose()
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            time.sleep(LOOK_EVERY_S)

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield killed
    finally:
        looker.join()


def _descendants(ancestor: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{ancestor}/task").glob("*/children"):
        for child in map(int, _text(children).split()):
            found += [child, *_descendants(child)]
    return found


def _title(pid: int) -> str:
    return _text(Path(f"/proc/{pid}/cmdline"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return ""
