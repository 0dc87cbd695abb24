"""Does a process's memory grow?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WARM_UP = 1 / 3  # of the time: caches fill, the fleet spreads over the city
SHORTEST_MINUTES = 5.0  # after the warm-up; in less nobody can tell
MOST_MB_PER_MINUTE = 0.2  # 288 MB a day


def slope_mb_per_minute(minutes: Sequence[float], resident_mb: Sequence[float]) -> float:
    """By least squares, after the warm-up; 0 for less than two samples there."""
    settled = [(at, mb) for at, mb in zip(minutes, resident_mb, strict=True) if at >= WARM_UP * minutes[-1]]
    if len(settled) < 2:
        return 0.0
    at, mb = zip(*settled, strict=True)
    return float(np.polyfit(at, mb, 1)[0])


def grows(minutes: Sequence[float], resident_mb: Sequence[float]) -> bool:
    """Whether it goes on growing; False where the time is too short to tell."""
    long_enough = (1 - WARM_UP) * minutes[-1] >= SHORTEST_MINUTES
    return long_enough and slope_mb_per_minute(minutes, resident_mb) > MOST_MB_PER_MINUTE
