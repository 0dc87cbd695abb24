"""Which size does a viewer keep up with? Down at once, up again with a patience that grows with each failure."""

from __future__ import annotations

from fleet.video.variant import PictureSize

WINDOW_S = 0.5
LEAST_OFFERED = 4  # a window with fewer pictures tells nothing
GOOD_SHARE = 0.9
POOR_SHARE = 0.4
SHORT_STAY_WINDOWS = 6  # who comes down sooner than that should not have gone up
LONGEST_PATIENCE_WINDOWS = 128

_SIZES = tuple(PictureSize)


class Ladder:
    """One viewer's size; starts with full width and low quality, which even a slow viewer has soon."""

    def __init__(self, now_s: float) -> None:
        self.size = PictureSize.COARSE
        self._begun_s = now_s
        self._offered = self._shown = 0
        self._good_windows = 0
        self._stayed_windows = SHORT_STAY_WINDOWS
        self._patience_windows = 1

    def offered(self, now_s: float, shown: bool) -> None:
        """There was a picture, which the viewer got or had to do without."""
        self._offered += 1
        self._shown += shown
        if now_s - self._begun_s >= WINDOW_S and self._offered >= LEAST_OFFERED:
            self._judge(self._shown / self._offered)
            self._begun_s = now_s
            self._offered = self._shown = 0

    def _judge(self, share: float) -> None:
        self._stayed_windows += 1
        self._good_windows = self._good_windows + 1 if share >= GOOD_SHARE else 0
        if share < POOR_SHARE:
            self._step(1)
        elif self._good_windows >= self._patience_windows:
            self._step(-1)

    def _step(self, by: int) -> None:
        rung = _SIZES.index(self.size) + by
        if not 0 <= rung < len(_SIZES):
            return
        if by > 0:
            failed = self._stayed_windows < SHORT_STAY_WINDOWS
            self._patience_windows = min(LONGEST_PATIENCE_WINDOWS, 2 * self._patience_windows) if failed else 1
        self.size = _SIZES[rung]
        self._good_windows = 0
        self._stayed_windows = 0
