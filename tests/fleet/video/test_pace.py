"""Who gets the next picture: simulated lines and readers, on a clock of their own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest

from fleet.video.connection import Backlog
from fleet.video.pace import Pace
from fleet.video.reader import ROUNDING_BYTES

PERIOD_S = 0.05
ROOM_BYTES = 120_000
PROBE_BYTES = 14


@dataclass
class Simulated:
    """A viewer behind a line of `line_bytes_s` and `delay_s`, who reads `reads_bytes_s`."""

    line_bytes_s: float = 1e9
    delay_s: float = 0.0
    reads_bytes_s: float = 1e9
    room_bytes: int = ROOM_BYTES
    handed: list[tuple[float, int]] = field(default_factory=list)  # when, and how much in all
    arrived: list[tuple[float, float]] = field(default_factory=list)
    read_bytes: float = 0.0
    told_s: float = 0.0
    told_window_bytes: int = ROOM_BYTES
    acknowledged_bytes: float = 0.0
    now_s: float = 0.0
    carried_bytes: float = 0.0

    @property
    def handed_bytes(self) -> int:
        return self.handed[-1][1] if self.handed else 0

    def hand_over(self, size_bytes: int) -> None:
        self.handed.append((self.now_s, self.handed_bytes + size_bytes))

    def advance(self, duration_s: float) -> None:
        """In steps of a millisecond."""
        for _ in range(round(duration_s * 1000)):
            self.now_s += 0.001
            before = self.carried_bytes
            self.carried_bytes = min(self.handed_bytes, self.carried_bytes + self.line_bytes_s * 0.001)
            if self.carried_bytes > before:
                self.arrived.append((self.now_s + self.delay_s, self.carried_bytes))
            while self.arrived and self.arrived[0][0] <= self.now_s:
                self.acknowledged_bytes = self.arrived.pop(0)[1]
                self.told_s = self.now_s
                self.told_window_bytes = self.room_bytes - round(self.acknowledged_bytes - self.read_bytes)
            self.read_bytes = min(self.acknowledged_bytes, self.read_bytes + self.reads_bytes_s * 0.001)

    def backlog(self) -> Backlog:
        waiting_bytes = self.handed_bytes - round(self.acknowledged_bytes)
        return Backlog(waiting_bytes, self.told_window_bytes, self.now_s - self.told_s)


@dataclass
class Watched:
    """A viewer, the pace that it is given, and what came of it."""

    viewer: Simulated
    picture_bytes: int
    pace: Pace = field(default_factory=lambda: Pace(0.0))
    shown_s: list[float] = field(default_factory=list)
    unread_bytes: list[float] = field(default_factory=list)  # as each picture went out
    probed_s: float = 0.0

    def go_on(self, duration_s: float) -> Watched:
        for _ in range(round(duration_s / PERIOD_S)):
            self.viewer.advance(PERIOD_S)
            self._offer(self.viewer.now_s)
        return self

    def _offer(self, now_s: float) -> None:
        if self.pace.allows(now_s, self.viewer.backlog()):
            self.shown_s.append(now_s)
            self.unread_bytes.append(self.viewer.handed_bytes - self.viewer.read_bytes)
            self.viewer.hand_over(self.picture_bytes)
            self.pace.picture_handed_over(now_s, self.picture_bytes)
        elif not self.viewer.backlog().waiting_bytes and now_s - self.probed_s > 0.09:
            self.viewer.hand_over(PROBE_BYTES)
            self.pace.probe_handed_over(PROBE_BYTES)
            self.probed_s = now_s


@pytest.mark.parametrize("delay_s", [0.0, 0.03, 0.1])
def test_a_quick_viewer_gets_every_picture_however_far_away(delay_s: float) -> None:
    watched = Watched(Simulated(delay_s=delay_s), 25_000).go_on(20.0)
    assert len(watched.shown_s) > 0.9 * 20.0 / PERIOD_S
    assert max(watched.unread_bytes) <= 25_000 * (1 + delay_s / PERIOD_S)


@pytest.mark.parametrize("bytes_s", [20_000, 60_000, 200_000])
def test_a_slow_line_never_holds_much_more_than_a_picture(bytes_s: int) -> None:
    watched = Watched(Simulated(line_bytes_s=bytes_s, delay_s=0.02), 10_000).go_on(20.0)
    assert max(watched.unread_bytes) / bytes_s < 0.6
    assert len(watched.shown_s) > 0.4 * 20.0 * min(1 / PERIOD_S, bytes_s / 10_000)


@pytest.mark.parametrize("bytes_s", [10_000, 30_000, 60_000])
def test_a_slow_reader_is_never_more_than_two_pictures_behind(bytes_s: int) -> None:
    watched = Watched(Simulated(reads_bytes_s=bytes_s), 6_000).go_on(20.0)
    assert max(watched.unread_bytes) <= 2 * 6_000 + ROUNDING_BYTES + 4 * PROBE_BYTES
    assert len(watched.shown_s) > 0.3 * 20.0 * min(1 / PERIOD_S, bytes_s / 6_000)


def test_a_viewer_that_stops_reading_gets_little_more() -> None:
    watched = Watched(Simulated(), 10_000).go_on(5.0)
    before = len(watched.shown_s)
    watched.viewer.reads_bytes_s = 0.0
    assert len(watched.go_on(1.0).shown_s) - before <= 3
    assert len(watched.go_on(10.0).shown_s) - before <= 12, "one in a while, in case that it only has less room"


def test_room_that_is_taken_back_does_not_end_the_stream() -> None:
    watched = Watched(Simulated(), 6_000)
    for _ in range(4):
        watched.go_on(5.0)
        watched.viewer.room_bytes -= 20_000
    pauses_s = [later - earlier for earlier, later in itertools.pairwise(watched.shown_s)]
    assert max(pauses_s) < 1.5
    assert len(watched.shown_s) > 300


def test_where_nothing_is_known_nothing_is_held_back() -> None:
    pace = Pace(0.0)
    for k in range(10):
        assert pace.allows(k * PERIOD_S, Backlog())
        pace.picture_handed_over(k * PERIOD_S, 25_000)
