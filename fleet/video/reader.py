"""Does a viewer read what reaches it? Its system keeps what comes until then; only the window tells what lies there."""

from __future__ import annotations

ROUNDING_BYTES = 1_500  # windows are told in steps, and the web server adds some bytes of its own
AT_ONCE_S = 0.02  # what was acknowledged sooner than this after a picture went out tells nothing about that picture
PROOFS = 2  # pictures in a row that were read soon, before that is taken for granted
SOON_LOOKS = 2  # at acknowledgements later than at once; from afar, the picture's own is the first of them
DOUBTS = 2  # times in a row that it was behind, before it is not
# One that would have read a picture at this rate, and a little later, gets another whatever its window says; systems
# sometimes take back room though nothing lies there.
SLOWEST_BYTES_S = 8_000.0
PATIENCE_S = 0.3


class Reader:
    """What one viewer has read.

    After each picture a slow viewer gets no other before an acknowledgement, for which a probe is sent, tells that all
    is read. A viewer that has always been quick gets the next one anyway, and may be one picture behind.

    How much room there is when all is read shows only after a while: Linux announces more as more comes in. So the
    first picture counts as unread until the window is again as wide as when that came in.
    """

    def __init__(self, now_s: float) -> None:
        self._newest_bytes = 0
        self._newest_at_s = now_s
        self._first_window_bytes: int | None = None
        self._widest_bytes: int | None = None  # known once the first picture was read
        self._proofs = 0
        self._doubts = 0
        self._is_quick = False
        self._looks = 0  # since the newest picture

    def picture_handed_over(self, now_s: float, size_bytes: int) -> None:
        """A picture has gone out."""
        self._newest_bytes = size_bytes
        self._newest_at_s = now_s
        self._looks = 0

    def is_ready(self, now_s: float, told_at_s: float, window_bytes: int) -> bool:
        """Whether it has read enough, by the window that it announced at `told_at_s`."""
        if now_s - self._newest_at_s > self._newest_bytes / SLOWEST_BYTES_S + PATIENCE_S:
            self._widest_bytes = window_bytes
            return True
        unread_bytes = self._unread_bytes(told_at_s, window_bytes)
        told_later = told_at_s - self._newest_at_s > AT_ONCE_S
        if self._is_quick:
            allowed_bytes = self._newest_bytes + ROUNDING_BYTES + (0 if told_later else self._newest_bytes)
            return self._stays_quick(unread_bytes <= allowed_bytes)
        self._looks += told_later
        is_read = told_later and unread_bytes <= ROUNDING_BYTES
        if is_read:
            self._proofs = self._proofs + 1 if self._looks <= SOON_LOOKS else 0
            self._is_quick = self._proofs >= PROOFS
        return is_read

    def _stays_quick(self, keeps_up: bool) -> bool:
        self._doubts = 0 if keeps_up else self._doubts + 1
        if self._doubts >= DOUBTS:
            self._is_quick, self._proofs, self._doubts = False, 0, 0
        return keeps_up

    def _unread_bytes(self, told_at_s: float, window_bytes: int) -> int:
        if self._widest_bytes is None:
            if not self._first_read(told_at_s, window_bytes):
                return ROUNDING_BYTES + self._newest_bytes
            self._widest_bytes = window_bytes
        self._widest_bytes = max(self._widest_bytes, window_bytes)
        return self._widest_bytes - window_bytes

    def _first_read(self, told_at_s: float, window_bytes: int) -> bool:
        if self._first_window_bytes is None:
            self._first_window_bytes = window_bytes
            return False
        return told_at_s - self._newest_at_s > AT_ONCE_S and window_bytes >= self._first_window_bytes
