"""One viewer's stream: what goes out, in which size, and that nothing is left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fleet.clock import ManualClock
from fleet.video.connection import Backlog, UnknownConnection
from fleet.video.multipart import DELIMITER, FIRST_PROBE, PROBE, picture_part
from fleet.video.stream import MOST_PROBES, stream_parts
from fleet.video.variant import OverlayChoice, PictureSize, SizeChoice, StreamRequest, Variant

PERIOD_S = 0.05


@dataclass(frozen=True)
class Shown:
    part: bytes


@dataclass
class Pictures:
    """A camera that gives so many pictures, each of which says what it is of."""

    clock: ManualClock
    count: int
    watchers: Counter[Variant] = field(default_factory=Counter)

    @asynccontextmanager
    async def watch(self, variant: Variant) -> AsyncIterator[Pictures.Watcher]:
        self.watchers[variant] += 1
        try:
            yield self.Watcher(self, variant)
        finally:
            self.watchers[variant] -= 1

    @dataclass
    class Watcher:
        pictures: Pictures
        variant: Variant

        async def next(self) -> Shown | None:
            if self.pictures.count == 0:
                return None
            self.pictures.count -= 1
            self.pictures.clock.advance(PERIOD_S)
            return Shown(picture_part(f"{self.variant.size} {self.variant.overlay}".encode(), {}))


@dataclass
class Stuck:
    """A viewer that reads nothing: whenever one looks, it has less room."""

    window_bytes: int = 4_000_000

    def backlog(self) -> Backlog:
        self.window_bytes -= 2_000
        return Backlog(window_bytes=self.window_bytes)


async def test_a_stream_begins_with_a_boundary_and_grows_into_the_best_size() -> None:
    pictures = Pictures(ManualClock(), 100)
    parts = [part async for part in stream_parts(pictures.watch, StreamRequest(), UnknownConnection(), pictures.clock)]
    assert parts[0] == DELIMITER
    assert len(parts) == 101
    assert parts[1] == picture_part(b"coarse True", {})
    assert parts[-1] == picture_part(b"full True", {})
    assert all(part.endswith(DELIMITER) for part in parts)
    assert not +pictures.watchers


async def test_what_was_asked_for_stays() -> None:
    pictures = Pictures(ManualClock(), 100)
    request = StreamRequest(SizeChoice.SMALL, OverlayChoice.OFF)
    parts = [part async for part in stream_parts(pictures.watch, request, UnknownConnection(), pictures.clock)]
    assert set(parts[1:]) == {picture_part(b"small False", {})}


async def test_one_that_reads_nothing_gets_few_pictures_and_probes() -> None:
    pictures = Pictures(ManualClock(), 1000)
    parts = [part async for part in stream_parts(pictures.watch, StreamRequest(), Stuck(), pictures.clock)]
    probes = [part for part in parts if part == PROBE]
    assert parts[2] == FIRST_PROBE
    assert parts.count(FIRST_PROBE) == 1
    assert len(probes) < 1000 * PERIOD_S / 0.09
    shown = [part for part in parts if part.endswith(DELIMITER)][1:]
    assert 10 < len(shown) < 1000 * PERIOD_S / 0.3
    assert shown[-1] == picture_part(b"small True", {})
    assert len(probes) <= MOST_PROBES * len(shown)


async def test_a_viewer_that_goes_lets_go_of_the_pictures() -> None:
    pictures = Pictures(ManualClock(), 1000)
    stream = stream_parts(pictures.watch, StreamRequest(), UnknownConnection(), pictures.clock)
    for _ in range(3):
        await anext(stream)
    assert pictures.watchers[Variant(PictureSize.COARSE)] == 1
    await stream.aclose()
    assert not +pictures.watchers


def test_headers_are_of_the_next_picture() -> None:
    """A probe is a line of the next part's head, so it must be one whole line."""
    for probe in (PROBE, FIRST_PROBE):
        assert probe.endswith(b"\r\n")
        assert b"\r\n\r\n" not in probe
        assert max(map(len, probe.split(b"\r\n"))) < 120  # ffmpeg reads no longer lines
