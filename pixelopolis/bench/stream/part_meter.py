"""What one viewer gets: when each picture was complete, and how old it was then."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TIMESTAMP = re.compile(rb"\r\nx-timestamp: *([\d.]+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
HEAD_STEP_BYTES = 1024  # looked at once: pictures are much larger, and need not be
LONGEST_HEAD_BYTES = 64 * 1024


@dataclass(slots=True)
class Arrivals:
    """Pictures of one viewer, repeated ones left out, unless it is not known when they were taken."""

    count: int = 0
    ages_s: list[float] = field(default_factory=list)
    most_behind_s: float = 0.0  # how old what it saw ever became before the next picture was there
    newest_taken_s: float = 0.0

    def add(self, now_s: float, taken_s: float | None) -> None:
        """A picture is complete. Both times are of the calendar."""
        if taken_s is None:
            self.count += 1
            return
        if taken_s <= self.newest_taken_s:
            return
        self.count += 1
        self.ages_s.append(now_s - taken_s)
        if self.newest_taken_s:
            self.most_behind_s = max(self.most_behind_s, now_s - self.newest_taken_s)
        self.newest_taken_s = taken_s


class PartMeter:
    """Takes the bytes of a connection as they come. Pictures themselves are only looked at by `taken_of`, if given."""

    def __init__(self, taken_of: Callable[[bytes, float], float | None] | None = None) -> None:
        self.arrivals = Arrivals()
        self._taken_of = taken_of
        self._head = b""
        self._body: list[bytes] = []
        self._left = 0
        self._taken_s: float | None = None

    def begin(self) -> None:
        """Count from now on."""
        self.arrivals = Arrivals()

    def feed(self, data: bytes, now_s: float) -> None:
        """More bytes have come.

        Raises:
            ValueError: if they are no stream of pictures.
        """
        at = 0
        while at < len(data):
            at = self._in_body(data, at, now_s) if self._left else self._in_head(data, at)

    def _in_body(self, data: bytes, at: int, now_s: float) -> int:
        end = min(len(data), at + self._left)
        self._left -= end - at
        if self._taken_of is not None:
            self._body.append(data[at:end])
        if self._left == 0:
            taken_s = self._taken_s
            if taken_s is None and self._taken_of is not None:
                taken_s = self._taken_of(b"".join(self._body), now_s)
            self._body.clear()
            self.arrivals.add(now_s, taken_s)
        return end

    def _in_head(self, data: bytes, at: int) -> int:
        known = len(self._head)
        self._head += data[at : at + HEAD_STEP_BYTES]
        end = self._head.find(_HEAD_END)
        if end < 0:
            if len(self._head) > LONGEST_HEAD_BYTES:
                raise ValueError("what comes is no stream of pictures")
            return at + len(self._head) - known
        length, timestamp = _LENGTH.search(self._head, 0, end), _TIMESTAMP.search(self._head, 0, end)
        self._left = int(length[1]) if length else 0
        self._taken_s = float(timestamp[1]) if timestamp else None
        self._head = b""
        return at + end + len(_HEAD_END) - known
