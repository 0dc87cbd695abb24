"""Frames, ages and processor time for more and more viewers, and what slow ones do to the others."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pixelopolis.bench.figure import Figure, percentile
from pixelopolis.bench.stream.part_meter import Arrivals
from pixelopolis.bench.stream.subjects import Subject, donkeycar, our_relay
from pixelopolis.bench.stream.viewers import Audience, watch

VIEWERS = (1, 50, 200, 600)
FAST_BESIDE_SLOW = 30
CRAWL_BYTES_S = 5 * (16_000.0, 32_000.0, 64_000.0, 128_000.0)


@dataclass(frozen=True, slots=True)
class StreamBench:
    """What to measure."""

    donkeycar_python: Path | None = None  # a Python that has it installed, for the baseline
    viewers: tuple[int, ...] = VIEWERS
    settle_s: float = 3.0
    measure_s: float = 10.0


@dataclass(frozen=True, slots=True)
class _Measured:
    """One audience."""

    rate_hz: float  # pictures that the least lucky viewer got
    age_p50_ms: float | None  # None if none saw a picture
    age_p99_ms: float | None
    core_percent: float
    crawling: list[Arrivals]

    @property
    def slow_oldest_s(self) -> float | None:
        """Age of the oldest picture that a slow viewer got, as it got it."""
        return max((age_s for viewer in self.crawling for age_s in viewer.ages_s), default=None)

    @property
    def slow_least(self) -> int:
        """Pictures that the least lucky slow viewer got in all."""
        return min(viewer.count for viewer in self.crawling)


_Parts = tuple[tuple[str, str, str], ...]  # name of a measured value, what it is, its unit
_ALL_PARTS: _Parts = (
    ("rate_hz", "pictures for each", "Hz"),
    ("age_p50_ms", "age p50", "ms"),
    ("age_p99_ms", "age p99", "ms"),
    ("core_percent", "server", "% of a core"),
)
_SLOW_PARTS: _Parts = (("slow_oldest_s", "oldest picture", "s"), ("slow_least", "pictures for one", ""))


def bench_stream(plan: StreamBench, note: Callable[[str], None]) -> list[Figure]:
    """Measure the relay and, where a Python with it is given, Donkeycar.

    Raises:
        RuntimeError: if a process dies, or the system does not tell processor times.
    """
    return asyncio.run(_bench(plan, note))


async def _bench(plan: StreamBench, note: Callable[[str], None]) -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory(prefix="pixelopolis-bench-") as folder:
        work_dir = Path(folder)
        async with our_relay(work_dir) as ours:
            for count in plan.viewers:
                note(f"{count} viewers of one camera")
                both = await _beside_baseline(ours, plan, work_dir, partial(_measure, count=count))
                figures += _figures(f"{count} viewer{'s' * (count > 1)}", *both)
            note(f"{FAST_BESIDE_SLOW} viewers alone, and beside {len(CRAWL_BYTES_S)} slow ones")
            alone = await _beside_baseline(ours, plan, work_dir, partial(_measure, count=FAST_BESIDE_SLOW))
            figures += _figures(f"{FAST_BESIDE_SLOW} viewers alone", *alone)
            measure = partial(_measure, count=FAST_BESIDE_SLOW, crawl_bytes_s=CRAWL_BYTES_S)
            beside = await _beside_baseline(ours, plan, work_dir, measure)
            figures += _figures(f"{FAST_BESIDE_SLOW} viewers beside {len(CRAWL_BYTES_S)} slow ones", *beside)
            figures += _figures(f"{len(CRAWL_BYTES_S)} slow viewers", *beside, _SLOW_PARTS)
    return figures


async def _beside_baseline(
    ours: Subject, plan: StreamBench, work_dir: Path, measure: Callable[[Subject, StreamBench], Awaitable[_Measured]]
) -> tuple[_Measured, _Measured | None]:
    """Ours, then the baseline, which is started anew each time, as it goes on encoding for viewers that have left."""
    measured = await measure(ours, plan)
    if plan.donkeycar_python is None:
        return measured, None
    async with donkeycar(plan.donkeycar_python, work_dir) as theirs:
        return measured, await measure(theirs, plan)


async def _measure(subject: Subject, plan: StreamBench, count: int, crawl_bytes_s: tuple[float, ...] = ()) -> _Measured:
    audience = Audience(
        subject.url,
        count,
        subject.crawl_url,
        crawl_bytes_s,
        subject.has_timestamps,
        subject.headers,
        subject.process_id,
        settle_s=plan.settle_s,
        measure_s=plan.measure_s,
    )
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as viewers:
        seen = await asyncio.get_running_loop().run_in_executor(viewers, watch, audience)
    ages_ms = [1000 * age_s for viewer in seen.viewers for age_s in viewer.ages_s]
    return _Measured(
        min(viewer.count for viewer in seen.viewers) / seen.measured_s,
        percentile(ages_ms, 0.5) if ages_ms else None,
        percentile(ages_ms, 0.99) if ages_ms else None,
        100 * seen.server_busy_s / seen.measured_s,
        seen.crawling,
    )


def _figures(name: str, ours: _Measured, theirs: _Measured | None, parts: _Parts = _ALL_PARTS) -> list[Figure]:
    figures = []
    for key, what, unit in parts:
        value = getattr(ours, key)
        if value is None:
            raise RuntimeError(f"bench stream: {name}: no picture came")
        figures.append(Figure(f"{name}: {what}", value, unit, getattr(theirs, key) if theirs else None))
    return figures
