"""Keeping a measurement to a few cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def kept_to_cores(count: int) -> Iterator[str]:
    """Keep this thread, and those that it starts meanwhile, to `count` cores; says in words what was done.

    OpenCV is told to start no more threads than that: on a machine of so few cores it would not, and its idle ones
    spin for a while.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield "not kept to a core, which this system cannot do"
        return
    before = os.sched_getaffinity(0)
    chosen = sorted(before)[-count:]  # the first ones serve more interrupts
    try:
        os.sched_setaffinity(0, chosen)
    except OSError as error:
        yield f"not kept to a core ({error.strerror})"
        return
    opencv_threads = cv2.getNumThreads()
    cv2.setNumThreads(len(chosen))
    try:
        yield f"kept to core{'s' if len(chosen) > 1 else ''} {', '.join(map(str, chosen))}"
    finally:
        cv2.setNumThreads(opencv_threads)
        os.sched_setaffinity(0, before)
