"""An error that lasts: neighbouring pictures are wrong alike."""

from __future__ import annotations

import math
import random


class Wandering:
    """A stationary Gauss-Markov process with standard deviation 1, asked at increasing times."""

    def __init__(self, rng: random.Random, lasts_s: float) -> None:
        """`lasts_s` is the time after which the correlation is down to 1/e."""
        self._rng = rng
        self._lasts_s = lasts_s
        self._value = rng.gauss(0.0, 1.0)
        self._at_s: float | None = None

    def at(self, now_s: float) -> float:
        """Its value at a time."""
        passed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._at_s = now_s
        kept = math.exp(-passed_s / self._lasts_s)
        self._value = kept * self._value + math.sqrt(1.0 - kept * kept) * self._rng.gauss(0.0, 1.0)
        return self._value


class Found:
    """Whether a thing is found, with a given likelihood in the long run, and misses that last."""

    def __init__(self, rng: random.Random, lasts_s: float) -> None:
        self._wandering = Wandering(rng, lasts_s)

    def at(self, now_s: float, share: float) -> bool:
        """Whether it is found at a time; `share` is the likelihood."""
        return 0.5 * (1.0 + math.erf(self._wandering.at(now_s) / math.sqrt(2.0))) < share
