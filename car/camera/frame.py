"""One picture and when it was taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture (height, width, 3) in BGR; `captured_s` is on this process's monotonic clock."""

    picture: Picture
    sequence: int
    captured_s: float

    def age_s(self, now_s: float) -> float:
        """How long ago it was taken."""
        return max(0.0, now_s - self.captured_s)
