"""How the server's process looks for garbage: whole searches stop everything, and cars with it if they last."""

from __future__ import annotations

import gc

FULL_SEARCH_EVERY = 100  # searches of the middle generation; Python's own value is 10


def spare_long_lived() -> None:
    """Leave what is there now out of every search to come, and make whole searches ten times as rare.

    With 200 cars and 200 stations, Python's defaults search a quarter of a million objects for 0.2 s every 5 s, to find
    a few hundred; a car stops after 0.7 s of silence. To be called when all is imported, by a process that is nothing
    but a server.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_SEARCH_EVERY)
